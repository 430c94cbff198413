/**
 * Gates. Reference: recorded float32 vectors within 2e-6 absolute in spacing and 1e-4 relative in distance (the
 * original loses digits at the far plane). Kernels against the reference: 2e-7 absolute in spacing for even edges,
 * 2e-6 for resampled ones, 5e-6 relative in distance; indices exactly.
 */
import { describe, expect, it } from 'vitest';
import {
  centralDifferences,
  contractWith,
  largestDifference,
  normals,
  randomEdges,
  relativeL2,
  uniforms,
} from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { compositeWeights } from '../volume-rendering/volume-rendering.ts';
import {
  distanceFromSpacing,
  euclideanEdges,
  initialEdges,
  largestWeights,
  resampleEdges,
  samplePoints,
  samplePointsBackward,
  spacingFromDistance,
} from './ray-sampling.ts';

type Row = (name: string, ray: number) => number[];

describe.skipIf(!hasShared)('reference against the recorded vectors', () => {
  const { arrays } = readVectors('04-sampling');
  const row: Row = (name, ray) => {
    const width = arrays[name].shape[1];
    return arrays[name].data.slice(ray * width, (ray + 1) * width);
  };
  const largestRelative = (actual: ArrayLike<number>, expected: number[]) =>
    expected.reduce((worst, e, i) => Math.max(worst, Math.abs(actual[i] - e) / Math.max(Math.abs(e), 1e-6)), 0);

  it('spaces distances', () => {
    expect(largestDifference(arrays.spacing_t.data.map(spacingFromDistance), arrays.spacing_s.data)).toBeLessThan(2e-7);
    expect(largestRelative(arrays.spacing_inv_s.data.map(distanceFromSpacing), arrays.spacing_inv_t.data)).toBeLessThan(
      1e-4,
    );
  });

  it.each([0, 1, 2, 3])('places the initial edges of ray %i', (r) => {
    const [near, far] = [arrays.near.data[r], arrays.far.data[r]];
    for (const [mode, jitter] of [
      ['eval', null],
      ['train_single', arrays.piecewise_train_single_rand.data[r]],
    ] as const) {
      const edges = initialEdges(16, jitter);
      expect(largestDifference(edges, row(`piecewise_${mode}_spacing_edges`, r))).toBeLessThan(2e-7);
      const distances = euclideanEdges(edges, near, far);
      expect(largestRelative(distances, row(`piecewise_${mode}_euclid_edges`, r))).toBeLessThan(1e-4);
    }
  });

  it.each([0, 1, 2, 3, 4, 5])('resamples ray %i', (r) => {
    const edges = row('pdf_in_edges', r);
    const weights = row('pdf_in_weights', r);
    const evaluated = resampleEdges(weights, edges, 7, 1, null);
    expect(largestDifference(evaluated, row('pdf_eval_orig0_pad0.01_spacing_edges', r))).toBeLessThan(2e-6);
    const jitter = arrays['pdf_train_single_orig0_pad0.01_rand'].data[r];
    const trained = resampleEdges(weights, edges, 7, 1, jitter);
    expect(largestDifference(trained, row('pdf_train_single_orig0_pad0.01_spacing_edges', r))).toBeLessThan(2e-6);
    const bare = resampleEdges(weights, edges, 7, 1, null, 0);
    expect(largestDifference(bare, row('pdf_eval_orig0_pad0_spacing_edges', r))).toBeLessThan(2e-6);
  });

  it.each([
    ['prop_eval_anneal1', 1],
    ['prop_eval_anneal0.5', 0.5],
    ['prop_train_anneal0.3', 0.3],
  ] as const)('runs the chain of two proposals: %s', (name, anneal) => {
    for (let r = 0; r < 5; r++) {
      const jitter = (round: number) => (name.includes('train') ? arrays[`${name}_rand${round}`].data[r] : null);
      let edges: ArrayLike<number> = initialEdges(16, jitter(0));
      for (const round of [0, 1]) {
        expect(largestDifference(edges, row(`${name}_edges${round}`, r))).toBeLessThan(1e-5);
        const euclid = euclideanEdges(edges, 0.05, 1000);
        const points = samplePoints(row('prop_origins', r), row('prop_directions', r), euclid);
        const density = Float64Array.from({ length: points.length / 3 }, (_, i) => {
          const radius = Math.hypot(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
          return 30 * Math.exp(-(((radius - 0.8) / (0.1 + 0.1 * round)) ** 2)) + 0.05;
        });
        const weights = compositeWeights(density, euclid);
        expect(largestDifference(weights, row(`${name}_weights${round}`, r))).toBeLessThan(2e-4);
        edges = resampleEdges(weights, edges, round === 0 ? 12 : 8, anneal, jitter(round + 1));
      }
      expect(largestDifference(edges, row(`${name}_edges_final`, r))).toBeLessThan(1e-5);
    }
  });
});

describe('reference', () => {
  it('inverts the spacing and hits the golden values of the planes', () => {
    expect(spacingFromDistance(0.05)).toBeCloseTo(0.025, 12);
    expect(spacingFromDistance(1000)).toBeCloseTo(0.9995, 12);
    for (const t of [0, 0.3, 1, 2, 77]) expect(distanceFromSpacing(spacingFromDistance(t))).toBeCloseTo(t, 9);
  });

  it('resamples evenly when the exponent is 0, also from empty histograms', () => {
    const edges = initialEdges(10, null);
    const even = [0.1, 0.3, 0.5, 0.7, 0.9];
    expect(largestDifference(resampleEdges(uniforms(1, 10), edges, 4, 0, null), even)).toBeLessThan(1e-12);
    expect(largestDifference(resampleEdges(new Float64Array(10), edges, 4, 1, null, 0), even)).toBeLessThan(1e-12);
  });

  it('brings gradients of points back to the ray', () => {
    const euclid = randomEdges(2, 1, 5);
    const gradPoints = normals(3, 15);
    const ray = normals(4, 6);
    const numeric = centralDifferences(
      (x) => contractWith(samplePoints(x.subarray(0, 3), x.subarray(3), euclid), gradPoints),
      ray,
    );
    const { gradOrigin, gradDirection } = samplePointsBackward(euclid, gradPoints);
    expect(relativeL2([...gradOrigin, ...gradDirection], numeric)).toBeLessThan(1e-8);
  });
});

describe('kernels', () => {
  const h = new KernelHarness(loadKernelModule());
  const rays = 5;

  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [64, 1],
    [13, 0],
    [13, 1],
  ])('place %i initial samples (train %i)', (samples, train) => {
    const jitter = uniforms(5, rays * 3);
    const out = h.memory.allocateFloats(rays * (samples + 1));
    h.kernels.initialEdges(rays, samples, h.memory.place(jitter), 3, train, out);
    const expected = Array.from({ length: rays }, (_, r) => [
      ...initialEdges(samples, train ? jitter[3 * r] : null),
    ]).flat();
    if (samples > 0) expect(largestDifference(h.read(out, expected.length), expected)).toBeLessThan(2e-7);
    else expect(h.read(out, expected.length).every(Number.isFinite)).toBe(true);
  });

  it.each([
    [0.05, 1000],
    [0, 1000],
    [0.5, 3],
  ])('turn spacing into distance between %f and %f', (near, far) => {
    const spacing = [...uniforms(6, 41), 0, 1, 0.9999];
    const out = h.memory.allocateFloats(spacing.length);
    h.kernels.euclideanEdges(spacing.length, h.memory.place(spacing), near, far, out);
    const expected = euclideanEdges(Float32Array.from(spacing), near, far);
    const relative = h.read(out, spacing.length).map((d, i) => Math.abs(d - expected[i]) / (expected[i] + 1e-6));
    expect(Math.max(...relative)).toBeLessThan(5e-6);
  });

  it.each([
    [64, 48, 1, 1],
    [48, 32, 0.37, 1],
    [13, 7, 0.9, 0],
    [13, 7, 0, 1],
    [1, 3, 1, 1],
    [3, 0, 0.5, 0],
    [3, 29, 1, 0],
  ])('resample %i bins to %i samples with exponent %f (train %i)', (bins, samples, anneal, train) => {
    const edges = randomEdges(7, rays, bins);
    // Peaked, with empty bins; ray 2 is all empty.
    const weights = uniforms(8, rays * bins).map((u, i) =>
      Math.floor(i / bins) === 2 || i % 3 === 0 ? 0 : u ** 6 / bins,
    );
    const jitter = uniforms(9, rays * 3);
    const [w, e, j] = [weights, edges, jitter].map((values) => h.memory.place(values));
    const out = h.memory.allocateFloats(rays * (samples + 1));
    h.kernels.resampleEdges(rays, bins, samples, w, e, anneal, j + 4, 3, train, out);
    const expected = Array.from({ length: rays }, (_, r) => [
      ...resampleEdges(
        weights.subarray(r * bins, (r + 1) * bins),
        edges.subarray(r * (bins + 1), (r + 1) * (bins + 1)),
        samples,
        Math.fround(anneal),
        train ? jitter[3 * r + 1] : null,
      ),
    ]).flat();
    expect(largestDifference(h.read(out, expected.length), expected)).toBeLessThan(2e-6);
  });

  it('resample to finite edges from NaN and infinite weights', () => {
    const edges = h.memory.place(randomEdges(1, 1, 5));
    for (const broken of [Number.NaN, Number.POSITIVE_INFINITY])
      for (const anneal of [1, 0.5]) {
        const out = h.memory.allocateFloats(9);
        const weights = h.memory.place([0.1, broken, 0.2, 0.1, 0]);
        h.kernels.resampleEdges(1, 5, 8, weights, edges, anneal, 0, 0, 0, out);
        expect(h.read(out, 9).every((x) => x >= 0 && x <= 1)).toBe(true);
      }
  });

  it.each([
    [32, 8],
    [13, 5],
    [7, 7],
    [1, 1],
    [6, 0],
  ])('pick from %i weights the %i largest', (samples, count) => {
    const weights = uniforms(10, rays * samples).map((u) => Math.floor(u * 6) / 6);
    const out = h.memory.allocate(rays * count * 4 + 4);
    h.kernels.largestWeights(rays, samples, count, h.memory.place(weights), out);
    const expected = Array.from({ length: rays }, (_, r) =>
      largestWeights(weights.subarray(r * samples, (r + 1) * samples), count),
    ).flat();
    expect(Array.from(h.memory.words(out, rays * count))).toEqual(expected);
  });
});
