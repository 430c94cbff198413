/**
 * A "thread" that works on the caller's own: for a browser page that may not share memory. Every message is answered in
 * a task of its own, so that whoever waits for the answer also sees other events in between.
 */
import { MessageQueue } from '../message-queue.ts';
import type { WorkerHandle } from '../platform.ts';

/** @param serve the thread's loop; gets a function to reply with */
export function inlineWorker<Command>(
  serve: (reply: (message: unknown) => void) => (command: Command) => void,
): WorkerHandle {
  const queue = new MessageQueue();
  const { port1, port2 } = new MessageChannel();
  const waiting: Command[] = [];
  const obey = serve((message) => queue.push(message));
  // The command itself stays here: shared memory would be refused by the port.
  port1.onmessage = () => {
    const command = waiting.shift();
    if (command !== undefined) obey(command);
  };
  return {
    send(message) {
      queue.requireAlive();
      waiting.push(message as Command);
      port2.postMessage(undefined);
    },
    receive: () => queue.receive(),
    async terminate() {
      queue.die(new Error('this worker thread was terminated'));
      port1.close();
    },
  };
}
