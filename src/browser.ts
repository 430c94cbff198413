/** The machine of the library in a browser: engine threads and compiled kernels, image codecs, files over HTTP and the browser's own. */
export { type HttpFilesOptions, httpFiles, type ListedFile } from './platform/browser/http-files.ts';
export { type BrowserImages, browserImages } from './platform/browser/images.ts';
export { type BrowserMachine, browserMachine, browserTrainingMachine } from './platform/browser/index.ts';
export { storedFiles } from './platform/browser/stored-files.ts';
