/**
 * Gates: coordinates of listed samples 1e-6 from the float64 reference; which samples are listed, and how often, exactly,
 * with rays of zero, NaN and negligible weights, blocks that are not full, and no rays at all.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear, type GpuBench } from '../../../test/gpu.ts';
import { normals, randomEdges, uniforms } from '../../../test/numbers.ts';
import { ballCoordinates, cubeCoordinates } from '../contraction/contraction.ts';
import { largestWeights, samplePoints } from './ray-sampling.ts';
import { joinLinesKernel, listSamplesKernel, placeSamplesKernel } from './sample-lists.wgsl.ts';

const [rays, samples, chosen, firstRay, blockRays, share] = [7, 9, 4, 3, 4, 1e-3];
const allRays = firstRay + rays;
const blocks = Math.ceil(allRays / blockRays);
const lines = normals(1, allRays * 6);
const distances = randomEdges(2, rays, samples).map((e) => 5 * e);

/** Ray 0 nothing, ray 1 one dominant sample, ray 2 with a NaN; a ray's points in the reference. */
const weights = uniforms(3, rays * samples).map((w, i) => {
  const ray = Math.floor(i / samples);
  if (ray === 0) return 0;
  if (ray === 1) return i % samples === 5 ? 1 : 1e-5;
  return ray === 2 && i % samples === 4 ? Number.NaN : w;
});
const pointsOf = (ray: number): Float64Array => {
  const at = 6 * (firstRay + ray);
  const edges = distances.subarray(ray * (samples + 1), (ray + 1) * (samples + 1));
  return samplePoints(lines.subarray(at, at + 3), lines.subarray(at + 3, at + 6), edges);
};
const chosenOf = (ray: number): number[] =>
  largestWeights(
    weights.subarray(ray * samples, (ray + 1) * samples).map((w) => (Number.isNaN(w) ? -1 : w)),
    chosen,
  );

function listedOf(ray: number): number[] {
  const usable = (s: number) => (Number.isNaN(weights[ray * samples + s]) ? 0 : weights[ray * samples + s]);
  const indices = ray === 2 ? [1, 4, 6, 8] : chosenOf(ray);
  const sum = indices.reduce((total, s) => total + usable(s), 0);
  return indices.filter((s) => usable(s) > share * sum);
}

async function list(gpu: GpuBench, count: number) {
  const indices = Uint32Array.from(
    Array.from({ length: rays }, (_, ray) => (ray === 2 ? [1, 4, 6, 8] : chosenOf(ray))).flat(),
  );
  const out = {
    spans: await gpu.zeros('u32', 2 * allRays),
    counters: await gpu.zeros('u32', blocks),
    listWeights: await gpu.zeros('f32', blocks * blockRays * chosen),
    positions: await gpu.zeros('f32', blocks * blockRays * chosen * 3),
  };
  const given = {
    lines: await gpu.floats(lines),
    distances: await gpu.floats(distances),
    weights: await gpu.floats(weights),
    indices: await gpu.place('u32', indices),
  };
  const params = { rays: count, samples, chosen, firstRay, blockRays, share };
  await gpu.run(listSamplesKernel, { params, buffers: { ...given, ...out } });
  return {
    spans: await gpu.read(out.spans),
    counters: await gpu.read(out.counters),
    weights: await gpu.read(out.listWeights),
    positions: await gpu.read(out.positions),
  };
}

describeGpu('sample lists', (gpu) => {
  it('place every sample', async () => {
    const places = await gpu.zeros('f32', rays * samples * 4);
    const joined = await gpu.zeros('f32', lines.length);
    const half = (end: boolean) => gpu.floats(lines.filter((_, i) => i % 6 >= 3 === end));
    const parts = { origins: await half(false), directions: await half(true), lines: joined };
    await gpu.run(joinLinesKernel, { params: { rays: allRays }, buffers: parts });
    expect(Array.from(await gpu.read(joined))).toEqual(Array.from(lines));
    const buffers = { lines: joined, distances: await gpu.floats(distances), places };
    await gpu.run(placeSamplesKernel, { params: { rays, samples, firstRay }, buffers });
    const expected = Array.from({ length: rays }, (_, ray) => {
      const { coordinates, selector } = cubeCoordinates(pointsOf(ray));
      return Array.from(selector).flatMap((inside, s) => [...coordinates.subarray(3 * s, 3 * s + 3), inside]);
    });
    expectNear(await gpu.read(places), expected.flat(), 1e-6);
  });

  it('list what carries weight, ray by ray and block by block', async () => {
    const listed = await list(gpu, rays);
    const perBlock = new Uint32Array(blocks);
    for (let ray = 0; ray < rays; ray++) {
      const [first, count] = listed.spans.subarray(2 * (firstRay + ray), 2 * (firstRay + ray) + 2);
      const expected = listedOf(ray);
      expect(count, `ray ${ray}`).toBe(expected.length);
      const block = Math.floor((firstRay + ray) / blockRays);
      perBlock[block] += count;
      const at = block * blockRays * chosen + first;
      expect(Array.from(listed.weights.subarray(at, at + count))).toEqual(
        expected.map((s) => weights[ray * samples + s]),
      );
      const places = ballCoordinates(pointsOf(ray));
      const wanted = expected.flatMap((s) => Array.from(places.subarray(3 * s, 3 * s + 3)));
      if (count > 0) expectNear(listed.positions.subarray(3 * at, 3 * (at + count)), wanted, 1e-6);
    }
    expect(Array.from(listed.counters)).toEqual(Array.from(perBlock));
    expect(perBlock.some((count) => count > 0 && count < blockRays * chosen)).toBe(true);
  });

  it('list nothing without rays', async () => {
    const { counters, weights: none } = await list(gpu, 0);
    expect(Array.from(counters)).toEqual(Array.from({ length: blocks }, () => 0));
    expect(none.every((w) => w === 0)).toBe(true);
  });
});
