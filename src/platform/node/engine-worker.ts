/** Entry point of a CPU engine worker in Node. */
import { parentPort } from 'node:worker_threads';
import { serveThread } from '../../engines/wasm/serve-thread.ts';

if (parentPort) {
  const port = parentPort;
  port.on(
    'message',
    serveThread((message) => port.postMessage(message)),
  );
}
