/**
 * GPU kernels that turn the samples of rays into lists of points, for rendering: every sample of a round as a grid
 * coordinate, and the samples that a query looks at, close together in memory, without those that carry no weight
 * (savings A17). Rays lie as [rays, 6]: origin, direction.
 */
import { contractionFunctions } from '../contraction/contraction.wgsl.ts';
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { middleFunction, rayBuffers } from './sample-points.wgsl.ts';
import { missingFunction } from '../wgsl/workgroup-sums.wgsl.ts';

/** middleOf(ray, sample) and pointAt(ray, distance); `ray` counts from the first ray of the dispatch. */
const pointFunctions = /* wgsl */ `
${middleFunction}
fn pointAt(ray: u32, distance: f32) -> vec3<f32> {
  let at = 6 * (params.firstRay + ray);
  return vec3<f32>(lines[at], lines[at + 1], lines[at + 2])
    + vec3<f32>(lines[at + 3], lines[at + 4], lines[at + 5]) * distance;
}
`;

const lineBuffers = {
  lines: read('f32', '[all rays, 6] origin (scene units), direction'),
  distances: rayBuffers.distances,
} as const;

/** Origins and directions side by side, so that a kernel with many arrays binds them as one. */
export const joinLinesKernel = defineKernel({
  name: 'join-lines',
  params: { rays: 'u32' },
  buffers: {
    origins: read('f32', '[rays, 3] scene units'),
    directions: read('f32', '[rays, 3]'),
    lines: write('f32', '[rays, 6] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays }) => 3 * rays,
  body: /* wgsl */ `
    let at = 6 * (index / 3) + index % 3;
    lines[at] = origins[index];
    lines[at + 3] = directions[index];
  `,
});

/** L∞ grid coordinates of the samples' mid-points, and in w whether they lie inside the contracted cube. */
export const placeSamplesKernel = defineKernel({
  name: 'place-samples',
  params: { rays: 'u32', samples: 'u32', firstRay: 'u32' },
  buffers: { ...lineBuffers, places: write('vec4<f32>', '[rays, samples] = coordinates in [0, 1], 0 or 1') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, samples }) => rays * samples,
  declarations: contractionFunctions + pointFunctions,
  body: /* wgsl */ `
    let ray = index / params.samples;
    places[index] = cubeCoordinate(pointAt(ray, middleOf(ray, index % params.samples)));
  `,
});

/**
 * Lists the chosen samples of each ray, one after another, without those whose weight is at most `share` of the sum over
 * the ray. Rays come in blocks of `blockRays`, each with a list and a counter of its own; where a ray's samples start
 * in the list depends on the order in which rays get there, their own order does not.
 */
export const listSamplesKernel = defineKernel({
  name: 'list-samples',
  params: { rays: 'u32', samples: 'u32', chosen: 'u32', firstRay: 'u32', blockRays: 'u32', share: 'f32' },
  buffers: {
    ...lineBuffers,
    weights: read('f32', '[rays, samples]'),
    indices: read('u32', '[rays, chosen] ascending'),
    spans: write('vec2<u32>', '[all rays] = first place in the list of its block, samples'),
    counters: write('atomic<u32>', '[blocks] += samples listed'),
    listWeights: write('f32', '[blocks, blockRays · chosen] ='),
    positions: write('f32', '[blocks, blockRays · chosen, 3] = L2 grid coordinates in [0, 1]'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays }) => rays,
  declarations: contractionFunctions + pointFunctions + missingFunction,
  body: /* wgsl */ `
    var sum = 0.0;
    for (var k = 0u; k < params.chosen; k++) {
      let weight = weights[index * params.samples + indices[index * params.chosen + k]];
      sum += select(weight, 0.0, isMissing(weight));
    }
    let least = params.share * sum;
    var kept = 0u;
    for (var k = 0u; k < params.chosen; k++) {
      let weight = weights[index * params.samples + indices[index * params.chosen + k]];
      if (weight > least && !isMissing(weight)) { kept++; }
    }
    let ray = params.firstRay + index;
    let block = ray / params.blockRays;
    let first = atomicAdd(&counters[block], kept);
    spans[ray] = vec2<u32>(first, kept);
    var at = block * params.blockRays * params.chosen + first;
    for (var k = 0u; k < params.chosen; k++) {
      let s = indices[index * params.chosen + k];
      let weight = weights[index * params.samples + s];
      if (!(weight > least) || isMissing(weight)) { continue; }
      let place = ballCoordinate(pointAt(index, middleOf(index, s)));
      listWeights[at] = weight;
      for (var axis = 0u; axis < 3; axis++) { positions[3 * at + axis] = place[axis]; }
      at++;
    }
  `,
});
