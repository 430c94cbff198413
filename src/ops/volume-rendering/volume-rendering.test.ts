/**
 * Gates. Reference: gradients within 1e-6 (relative L2) of central differences; recorded float32 vectors within 2e-6
 * forward and 2e-5 backward. Kernels against the reference: 1e-6 forward, 5e-6 backward (relative L2) and cosine
 * above 1 - 1e-9; sizes that are no multiple of four, thin and opaque media, NaN and overflow.
 */
import { describe, expect, it } from 'vitest';
import {
  centralDifferences,
  contractWith,
  cosine,
  largestDifference,
  normals,
  randomEdges,
  relativeL2,
  uniforms,
} from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import {
  accumulation,
  compositeColour,
  compositeColourBackward,
  compositeWeights,
  compositeWeightsBackward,
  densityActivation,
  densityActivationBackward,
  displayColour,
  expectedDepth,
  medianDepth,
  sigmoid,
} from './volume-rendering.ts';

describe('reference', () => {
  const samples = 9;
  const euclid = randomEdges(1, 1, samples).map((e) => 3 * e);
  const density = uniforms(2, samples, 0, 4);
  const colours = uniforms(3, samples * 3);
  const gradRgb = normals(4, 3);

  it('has the gradients of central differences', () => {
    const gradWeights = normals(5, samples);
    const numeric = centralDifferences((x) => contractWith(compositeWeights(x, euclid), gradWeights), density);
    expect(relativeL2(compositeWeightsBackward(density, euclid, gradWeights), numeric)).toBeLessThan(1e-6);

    const weights = compositeWeights(density, euclid);
    const actual = compositeColourBackward(weights, colours, gradRgb);
    const byWeight = centralDifferences((x) => contractWith(compositeColour(x, colours), gradRgb), weights);
    const byColour = centralDifferences((x) => contractWith(compositeColour(weights, x), gradRgb), colours);
    expect(relativeL2(actual.gradWeights, byWeight)).toBeLessThan(1e-6);
    expect(relativeL2(actual.gradColours, byColour)).toBeLessThan(1e-6);

    const raw = normals(6, samples);
    const selector = Float64Array.from({ length: samples }, (_, i) => (i === 3 ? 0 : 1));
    const byRaw = centralDifferences((x) => contractWith(densityActivation(x, selector, 0.3), gradWeights), raw);
    expect(relativeL2(densityActivationBackward(raw, selector, 0.3, gradWeights), byRaw)).toBeLessThan(1e-6);
  });

  describe.skipIf(!hasShared)('against the recorded vectors', () => {
    const { arrays } = readVectors('05-rendering');
    const row = (name: string, r: number) => {
      const width = arrays[name].data.length / 8;
      return arrays[name].data.slice(r * width, (r + 1) * width);
    };
    const all = (perRay: (r: number) => ArrayLike<number>) =>
      Array.from({ length: 8 }, (_, r) => Array.from(perRay(r))).flat();

    it('weights, forward and backward', () => {
      const weights = all((r) => compositeWeights(row('densities', r), row('euclid_edges', r)));
      expect(relativeL2(weights, arrays.weights.data)).toBeLessThan(2e-6);
      const grads = all((r) =>
        compositeWeightsBackward(row('densities', r), row('euclid_edges', r), row('weights_cotangent', r)),
      );
      expect(relativeL2(grads, arrays.grad_densities.data)).toBeLessThan(2e-5);
    });

    it('colour, forward and backward', () => {
      const rgb = all((r) => compositeColour(row('weights', r), row('sample_rgb', r)));
      expect(relativeL2(rgb, arrays.rgb_last_sample_train.data)).toBeLessThan(2e-6);
      expect(relativeL2(displayColour(rgb), arrays.rgb_last_sample_eval.data)).toBeLessThan(2e-6);
      const grads = Array.from({ length: 8 }, (_, r) =>
        compositeColourBackward(row('weights', r), row('sample_rgb', r), row('rgb_cotangent', r)),
      );
      expect(
        relativeL2(
          all((r) => grads[r].gradWeights),
          arrays.grad_weights_rgb_last_sample.data,
        ),
      ).toBeLessThan(2e-6);
      expect(
        relativeL2(
          all((r) => grads[r].gradColours),
          arrays.grad_sample_rgb_last_sample.data,
        ),
      ).toBeLessThan(2e-6);
    });

    it('depth, accumulation and the truncated exponential', () => {
      const sums = all((r) => [accumulation(row('weights', r))]);
      expect(relativeL2(sums, arrays.accumulation.data)).toBeLessThan(1e-6);
      const medians = all((r) => [medianDepth(row('weights', r), row('euclid_edges', r))]);
      expect(relativeL2(medians, arrays.depth_median.data)).toBeLessThan(1e-6);
      // The original clips to the range of mid-points of the whole batch; rays with weight lie inside it anyway.
      const solid = sums.map((sum) => sum > 1e-3);
      const expected = all((r) => [expectedDepth(row('weights', r), row('euclid_edges', r))]);
      expect(
        relativeL2(
          expected.filter((_, r) => solid[r]),
          arrays.depth_expected.data.filter((_, r) => solid[r]),
        ),
      ).toBeLessThan(1e-5);
      const x = arrays.trunc_exp_x.data;
      const ones = x.map(() => 1);
      const finite = x.map((v) => v < 88);
      const keep = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => finite[i]);
      expect(relativeL2(keep(densityActivation(x, ones, 1)), keep(arrays.trunc_exp_y.data))).toBeLessThan(1e-6);
      const slopes = densityActivationBackward(x, ones, 1, ones);
      expect(relativeL2(slopes, arrays.trunc_exp_grad.data)).toBeLessThan(1e-6);
    });
  });
});

