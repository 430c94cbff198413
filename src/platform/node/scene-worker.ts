/** Entry point of a thread that renders built-in scenes in Node. */
import { parentPort } from 'node:worker_threads';
import { type RenderRequest, sceneServer } from '../../scenes/serve-scene.ts';

if (parentPort) {
  const port = parentPort;
  const serve = sceneServer((reply, transfer) => port.postMessage(reply, transfer as ArrayBuffer[]));
  port.on('message', (request: RenderRequest) => serve(request));
}
