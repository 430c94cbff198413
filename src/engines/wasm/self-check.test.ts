import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { kernelsAgree } from './self-check.ts';

describe('self-check of the kernels', () => {
  it('accepts this machine’s kernels, with and without 256-bit vectors', () => {
    expect(kernelsAgree(loadKernelModule())).toBe(true);
    expect(kernelsAgree(loadKernelModule({ wideVectors: false }))).toBe(true);
  });

  it('accepts the plain SIMD fallback', () => {
    const bytes = readFileSync(new URL('../../../build/kernels-simd.wasm', import.meta.url));
    expect(kernelsAgree(new WebAssembly.Module(new Uint8Array(bytes)))).toBe(true);
  });

  it('refuses kernels that compute something else', () => {
    const bytes = new Uint8Array(readFileSync(new URL('../../../build/kernels-simd.wasm', import.meta.url)));
    // f32x4.mul (fd e6 01) becomes f32x4.add (fd e4 01) everywhere.
    for (let i = 0; i + 2 < bytes.length; i++)
      if (bytes[i] === 0xfd && bytes[i + 1] === 0xe6 && bytes[i + 2] === 0x01) bytes[i + 1] = 0xe4;
    expect(kernelsAgree(new WebAssembly.Module(bytes))).toBe(false);
  });
});
