/** What a Vite page does with the package: the engine on the browser's machine. */
import { browserMachine } from 'langfield/browser';
import { picture } from './picture.js';

picture(browserMachine()).then(
  (rgb) => Object.assign(globalThis, { rgb }),
  (error: unknown) => Object.assign(globalThis, { rgb: String(error) }),
);
