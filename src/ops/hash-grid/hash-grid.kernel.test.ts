/**
 * Gates: the CPU kernels against the float64 reference, dense, wrapping and hashed levels, 2, 4 and 8 features:
 * relative L2 below 2e-5 (positions are float32: a scale of 1024 costs three digits of the fraction).
 */
import { describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../test/numbers.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { levelWords } from './level-words.ts';
import { randomNormal, randomUniform } from '../../math/random.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { encodeHashGrid, encodeHashGridBackward } from './hash-grid.ts';
import { hashGridLevels } from './levels.ts';

const module = loadKernelModule();
const points = 37;

function setUp(features: number) {
  const grid = { levels: 5, features, log2Entries: 10, baseResolution: 4, maxResolution: 200 };
  const levels = hashGridLevels(grid);
  const rows = levels.reduce((sum, level) => sum + level.entries, 0);
  const coords = Float32Array.from({ length: points * 3 }, (_, i) =>
    i < 6 ? (i < 3 ? 0 : 0.999999) : randomUniform(1, 9, i),
  );
  const table = Float32Array.from({ length: rows * features }, (_, i) => randomNormal(2, 9, i));
  const gradient = Float32Array.from({ length: points * 5 * features }, (_, i) => randomNormal(3, 9, i));
  const h = new KernelHarness(module);
  const words = h.memory.allocate(levels.length * 20);
  h.memory.words(words, levels.length * 5).set(levelWords(levels));
  return { grid, levels, rows, coords, table, gradient, h, words };
}

describe.each([2, 4, 8])('hash grid kernels with %i features', (features) => {
  const { grid, levels, rows, coords, table, gradient, h, words } = setUp(features);
  const width = levels.length * features;
  const stride = width + 4;
  const [X, T] = [h.memory.place(coords), h.memory.place(table)];

  it('encodes', () => {
    const out = h.memory.allocateFloats(points * stride);
    h.kernels[`hashGridForward${features}`](points, X, T, words, levels.length, out, stride);
    const strided = h.read(out, points * stride);
    const actual = Float64Array.from(
      { length: points * width },
      (_, i) => strided[Math.floor(i / width) * stride + (i % width)],
    );
    expect(relativeL2(actual, encodeHashGrid(grid, coords, table))).toBeLessThan(2e-5);
  });

  it('finds the gradients', () => {
    const strided = new Float32Array(points * stride);
    gradient.forEach((g, i) => {
      strided[Math.floor(i / width) * stride + (i % width)] = g;
    });
    const [G, gradTable, gradCoords] = [
      h.memory.place(strided),
      h.memory.allocateFloats(rows * features),
      h.memory.allocateFloats(points * 3),
    ];
    if (features === 2)
      h.kernels.hashGridBackward2(points, X, T, words, levels.length, G, stride, gradTable, gradCoords);
    else h.kernels[`hashGridBackward${features}`](points, X, words, levels.length, G, stride, gradTable);
    const expected = encodeHashGridBackward(grid, coords, table, gradient);
    expect(relativeL2(h.read(gradTable, rows * features), expected.gradTable)).toBeLessThan(2e-5);
    if (features === 2) expect(relativeL2(h.read(gradCoords, points * 3), expected.gradPositions)).toBeLessThan(2e-5);
  });

  it('survives NaN, infinities and coordinates out of range without touching foreign memory', () => {
    const wild = Float32Array.of(Number.NaN, 0.5, 0.5, Number.POSITIVE_INFINITY, 0, 1, -3, 0.2, 7);
    const [W, out] = [h.memory.place(wild), h.memory.allocateFloats(3 * stride)];
    expect(() => h.kernels[`hashGridForward${features}`](3, W, T, words, levels.length, out, stride)).not.toThrow();
    expect(() => h.kernels[`hashGridForward${features}`](0, W, T, words, levels.length, out, stride)).not.toThrow();
  });
});
