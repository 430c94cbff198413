/**
 * Gates: the dense kernels against a float64 product; relative L2 below 1e-6 for every shape, also those that are no
 * multiple of the register tile.
 */
import { describe, expect, it } from 'vitest';
import { normals, relativeL2 } from '../../../test/numbers.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';

const module = loadKernelModule();

function product(
  M: number,
  N: number,
  K: number,
  a: Float32Array,
  b: Float32Array,
  init: (m: number, n: number) => number,
) {
  const out = new Float64Array(M * N);
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      let sum = init(m, n);
      for (let k = 0; k < K; k++) sum += a[m * K + k] * b[k * N + n];
      out[m * N + n] = sum;
    }
  return out;
}

const shapes = [
  [1, 4, 1],
  [5, 16, 10],
  [33, 64, 15],
  [7, 36, 65],
  [64, 128, 128],
  [19, 256, 64],
];

describe('gemm kernels', () => {
  it.each(shapes)('multiplies %i × %i × %i with a bias, accumulates, and transposes', (M, N, K) => {
    const h = new KernelHarness(module);
    const a = normals(1, M * K);
    const b = normals(2, K * N);
    const bias = normals(3, N);
    const [A, B, I] = [h.memory.place(a), h.memory.place(b), h.memory.place(bias)];
    const P = h.memory.allocateFloats(K * N);
    const C = h.memory.allocateFloats(M * N);
    h.kernels.packPanels(K, N, B, N, P);
    h.kernels.gemm(M, N, K, A, K, P, I, 0, C, N);
    expect(
      relativeL2(
        h.read(C, M * N),
        product(M, N, K, a, b, (_, n) => bias[n]),
      ),
    ).toBeLessThan(1e-6);
    h.kernels.gemmRelu(M, N, K, A, K, P, I, 0, C, N);
    const floored = product(M, N, K, a, b, (_, n) => bias[n]).map((v) => Math.max(0, v));
    expect(relativeL2(h.read(C, M * N), floored)).toBeLessThan(1e-6);
    const once = h.read(C, M * N);
    h.kernels.gemm(M, N, K, A, K, P, C, N, C, N);
    expect(
      relativeL2(
        h.read(C, M * N),
        product(M, N, K, a, b, (m, n) => once[m * N + n]),
      ),
    ).toBeLessThan(1e-6);
  });

  it.each(shapes)('multiplies by the transpose, %i × %i × %i', (M, N, K) => {
    const h = new KernelHarness(module);
    const a = normals(1, M * K);
    const b = normals(2, K * N);
    const stored = new Float32Array(N * K);
    for (let k = 0; k < K; k++) for (let n = 0; n < N; n++) stored[n * K + k] = b[k * N + n];
    const [A, B] = [h.memory.place(a), h.memory.place(stored)];
    const [P, C, zeros] = [h.memory.allocateFloats(K * N), h.memory.allocateFloats(M * N), h.memory.allocateFloats(N)];
    h.kernels.packPanelsTransposed(K, N, N, B, K, P);
    h.kernels.gemm(M, N, K, A, K, P, zeros, 0, C, N);
    expect(
      relativeL2(
        h.read(C, M * N),
        product(M, N, K, a, b, () => 0),
      ),
    ).toBeLessThan(1e-6);
  });

  it.each(shapes)('accumulates a weight gradient, %i × %i × %i', (M, N, K) => {
    const h = new KernelHarness(module);
    const a = normals(1, M * K);
    const d = normals(2, M * N);
    const w = normals(3, K * N);
    const transposed = new Float32Array(K * M);
    for (let m = 0; m < M; m++) for (let k = 0; k < K; k++) transposed[k * M + m] = a[m * K + k];
    const [A, D, W] = [h.memory.place(a), h.memory.place(d), h.memory.place(w)];
    h.kernels.gemmTransposed(M, K, N, A, K, D, N, W, N);
    expect(
      relativeL2(
        h.read(W, K * N),
        product(K, N, M, transposed, d, (k, n) => w[k * N + n]),
      ),
    ).toBeLessThan(1e-6);
  });

  it('multiplies by a lower triangular matrix', () => {
    const h = new KernelHarness(module);
    const [M, K] = [13, 48];
    const a = normals(1, M * K);
    const b = normals(2, K * K);
    for (let k = 0; k < K; k++) for (let n = k + 1; n < K; n++) b[k * K + n] = 0;
    const [A, B] = [h.memory.place(a), h.memory.place(b)];
    const [P, C, zeros] = [h.memory.allocateFloats(K * K), h.memory.allocateFloats(M * K), h.memory.allocateFloats(K)];
    h.kernels.packPanels(K, K, B, K, P);
    h.kernels.gemmLowerTriangular(M, K, A, K, P, zeros, C, K);
    expect(
      relativeL2(
        h.read(C, M * K),
        product(M, K, K, a, b, () => 0),
      ),
    ).toBeLessThan(1e-6);
  });

  it('starts each group from its own row and sums groups', () => {
    const h = new KernelHarness(module);
    const [groups, M, N, K] = [3, 5, 20, 7];
    const a = normals(1, groups * M * K);
    const b = normals(2, K * N);
    const rows = normals(3, groups * N);
    const [A, B, I] = [h.memory.place(a), h.memory.place(b), h.memory.place(rows)];
    const [P, C, S] = [
      h.memory.allocateFloats(K * N),
      h.memory.allocateFloats(groups * M * N),
      h.memory.allocateFloats(groups * N),
    ];
    h.kernels.packPanels(K, N, B, N, P);
    h.kernels.gemmReluGrouped(groups, M, N, K, A, K, P, I, N, C, N);
    const expected = product(groups * M, N, K, a, b, (m, n) => rows[Math.floor(m / M) * N + n]).map((v) =>
      Math.max(0, v),
    );
    expect(relativeL2(h.read(C, groups * M * N), expected)).toBeLessThan(1e-6);
    h.kernels.groupSums(groups, M, N, C, N, S, N);
    const sums = new Float64Array(groups * N);
    for (let m = 0; m < groups * M; m++)
      for (let n = 0; n < N; n++) sums[Math.floor(m / M) * N + n] += expected[m * N + n];
    expect(relativeL2(h.read(S, groups * N), sums)).toBeLessThan(1e-6);
  });

  it('applies the gradient of ReLU', () => {
    const h = new KernelHarness(module);
    const values = normals(1, 8 * 12);
    const gradient = normals(2, 8 * 12);
    const [C, G] = [h.memory.place(values), h.memory.place(gradient)];
    h.kernels.reluBackward(8, 12, G, 12, C, 12);
    expect([...h.read(G, 96)]).toEqual([...gradient].map((g, i) => (values[i] > 0 ? g : 0)));
  });
});
