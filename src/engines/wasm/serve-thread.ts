/** The loop of a worker: commands in, replies out. The platform supplies the two functions. */
import { describeParameters } from '../../field/parameters.ts';
import { EngineThread } from './engine-thread.ts';
import { parameterLayout } from './layout.ts';
import type { ThreadCommand, ThreadReply } from './messages.ts';

export function serveThread(reply: (message: ThreadReply) => void): (command: ThreadCommand) => void {
  let thread: EngineThread | undefined;
  const obey = (command: ThreadCommand): number => {
    if (command.kind === 'start') {
      thread = new EngineThread(command, parameterLayout(describeParameters(command.plan.config)));
      return 0;
    }
    if (!thread) throw new Error(`the engine thread was asked to ${command.kind} before it was started`);
    if (command.kind === 'train') return thread.train(command);
    thread.render(command);
    return 0;
  };
  return (command) => {
    try {
      reply({ kind: 'done', lostGradients: obey(command) });
    } catch (error) {
      const { message, stack = '' } = error as Error;
      reply({ kind: 'failed', message, stack });
    }
  };
}
