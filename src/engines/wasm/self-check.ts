/**
 * A check of the compiled kernels on this very machine before they are trusted: optimising compilers for 256-bit
 * vectors are young. It compares the dense kernels, the hash grid and the compositing, which between them use every
 * vector pattern of the module, with plain arithmetic.
 */
import { hashGridLevels } from '../../ops/hash-grid/levels.ts';
import { KernelHarness } from './harness.ts';
import { levelWords } from '../../ops/hash-grid/level-words.ts';

const tolerance = 1e-4;

/** Deterministic numbers in [-1, 1). */
function numbers(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    if (!(Math.abs(actual[i] - expected[i]) <= allowed)) return false;
  }
  return true;
}

function denseKernelsAgree(h: KernelHarness): boolean {
  const [M, N, K] = [11, 36, 21];
  const [a, b, bias] = [numbers(M * K, 1), numbers(K * N, 2), numbers(N, 3)];
  const product = new Float64Array(M * N);
  const gradient = new Float64Array(K * N);
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      let sum = bias[n];
      for (let k = 0; k < K; k++) sum += a[m * K + k] * b[k * N + n];
      product[m * N + n] = Math.max(0, sum);
    }
  for (let k = 0; k < K; k++)
    for (let n = 0; n < N; n++) for (let m = 0; m < M; m++) gradient[k * N + n] += a[m * K + k] * product[m * N + n];
  const [A, B, I] = [h.memory.place(a), h.memory.place(b), h.memory.place(bias)];
  const [P, C, W] = [K * N, M * N, K * N].map((count) => h.memory.allocateFloats(count + 16));
  h.kernels.packPanels(K, N, B, N, P);
  h.kernels.gemmRelu(M, N, K, A, K, P, I, 0, C, N);
  h.kernels.gemmTransposed(M, K, N, A, K, C, N, W, N);
  return near(h.read(C, M * N), product) && near(h.read(W, K * N), gradient);
}

/** A grid whose table holds one linear function of the node: interpolation must give that function back. */
function gridKernelsAgree(h: KernelHarness): boolean {
  const grid = { levels: 1, features: 4, log2Entries: 12, baseResolution: 9, maxResolution: 9 };
  const levels = hashGridLevels(grid);
  const { resolution, entries, scale } = levels[0];
  const table = new Float32Array(entries * 4);
  for (let row = 0; row < resolution ** 3; row++) {
    const node = [row % resolution, Math.floor(row / resolution) % resolution, Math.floor(row / resolution ** 2)];
    for (let f = 0; f < 4; f++) table[row * 4 + f] = (f + 1) * (node[0] - 2 * node[1] + 3 * node[2]);
  }
  const points = 13;
  const coords = numbers(points * 3, 4).map((x) => 0.45 + 0.4 * x);
  const words = h.memory.allocate(20);
  h.memory.words(words, 5).set(levelWords(levels));
  const [X, T, out] = [h.memory.place(coords), h.memory.place(table), h.memory.allocateFloats(points * 4)];
  h.kernels.hashGridForward4(points, X, T, words, 1, out, 4);
  const expected = Float64Array.from({ length: points * 4 }, (_, i) => {
    const [x, y, z] = [0, 1, 2].map((axis) => coords[Math.floor(i / 4) * 3 + axis] * scale + 0.5);
    return ((i % 4) + 1) * (x - 2 * y + 3 * z);
  });
  return near(h.read(out, points * 4), expected);
}

function compositingAgrees(h: KernelHarness): boolean {
  const samples = 19;
  const density = numbers(samples, 5).map((x) => 2 + 2 * x);
  const edges = Float32Array.from({ length: samples + 1 }, (_, i) => 0.1 * i + 0.01 * i * i);
  const [D, E, W] = [h.memory.place(density), h.memory.place(edges), h.memory.allocateFloats(samples)];
  h.kernels.compositeWeights(1, samples, D, E, W);
  let depth = 0;
  const expected = Float64Array.from({ length: samples }, (_, i) => {
    const thickness = density[i] * (edges[i + 1] - edges[i]);
    const weight = (1 - Math.exp(-thickness)) * Math.exp(-depth);
    depth += thickness;
    return weight;
  });
  return near(h.read(W, samples), expected);
}

export function kernelsAgree(module: WebAssembly.Module): boolean {
  const harness = new KernelHarness(module);
  return denseKernelsAgree(harness) && gridKernelsAgree(harness) && compositingAgrees(harness);
}