describe.each([0, 1, 2, 4, 13, 32])('kernels on %i samples a ray', (samples) => {
  const h = new KernelHarness(loadKernelModule());
  const rays = 6;
  const count = rays * samples;
  const euclid = randomEdges(11, rays, samples).map((e) => 0.05 + 8 * e * e);
  // From nearly empty to opaque rays; ray 1 is empty.
  const density = uniforms(12, count).map((u, i) => (i < samples ? 1e-4 : i < 2 * samples ? 0 : 12 * u ** 4));
  const gradWeights = normals(13, count);
  const of = (values: Float32Array, r: number, width: number) => values.subarray(r * width, (r + 1) * width);
  const perRay = (f: (r: number) => ArrayLike<number>) =>
    Array.from({ length: rays }, (_, r) => Array.from(f(r))).flat();
  const weights = Float32Array.from(
    perRay((r) => compositeWeights(of(density, r, samples), of(euclid, r, samples + 1))),
  );
  const [e, d, w] = [euclid, density, weights].map((values) => h.memory.place(values));

  it('activate densities in strided rows', () => {
    const raw = normals(14, count * 3).map((x) => 3 * x);
    const selector = Float32Array.from({ length: count }, (_, i) => (i % 4 === 1 ? 0 : 1));
    const own = raw.filter((_, i) => i % 3 === 0);
    const [R, S, G] = [raw, selector, gradWeights].map((values) => h.memory.place(values));
    const out = h.memory.allocateFloats(count + 1);
    h.kernels.densityActivation(count, R, 3, S, 0.5, out);
    expect(relativeL2(h.read(out, count), densityActivation(own, selector, 0.5))).toBeLessThan(1e-6);
    const gradRaw = h.memory.place(new Float32Array(count * 2).fill(7));
    h.kernels.densityActivationBackward(count, R, 3, S, 0.5, G, gradRaw, 2);
    const rows = h.read(gradRaw, count * 2);
    const expected = densityActivationBackward(own, selector, 0.5, gradWeights);
    expect(
      relativeL2(
        rows.filter((_, i) => i % 2 === 0),
        expected,
      ),
    ).toBeLessThan(1e-6);
    expect(rows.filter((_, i) => i % 2 === 1).every((v) => v === 7)).toBe(true);
  });

  it('find weights and their gradients', () => {
    const out = h.memory.place(new Float32Array(count + 1).fill(7));
    h.kernels.compositeWeights(rays, samples, d, e, out);
    const expected = perRay((r) => compositeWeights(of(density, r, samples), of(euclid, r, samples + 1)));
    expect(relativeL2(h.read(out, count), expected)).toBeLessThan(1e-6);
    // The thin ray on its own: α = 1 − e^{−τ} must not cancel.
    expect(relativeL2(h.read(out, samples), expected.slice(0, samples))).toBeLessThan(1e-6);
    expect(h.read(out, count + 1)[count]).toBe(7);

    const grad = h.memory.allocateFloats(count);
    h.kernels.compositeWeightsBackward(rays, samples, d, e, out, h.memory.place(gradWeights), grad);
    const expectedGrad = perRay((r) =>
      compositeWeightsBackward(of(density, r, samples), of(euclid, r, samples + 1), of(gradWeights, r, samples)),
    );
    const actual = h.read(grad, count);
    expect(relativeL2(actual, expectedGrad)).toBeLessThan(5e-6);
    if (samples > 1) expect(cosine(actual, expectedGrad)).toBeGreaterThan(1 - 1e-9);
  });

  it.each([3, 4, 16])('composite colours from rows of %i, with loss and gradients', (stride) => {
    const raw = normals(15, count * stride);
    const own = Float64Array.from({ length: count * 3 }, (_, i) => raw[Math.floor(i / 3) * stride + (i % 3)]);
    const colours = own.map(sigmoid);
    const target = uniforms(16, rays * 3);
    const C = h.memory.allocateFloats(count * 3 + 1);
    const rgb = h.memory.allocateFloats(rays * 3 + 1);
    h.kernels.compositeColour(rays, samples, w, h.memory.place(raw), stride, C, rgb);
    const colourOf = (r: number) => colours.subarray(r * samples * 3, (r + 1) * samples * 3);
    const expected = perRay((r) => compositeColour(of(weights, r, samples), colourOf(r)));
    expect(relativeL2(h.read(C, count * 3), colours)).toBeLessThan(1e-6);
    expect(relativeL2(h.read(rgb, rays * 3), expected)).toBeLessThan(1e-6);

    const scale = 0.7;
    const gradRaw = h.memory.place(new Float32Array(count * stride + 1).fill(7));
    const gradW = h.memory.place(gradWeights);
    const sum = h.memory.allocate(8);
    h.kernels.compositeColourLoss(rays, samples, w, C, rgb, h.memory.place(target), scale, gradRaw, stride, gradW, sum);
    const errors = expected.map((c, i) => c - target[i]);
    const total = new Float64Array(h.memory.memory.buffer, sum, 1)[0];
    expect(total).toBeCloseTo(contractWith(errors, errors), 5);
    const grads = Array.from({ length: rays }, (_, r) =>
      compositeColourBackward(
        of(weights, r, samples),
        colourOf(r),
        errors.slice(3 * r, 3 * r + 3).map((x) => 2 * scale * x),
      ),
    );
    const expectedRaw = perRay((r) => grads[r].gradColours).map((g, i) => g * colours[i] * (1 - colours[i]));
    const expectedWeights = perRay((r) => grads[r].gradWeights).map((g, i) => g + gradWeights[i]);
    const rows = h.read(gradRaw, count * stride + 1);
    const actualRaw = rows.slice(0, -1).filter((_, i) => i % stride < 3);
    expect(relativeL2(actualRaw, expectedRaw)).toBeLessThan(5e-6);
    expect(rows.slice(0, -1).every((g, i) => i % stride < 3 || g === 0)).toBe(true);
    expect(rows[count * stride]).toBe(7);
    expect(relativeL2(h.read(gradW, count), expectedWeights)).toBeLessThan(5e-6);
  });

  it('find the median depth and the accumulation', () => {
    const depth = h.memory.allocateFloats(rays);
    const sums = h.memory.allocateFloats(rays);
    h.kernels.rayDepth(rays, samples, w, e, depth, sums);
    const expected = perRay((r) => [medianDepth(of(weights, r, samples), of(euclid, r, samples + 1))]);
    expect(largestDifference(h.read(depth, rays), expected)).toBeLessThan(1e-6);
    expect(
      relativeL2(
        h.read(sums, rays),
        perRay((r) => [accumulation(of(weights, r, samples))]),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe('kernels on broken numbers', () => {
  const h = new KernelHarness(loadKernelModule());

  it('saturate densities and keep weights free of NaN', () => {
    const raw = [Number.NaN, 1000, -1000, Number.POSITIVE_INFINITY, 0];
    const density = h.memory.allocateFloats(5);
    const ones = h.memory.place([1, 1, 1, 1, 1]);
    h.kernels.densityActivation(5, h.memory.place(raw), 1, ones, 1, density);
    const values = h.read(density, 5);
    expect(values[1]).toBeGreaterThan(1e38);
    expect(values[2]).toBeLessThan(1e-37);
    expect(values[4]).toBeCloseTo(1, 6);
    // A zero-length bin, an infinite density, then NaN.
    const sigma = h.memory.place([1, Number.POSITIVE_INFINITY, 2, Number.NaN, 3]);
    const euclid = h.memory.place([0, 1, 1, 2, 3, 4]);
    const weights = h.memory.allocateFloats(5);
    h.kernels.compositeWeights(1, 5, sigma, euclid, weights);
    expect(Array.from(h.read(weights, 5), (x) => Number.isFinite(x))).toEqual(Array(5).fill(true));
    expect(h.read(weights, 1)[0]).toBeCloseTo(1 - Math.exp(-1), 6);
    const grad = h.memory.allocateFloats(5);
    h.kernels.compositeWeightsBackward(1, 5, sigma, euclid, weights, ones, grad);
    expect(h.read(grad, 5).every(Number.isFinite)).toBe(true);
  });

  it('stop at an opaque sample', () => {
    const sigma = h.memory.place([0, 1e30, 5, 5, 5]);
    const euclid = h.memory.place([0, 1, 2, 3, 4, 5]);
    const weights = h.memory.allocateFloats(5);
    h.kernels.compositeWeights(1, 5, sigma, euclid, weights);
    const values = h.read(weights, 5);
    expect(values[0]).toBe(0);
    expect(values[1]).toBe(1);
    expect(Math.max(...values.slice(2))).toBeLessThan(1e-30);
  });
});
