/** Entry point of a CPU engine worker in the browser. */
import { serveThread } from '../../engines/wasm/serve-thread.ts';

const serve = serveThread((message) => self.postMessage(message));
self.onmessage = ({ data }) => serve(data);
