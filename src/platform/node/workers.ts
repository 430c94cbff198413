/**
 * A worker thread behind the WorkerHandle interface: messages queue up until someone receives them, and a worker
 * that dies rejects everyone who waits. A worker keeps the program alive only while somebody waits for it.
 */
import { Worker } from 'node:worker_threads';
import { MessageQueue } from '../message-queue.ts';
import type { WorkerHandle } from '../platform.ts';

export function spawnWorker(script: URL): WorkerHandle {
  const worker = new Worker(script);
  const queue = new MessageQueue();
  worker.on('message', (message: unknown) => {
    queue.push(message);
    if (queue.idle) worker.unref();
  });
  worker.on('messageerror', (error) => queue.die(error));
  worker.on('error', (error) => queue.die(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => queue.die(new Error(`a worker thread stopped early (exit code ${code})`)));
  worker.unref();

  return {
    send(message) {
      queue.requireAlive();
      worker.postMessage(message);
    },
    receive() {
      const message = queue.receive();
      if (!queue.idle) worker.ref();
      return message;
    },
    async terminate() {
      queue.die(new Error('this worker thread was terminated'));
      await worker.terminate();
    },
  };
}
