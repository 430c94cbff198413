/**
 * Gates. Reference: gradients within 1e-6 (relative L2) of central differences, recorded vectors within 2e-6 forward
 * and 2e-4 backward (they are float32, with points as far out as float32 goes). Kernels against the reference:
 * coordinates within 2e-7 absolute, gradients within 2e-5 relative L2.
 */
import { describe, expect, it } from 'vitest';
import {
  centralDifferences,
  contractWith,
  largestDifference,
  normals,
  randomEdges,
  relativeL2,
} from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { midpoints, samplePoints, samplePointsBackward } from '../ray-sampling/ray-sampling.ts';
import {
  ballCoordinates,
  type ContractionOrder,
  contract,
  contractBackward,
  cubeCoordinates,
  cubeCoordinatesBackward,
} from './contraction.ts';

const orders: ContractionOrder[] = ['l2', 'linf'];
const points = Float64Array.from(normals(1, 60), (x, i) => x * (i < 30 ? 0.4 : 6));

describe.each(orders)('contraction %s', (order) => {
  it('has the gradient of central differences', () => {
    const cotangent = normals(2, points.length);
    const numeric = centralDifferences((x) => contractWith(contract(x, order), cotangent), points);
    expect(relativeL2(contractBackward(points, cotangent, order), numeric)).toBeLessThan(1e-6);
  });

  it('keeps the inside and stays within radius 2 outside', () => {
    expect(Array.from(contract([0.3, -0.2, 0.5, 0, 0, 0], order))).toEqual([0.3, -0.2, 0.5, 0, 0, 0]);
    expect(Array.from(contract([4, 0, 0, 0, -1e12, 0], order))).toEqual([1.75, 0, 0, 0, -(2 - 1e-12), 0]);
  });

  describe.skipIf(!hasShared)('against the recorded vectors', () => {
    it('agrees forward and backward', () => {
      const { arrays } = readVectors('01-contraction');
      const x = arrays.x.data;
      const grid = order === 'l2' ? ballCoordinates(x) : cubeCoordinates(x).coordinates;
      expect(relativeL2(contract(x, order), arrays[`out_${order}`].data)).toBeLessThan(2e-6);
      const selected = arrays[`selector_${order}`].data;
      const expectedGrid = arrays[`grid_${order}`].data.map((c, i) =>
        order === 'linf' ? c * selected[Math.floor(i / 3)] : c,
      );
      expect(relativeL2(grid, expectedGrid)).toBeLessThan(2e-6);
      if (order === 'linf') expect(Array.from(cubeCoordinates(x).selector)).toEqual(selected);
      // At exactly 0 the original's gradient is NaN; the right one is the cotangent itself.
      const expected = arrays[`grad_${order}`].data.map((g, i) => (Number.isNaN(g) ? arrays.cotangent.data[i] : g));
      expect(relativeL2(contractBackward(x, arrays.cotangent.data, order), expected)).toBeLessThan(2e-4);
    });
  });
});

