/** The page's end of the session worker: starts it, hands requests over, and tells when it dies. */
import type { EngineChoice } from '../session/engine-status.ts';
import type { FromSession, ToSession, ViewRequest } from '../session/protocol.ts';

export interface SessionClient {
  show(request: ViewRequest): void;
  prepare(): void;
  chooseEngine(engine: EngineChoice): void;
  close(): void;
}

export function openSession(
  base: string,
  engine: EngineChoice,
  receive: (message: FromSession) => void,
): SessionClient {
  const worker = new Worker(new URL('../session/session-worker.ts', import.meta.url), {
    type: 'module',
    name: 'langfield session',
  });
  const fatal = (message: string) => receive({ kind: 'failed', scope: 'fatal', message });
  worker.onmessage = ({ data }: MessageEvent<FromSession>) => receive(data);
  worker.onmessageerror = () => fatal('A picture could not be read from the worker.');
  worker.onerror = (event) => {
    event.preventDefault();
    fatal(event.message || 'The worker that renders the scene could not be started.');
  };
  const send = (message: ToSession) => worker.postMessage(message);
  send({ kind: 'open', base, engine });
  return {
    show: (request) => send({ kind: 'show', request }),
    prepare: () => send({ kind: 'prepare' }),
    chooseEngine: (choice) => send({ kind: 'engine', engine: choice }),
    close: () => worker.terminate(),
  };
}
