/**
 * Finds the compiled CPU kernels of this package; falls back to plain SIMD where relaxed SIMD is missing. V8 can pair
 * 128-bit operations into 256-bit ones; that is an experimental switch of the whole process, so the engine checks the
 * kernels' results and asks for a module without it when they are wrong (`wideVectors: false`).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { LangfieldError } from '../../errors.ts';

const variants = ['kernels-relaxed.wasm', 'kernels-simd.wasm'];

export interface KernelOptions {
  /** Let V8 use 256-bit vectors; true unless LANGFIELD_WIDE_VECTORS is 0. */
  wideVectors?: boolean;
}

/** The V8 of Node 20 does not know the switch and complains of it on the terminal. */
const knowsRevectorize = Number(process.versions.v8.split('.')[0]) >= 12;

/** Must run before the module is compiled. Without the baseline compiler every call runs the optimised code at once. */
function setVectorWidth(wide: boolean): void {
  if (knowsRevectorize)
    setFlagsFromString(wide ? '--experimental-wasm-revectorize' : '--no-experimental-wasm-revectorize');
  setFlagsFromString('--no-liftoff');
}

export function loadKernelModule(options: KernelOptions = {}): WebAssembly.Module {
  setVectorWidth(options.wideVectors ?? process.env.LANGFIELD_WIDE_VECTORS !== '0');
  for (const variant of variants) {
    const file = fileURLToPath(new URL(`../../../build/${variant}`, import.meta.url));
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(readFileSync(file));
    } catch {
      throw new LangfieldError({
        problem: 'the compiled CPU kernels are missing',
        file,
        advice: 'Run "npm run build" in a clone of langfield, or install the package again',
      });
    }
    if (WebAssembly.validate(bytes)) return new WebAssembly.Module(bytes);
  }
  throw new LangfieldError({
    problem: 'this JavaScript engine has no WebAssembly SIMD',
    advice: 'Use Node 22.18 or newer, or a current browser',
  });
}