describe.each([0, 1, 3, 4, 13, 32])('kernels on %i samples a ray', (samples) => {
  const rays = 5;
  const h = new KernelHarness(loadKernelModule());
  const origins = normals(3, rays * 3);
  const directions = normals(4, rays * 3).map((d, i) => (i < 3 ? 0 : d));
  // Ray 1 runs along the diagonal of two axes, where the norm is tied.
  origins.set([0, 0, 0.1], 3);
  directions.set([0.7, 0.7, 0.1], 3);
  const euclid = randomEdges(5, rays, samples).map((s) => s * s * 40);
  const [o, d, e] = [origins, directions, euclid].map((values) => h.memory.place(values));
  const count = rays * samples;

  const row = (r: number) => euclid.subarray(r * (samples + 1), (r + 1) * (samples + 1));
  const world = (r: number): Float64Array =>
    samplePoints(origins.subarray(3 * r, 3 * r + 3), directions.subarray(3 * r, 3 * r + 3), row(r));

  it('place samples in the cube', () => {
    const coords = h.memory.allocateFloats(count * 3 + 1);
    const selector = h.memory.allocateFloats(count + 1);
    h.memory.floats(coords, count * 3 + 1).fill(7);
    h.kernels.placeSamplesCube(rays, samples, o, d, e, coords, selector);
    const all = cubeCoordinates(collect(world, rays));
    expect(largestDifference(h.read(coords, count * 3), all.coordinates)).toBeLessThan(2e-7);
    expect(Array.from(h.read(selector, count))).toEqual(Array.from(all.selector));
    expect(h.read(coords, count * 3 + 1)[count * 3]).toBe(7);
  });

  it('bring gradients back to the rays, adding', () => {
    const gradCoords = normals(6, count * 3);
    const gradOrigins = h.memory.place(new Float32Array(rays * 3).fill(0.5));
    const gradDirections = h.memory.place(new Float32Array(rays * 3).fill(-0.25));
    h.kernels.placeSamplesCubeBackward(rays, samples, o, d, e, h.memory.place(gradCoords), gradOrigins, gradDirections);
    const expectedOrigins = new Float64Array(rays * 3).fill(0.5);
    const expectedDirections = new Float64Array(rays * 3).fill(-0.25);
    for (let r = 0; r < rays; r++) {
      const gradPoints = cubeCoordinatesBackward(
        Float32Array.from(world(r)),
        gradCoords.subarray(r * samples * 3, (r + 1) * samples * 3),
      );
      const grads = samplePointsBackward(row(r), gradPoints);
      for (let k = 0; k < 3; k++) {
        expectedOrigins[3 * r + k] += grads.gradOrigin[k];
        expectedDirections[3 * r + k] += grads.gradDirection[k];
      }
    }
    expect(relativeL2(h.read(gradOrigins, rays * 3), expectedOrigins)).toBeLessThan(2e-5);
    expect(relativeL2(h.read(gradDirections, rays * 3), expectedDirections)).toBeLessThan(2e-5);
  });

  it('place chosen samples in the ball', () => {
    const index = Uint32Array.from({ length: count }, (_, i) => Math.floor(i / Math.max(1, samples)));
    const mids = Array.from({ length: rays }, (_, r) => Array.from(midpoints(row(r)))).flat();
    const rayIndex = h.memory.allocate(count * 4);
    h.memory.words(rayIndex, count).set(index);
    const coords = h.memory.allocateFloats(count * 3);
    h.kernels.placeSamplesBall(count, rayIndex, o, d, h.memory.place(mids), coords);
    expect(largestDifference(h.read(coords, count * 3), ballCoordinates(collect(world, rays)))).toBeLessThan(2e-7);
  });
});

function collect(world: (ray: number) => Float64Array, rays: number): Float64Array {
  return Float64Array.from(Array.from({ length: rays }, (_, r) => Array.from(world(r))).flat());
}

it('places samples of broken rays at the corner, without NaN and without gradient', () => {
  const h = new KernelHarness(loadKernelModule());
  const origins = h.memory.place([Number.NaN, 0, 0, 0, Number.POSITIVE_INFINITY, 0, 0, 0, 0]);
  const directions = h.memory.place([1, 0, 0, 0, 1, 0, 0, 0, 0]);
  const euclid = h.memory.place([0, 1, 2, 0, 1, 2, 0, 0, 0]);
  const coords = h.memory.allocateFloats(18);
  const selector = h.memory.allocateFloats(6);
  h.kernels.placeSamplesCube(3, 2, origins, directions, euclid, coords, selector);
  expect(Array.from(h.read(coords, 18))).toEqual([...Array(12).fill(0), ...Array(6).fill(0.5)]);
  expect(Array.from(h.read(selector, 6))).toEqual([0, 0, 0, 0, 1, 1]);
  const gradients = h.memory.place(new Float32Array(9));
  const gradDirections = h.memory.place(new Float32Array(9));
  const gradCoords = h.memory.place(new Float32Array(18).fill(1));
  h.kernels.placeSamplesCubeBackward(3, 2, origins, directions, euclid, gradCoords, gradients, gradDirections);
  expect(Array.from(h.read(gradients, 9))).toEqual([0, 0, 0, 0, 0, 0, 0.5, 0.5, 0.5]);
  expect(Array.from(h.read(gradDirections, 9))).toEqual(Array(9).fill(0));
  const rays = h.memory.allocate(8);
  h.memory.words(rays, 2).set([0, 1]);
  h.kernels.placeSamplesBall(2, rays, origins, directions, h.memory.place([1, 1]), coords);
  expect(Array.from(h.read(coords, 6))).toEqual(Array(6).fill(0));
});
