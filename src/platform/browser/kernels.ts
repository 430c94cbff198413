/** The compiled CPU kernels in the browser: relaxed SIMD where the engine has it, plain SIMD elsewhere. */
import { LangfieldError } from '../../errors.ts';

const variants = [
  new URL('../../../build/kernels-relaxed.wasm', import.meta.url),
  new URL('../../../build/kernels-simd.wasm', import.meta.url),
];

export async function loadKernels(): Promise<WebAssembly.Module> {
  for (const url of variants) {
    const response = await fetch(url);
    if (!response.ok)
      throw new LangfieldError({
        problem: 'the CPU kernels could not be loaded',
        file: url.href,
        found: `status ${response.status}`,
        advice: 'Reload the page; if that does not help, build or export the viewer again',
      });
    const bytes = await response.arrayBuffer();
    if (WebAssembly.validate(bytes)) return WebAssembly.compile(bytes);
  }
  throw new LangfieldError({
    problem: 'this browser has no WebAssembly SIMD',
    advice: 'Use a current version of Chrome, Edge, Firefox or Safari',
  });
}
