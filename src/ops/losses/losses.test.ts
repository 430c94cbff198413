/**
 * Gates. Reference: gradients within 1e-6 (relative L2) of central differences; recorded float32 vectors within 1e-5
 * (the interlevel loss is a difference of sums there). Kernels against the reference: 2e-6 values, 1e-5 gradients.
 */
import { describe, expect, it } from 'vitest';
import { centralDifferences, normals, randomEdges, relativeL2, uniforms } from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { distortionLoss, interlevelLoss, outerWeights, squaredError } from './losses.ts';

/** [rays, samples] positive weights with sum below 1 per ray. */
function rayWeights(seed: number, rays: number, samples: number): Float32Array {
  return uniforms(seed, rays * samples).map((u) => u ** 3 / Math.max(1, samples));
}

describe('reference', () => {
  const [samples, bins] = [9, 14];
  const edges = randomEdges(1, 1, samples);
  const weights = rayWeights(2, 1, samples).map((w) => 3 * w);
  const proposalEdges = randomEdges(3, 1, bins);
  const proposalWeights = rayWeights(4, 1, bins);

  it('has the gradients of central differences', () => {
    const { gradProposalWeights } = interlevelLoss(edges, weights, proposalEdges, proposalWeights);
    const interlevel = (x: Float64Array) => interlevelLoss(edges, weights, proposalEdges, x).loss;
    expect(interlevel(Float64Array.from(proposalWeights))).toBeGreaterThan(0.01);
    expect(relativeL2(gradProposalWeights, centralDifferences(interlevel, proposalWeights))).toBeLessThan(1e-6);

    const { gradWeights } = distortionLoss(edges, weights);
    expect(
      relativeL2(
        gradWeights,
        centralDifferences((x) => distortionLoss(edges, x).loss, weights),
      ),
    ).toBeLessThan(1e-6);

    const { gradPrediction } = squaredError(weights, edges);
    expect(
      relativeL2(
        gradPrediction,
        centralDifferences((x) => squaredError(x, edges).loss, weights),
      ),
    ).toBeLessThan(1e-6);
  });

  it('finds the distortion of the double sum', () => {
    let double = 0;
    for (let i = 0; i < samples; i++) {
      double += (weights[i] ** 2 * (edges[i + 1] - edges[i])) / 3;
      for (let j = 0; j < samples; j++)
        double += (weights[i] * weights[j] * Math.abs(edges[i] + edges[i + 1] - edges[j] - edges[j + 1])) / 2;
    }
    expect(distortionLoss(edges, weights).loss).toBeCloseTo(double, 12);
  });

  it('asks nothing of a proposal that covers the final weights', () => {
    const { loss, gradProposalWeights } = interlevelLoss([0.2, 0.4], [0.5], [0, 0.3, 1], [0.3, 0.3]);
    expect(loss).toBe(0);
    expect(gradProposalWeights.every((g) => g === 0)).toBe(true);
  });

  describe.skipIf(!hasShared)('against the recorded vectors', () => {
    const { arrays } = readVectors('06-losses');
    const row = (name: string, r: number) => {
      const width = arrays[name].shape[1];
      return arrays[name].data.slice(r * width, (r + 1) * width);
    };
    const rays = [0, 1, 2, 3, 4, 5];

    it('interlevel', () => {
      let total = 0;
      for (const k of [0, 1]) {
        const bounds = rays.flatMap((r) => [
          ...outerWeights(row('edges2', r), row(`edges${k}`, r), row(`weights${k}`, r)),
        ]);
        expect(relativeL2(bounds, arrays[`w_outer${k}`].data)).toBeLessThan(1e-6);
        const results = rays.map((r) =>
          interlevelLoss(row('edges2', r), row('weights2', r), row(`edges${k}`, r), row(`weights${k}`, r)),
        );
        const mean = 1 / (6 * 8);
        for (const { loss } of results) total += loss * mean;
        const grads = results.flatMap(({ gradProposalWeights }) => [...gradProposalWeights].map((g) => g * mean));
        expect(relativeL2(grads, arrays[`interlevel_grad_w${k}`].data)).toBeLessThan(1e-5);
      }
      expect(total).toBeCloseTo(arrays.interlevel.data[0], 6);
    });

    it('distortion and squared error', () => {
      const results = rays.map((r) => distortionLoss(row('edges2', r), row('weights2', r)));
      expect(
        relativeL2(
          results.map(({ loss }) => loss),
          arrays.distortion_per_ray.data,
        ),
      ).toBeLessThan(1e-5);
      const grads = results.flatMap(({ gradWeights }) => [...gradWeights].map((g) => g / 6));
      expect(relativeL2(grads, arrays.distortion_grad_w2.data)).toBeLessThan(1e-5);
      const { loss } = squaredError(arrays.mse_pred.data, arrays.mse_gt.data);
      expect(loss / 15).toBeCloseTo(arrays.mse.data[0], 6);
    });
  });
});

