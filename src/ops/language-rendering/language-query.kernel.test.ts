/**
 * Gates: the swept second layer against the layer multiplied out in float64 at every scale, relative L2 below 2e-6, also
 * after 30 steps; pruning against a plain filter.
 */
import { describe, expect, it } from 'vitest';
import { normals, relativeL2, uniforms } from '../../../test/numbers.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';

const module = loadKernelModule();

describe('a sweep over scales', () => {
  const [rows, width, outputs] = [9, 32, 20];
  const base = normals(1, rows * width);
  const row = normals(2, width);
  const weight = normals(3, width * outputs);

  function direct(scale: number): Float64Array {
    const out = new Float64Array(rows * outputs);
    for (let m = 0; m < rows; m++)
      for (let u = 0; u < width; u++) {
        const unit = Math.max(0, base[m * width + u] + scale * row[u]);
        for (let o = 0; o < outputs; o++) out[m * outputs + o] += unit * weight[u * outputs + o];
      }
    return out;
  }

  it.each([
    ['of thirty scales', Array.from({ length: 30 }, (_, i) => (1.5 * i) / 29)],
    ['that jumps to and fro', [0.3, 1.4, 0, 0.9, 0.9, 0.2]],
  ])('%s gives what each scale gives by itself', (_, list) => {
    const scales = Float32Array.from(list);
    const h = new KernelHarness(module);
    const [B, R, W] = [base, row, weight].map((values) => h.memory.place(values));
    const packed = h.memory.allocateFloats(width * outputs);
    const [hidden, z, slope, out, zeros] = [rows * width, rows * outputs, rows * outputs, rows * outputs, outputs].map(
      (count) => h.memory.allocateFloats(count),
    );
    h.kernels.packPanels(width, outputs, W, outputs, packed);
    h.kernels.shiftedRelu(rows, width, B, R, scales[0], hidden);
    h.kernels.gemm(rows, outputs, width, hidden, width, packed, zeros, 0, z, outputs);
    h.kernels.activeSlope(rows, width, B, R, scales[0], hidden);
    h.kernels.gemm(rows, outputs, width, hidden, width, packed, zeros, 0, slope, outputs);
    let before = scales[0];
    for (const scale of scales) {
      h.kernels.sweepStep(rows, width, outputs, B, R, W, before, scale, z, slope, out);
      const expected = direct(scale);
      expect(relativeL2(h.read(z, rows * outputs), expected), `scale ${scale}`).toBeLessThan(2e-6);
      const positive = expected.map((value) => Math.max(0, value));
      expect(relativeL2(h.read(out, rows * outputs), positive), `scale ${scale}`).toBeLessThan(2e-6);
      before = scale;
    }
  });
});

describe('pruning', () => {
  it('drops the samples that carry no more than their share of the ray', () => {
    const [rays, samples, share] = [4, 5, 0.1];
    const weights = uniforms(5, rays * samples);
    weights.fill(0, samples, 2 * samples);
    const mids = uniforms(6, rays * samples);
    const h = new KernelHarness(module);
    const [R, W, M] = [h.memory.allocate(rays * samples * 4), h.memory.place(weights), h.memory.place(mids)];
    const left = h.kernels.pruneSamples(rays, samples, share, R, W, M);
    const expected: number[][] = [];
    for (let r = 0; r < rays; r++) {
      const own = weights.subarray(r * samples, (r + 1) * samples);
      const least = share * own.reduce((sum, w) => sum + w, 0);
      own.forEach((w, k) => {
        if (w > least) expected.push([r, w, mids[r * samples + k]]);
      });
    }
    const found = Array.from({ length: left }, (_, i) => [
      h.memory.words(R, left)[i],
      h.read(W, left)[i],
      h.read(M, left)[i],
    ]);
    expect(found).toEqual(expected);
    expect(expected.some(([ray]) => ray === 1)).toBe(false);
  });
});
