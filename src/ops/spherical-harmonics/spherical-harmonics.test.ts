/**
 * Gates. Reference: recorded vectors within 1e-6, gradient within 1e-8 (relative L2) of central differences. Kernels
 * against the reference: 1e-6 forward and backward.
 */
import { describe, expect, it } from 'vitest';
import { centralDifferences, contractWith, normals, relativeL2 } from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { harmonicCount, sphericalHarmonics, sphericalHarmonicsBackward } from './spherical-harmonics.ts';

const count = 7;
const directions = normals(1, count * 3).map((_, i, all) => {
  const start = i - (i % 3);
  return all[i] / Math.hypot(all[start], all[start + 1], all[start + 2]);
});
const gradOut = normals(2, count * harmonicCount);

describe('reference', () => {
  it('has the gradient of central differences', () => {
    const numeric = centralDifferences((d) => contractWith(sphericalHarmonics(d), gradOut), directions);
    expect(relativeL2(sphericalHarmonicsBackward(directions, gradOut), numeric)).toBeLessThan(1e-8);
  });

  it('is orthonormal over the sphere', () => {
    // Gauss-Legendre in z (exact to degree 7) times an even grid in the angle (exact below 16).
    const nodes = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
    const weights = [0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763];
    const gram = new Float64Array(harmonicCount ** 2);
    for (const sign of [-1, 1])
      nodes.forEach((node, n) => {
        for (let a = 0; a < 16; a++) {
          const [angle, radius] = [(a * Math.PI) / 8, Math.sqrt(1 - node * node)];
          const y = sphericalHarmonics([radius * Math.cos(angle), radius * Math.sin(angle), sign * node]);
          for (let i = 0; i < gram.length; i++)
            gram[i] += ((weights[n] * 2 * Math.PI) / 16) * y[Math.floor(i / harmonicCount)] * y[i % harmonicCount];
        }
      });
    const identity = gram.map((_, i) => (i % (harmonicCount + 1) === 0 ? 1 : 0));
    expect(relativeL2(gram, identity)).toBeLessThan(1e-9);
  });

  it.skipIf(!hasShared)('agrees with the recorded vectors', () => {
    const { arrays } = readVectors('02-sh-tcnn');
    expect(relativeL2(sphericalHarmonics(arrays.directions.data), arrays.sh.data)).toBeLessThan(1e-6);
    const torch = readVectors('02-sh').arrays;
    const magnitudes = sphericalHarmonics(torch.directions.data).map(Math.abs);
    expect(relativeL2(magnitudes, torch.sh.data.map(Math.abs))).toBeLessThan(1e-6);
  });
});

describe.each([16, 19])('kernels with rows of %i', (stride) => {
  const h = new KernelHarness(loadKernelModule());
  const d = h.memory.place(directions);

  it('fill the first 16 columns only', () => {
    const out = h.memory.place(new Float32Array(count * stride).fill(7));
    h.kernels.sphericalHarmonics(count, d, out, stride);
    const rows = h.read(out, count * stride);
    const harmonics = rows.filter((_, i) => i % stride < harmonicCount);
    expect(relativeL2(harmonics, sphericalHarmonics(directions))).toBeLessThan(1e-6);
    expect(rows.filter((_, i) => i % stride >= harmonicCount).every((v) => v === 7)).toBe(true);
  });

  it('add the gradient', () => {
    const padded = new Float32Array(count * stride).fill(Number.NaN);
    for (let n = 0; n < count; n++)
      padded.set(gradOut.subarray(n * harmonicCount, (n + 1) * harmonicCount), n * stride);
    const gradDirections = h.memory.place(new Float32Array(count * 3).fill(1));
    h.kernels.sphericalHarmonicsBackward(count, d, h.memory.place(padded), stride, gradDirections);
    const expected = sphericalHarmonicsBackward(directions, gradOut).map((g) => g + 1);
    expect(relativeL2(h.read(gradDirections, count * 3), expected)).toBeLessThan(1e-6);
  });
});