describe.each([
  [32, 64],
  [13, 7],
  [1, 5],
  [5, 1],
  [0, 3],
  [3, 0],
])('kernels on %i samples and %i proposal bins', (samples, bins) => {
  const h = new KernelHarness(loadKernelModule());
  const rays = 5;
  const edges = randomEdges(11, rays, samples);
  const weights = rayWeights(12, rays, samples).map((w) => 2 * w);
  const proposalEdges = randomEdges(13, rays, bins);
  const proposalWeights = rayWeights(14, rays, bins);
  const of = (values: Float32Array, r: number, width: number) => values.subarray(r * width, (r + 1) * width);
  const rows = Array.from({ length: rays }, (_, r) => r);
  const [e, w, pe, pw] = [edges, weights, proposalEdges, proposalWeights].map((values) => h.memory.place(values));
  const sumAt = (address: number) => new Float64Array(h.memory.memory.buffer, address, 1);
  const scale = 0.3;

  it('interlevel', () => {
    const sum = h.memory.allocate(8);
    sumAt(sum)[0] = 10;
    const grad = h.memory.place(new Float32Array(rays * bins + 1).fill(7));
    h.kernels.interlevelLoss(rays, samples, e, w, bins, pe, pw, scale, grad, sum);
    const results =
      bins === 0
        ? []
        : rows.map((r) =>
            interlevelLoss(
              of(edges, r, samples + 1),
              of(weights, r, samples),
              of(proposalEdges, r, bins + 1),
              of(proposalWeights, r, bins),
            ),
          );
    const expected = results.reduce((total, { loss }) => total + loss, 10);
    expect(Math.abs(sumAt(sum)[0] - expected)).toBeLessThan(2e-6 * expected);
    const expectedGrad = results.flatMap(({ gradProposalWeights }) => [...gradProposalWeights].map((g) => g * scale));
    expect(relativeL2(h.read(grad, rays * bins), expectedGrad)).toBeLessThan(1e-5);
    expect(h.read(grad, rays * bins + 1)[rays * bins]).toBe(7);
  });

  it('distortion', () => {
    const sum = h.memory.allocate(8);
    sumAt(sum)[0] = 1;
    const before = normals(15, rays * samples).map((x) => x / 100);
    const grad = h.memory.place(before);
    h.kernels.distortionLoss(rays, samples, e, w, scale, grad, sum);
    const results = rows.map((r) => distortionLoss(of(edges, r, samples + 1), of(weights, r, samples)));
    const expected = results.reduce((total, { loss }) => total + loss, 1);
    expect(Math.abs(sumAt(sum)[0] - expected)).toBeLessThan(2e-6 * expected);
    const expectedGrad = results.flatMap(({ gradWeights }) => [...gradWeights]).map((g, i) => g * scale + before[i]);
    expect(relativeL2(h.read(grad, rays * samples), expectedGrad)).toBeLessThan(1e-5);
  });
});

it('keeps the digits of a distortion gradient between samples that lie close together', () => {
  const h = new KernelHarness(loadKernelModule());
  const edges = Float32Array.from({ length: 9 }, (_, i) => 0.7 + i * 2e-5);
  const weights = new Float32Array(8).fill(0.125);
  const grad = h.memory.place(new Float32Array(8));
  h.kernels.distortionLoss(1, 8, h.memory.place(edges), h.memory.place(weights), 1, grad, h.memory.allocate(8));
  expect(relativeL2(h.read(grad, 8), distortionLoss(edges, weights).gradWeights)).toBeLessThan(2e-3);
});
