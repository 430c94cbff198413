/** Finds the compiled CPU kernels of this package; falls back to plain SIMD where relaxed SIMD is missing. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LangfieldError } from '../../errors.ts';

const variants = ['kernels-relaxed.wasm', 'kernels-simd.wasm'];

export function loadKernelModule(): WebAssembly.Module {
  for (const variant of variants) {
    const file = fileURLToPath(new URL(`../../../build/${variant}`, import.meta.url));
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(readFileSync(file));
    } catch {
      throw new LangfieldError({
        problem: 'the compiled CPU kernels are missing',
        file,
        advice: 'Run "npm run build" in the langfield folder',
      });
    }
    if (WebAssembly.validate(bytes)) return new WebAssembly.Module(bytes);
  }
  throw new LangfieldError({
    problem: 'this JavaScript engine has no WebAssembly SIMD',
    advice: 'Use Node 22.18 or newer, or a current browser',
  });
}
