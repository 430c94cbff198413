/** The machine of the library in Node: files, image codecs, worker threads, ONNX Runtime. */
export { loadNodeRuntime } from './encoders/node-runtime.ts';
export { nodePlatform } from './platform/node/index.ts';
