/**
 * Threads of the CPU engine in the browser. A page without cross-origin isolation cannot share memory between
 * workers; there the one thread is the caller's own (inline-worker.ts), and the engine must be made with one thread.
 */
import { MessageQueue } from '../message-queue.ts';
import type { WorkerHandle } from '../platform.ts';

export function spawnEngineWorker(): WorkerHandle {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
    type: 'module',
    name: 'langfield engine',
  });
  const queue = new MessageQueue();
  worker.onmessage = ({ data }) => queue.push(data);
  worker.onmessageerror = () => queue.die(new Error('a message from an engine thread could not be read'));
  worker.onerror = (event) => queue.die(new Error(event.message || 'an engine thread could not be started'));
  return {
    send(message) {
      queue.requireAlive();
      worker.postMessage(message);
    },
    receive: () => queue.receive(),
    async terminate() {
      queue.die(new Error('this worker thread was terminated'));
      worker.terminate();
    },
  };
}
