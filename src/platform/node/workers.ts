/**
 * A worker thread behind the WorkerHandle interface: messages queue up until someone receives them, and a worker
 * that dies rejects everyone who waits. A worker keeps the program alive only while somebody waits for it.
 */
import { Worker } from 'node:worker_threads';
import type { WorkerHandle } from '../platform.ts';

interface Waiter {
  resolve(message: unknown): void;
  reject(error: Error): void;
}

export function spawnWorker(script: URL): WorkerHandle {
  const worker = new Worker(script);
  const messages: unknown[] = [];
  const waiters: Waiter[] = [];
  let death: Error | undefined;

  const die = (error: Error) => {
    death ??= error;
    for (const waiter of waiters.splice(0)) waiter.reject(death);
  };
  worker.on('message', (message: unknown) => {
    const waiter = waiters.shift();
    if (waiter === undefined) messages.push(message);
    else waiter.resolve(message);
    if (waiters.length === 0) worker.unref();
  });
  worker.on('messageerror', (error) => die(error));
  worker.on('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => die(new Error(`a worker thread stopped early (exit code ${code})`)));
  worker.unref();

  return {
    send(message) {
      if (death !== undefined) throw death;
      worker.postMessage(message);
    },
    receive() {
      if (messages.length > 0) return Promise.resolve(messages.shift());
      if (death !== undefined) return Promise.reject(death);
      worker.ref();
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
    async terminate() {
      death ??= new Error('this worker thread was terminated');
      await worker.terminate();
      die(death);
    },
  };
}
