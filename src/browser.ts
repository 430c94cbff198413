/** The machine of the library in a browser: engine threads and compiled kernels, image codecs, files over HTTP. */
export { type HttpFilesOptions, httpFiles, type ListedFile } from './platform/browser/http-files.ts';
export { type BrowserImages, browserImages } from './platform/browser/images.ts';
export { type BrowserMachine, browserMachine } from './platform/browser/index.ts';
