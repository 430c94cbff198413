/**
 * GPU kernels of ray sampling (ray-sampling.ts): jitter, spacing edges, distances, resampling from weights, grid
 * coordinates of the samples with their gradient to the rays, and the choice of the largest weights.
 */
import { contractionBackwardFunctions, contractionFunctions } from '../contraction/contraction.wgsl.ts';
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { randomFunctions } from '../wgsl/random.wgsl.ts';
import { sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';
import { rayBuffers, samplePointFunctions } from './sample-points.wgsl.ts';
import { histogramPadding, spacingFromDistance } from './ray-sampling.ts';

/** Most bins of a ray that the kernels hold in shared memory. */
export const maxBins = 512;

function checkBins(bins: number): void {
  if (bins > maxBins) throw new Error(`${bins} samples per ray; the kernel holds ${maxBins}`);
}

/** Uniform numbers [count, 3] of math/random.ts: jitter[i, k] = randomUniform(seed, stream, counter, i, k). */
export const drawJitterKernel = defineKernel({
  name: 'draw-jitter',
  params: { rays: 'u32', seed: 'u32', stream: 'u32', counter: 'u32' },
  buffers: { jitter: write('f32', '[rays, 3] = in [0, 1)') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays }) => rays * 3,
  declarations: randomFunctions,
  body: 'jitter[index] = randomUniform(params.seed, params.stream, params.counter, index / 3, index % 3);',
});

/** Evenly spaced spacing edges, moved by column 0 of the jitter in training (`train` 1). */
export const initialEdgesKernel = defineKernel({
  name: 'initial-edges',
  params: { rays: 'u32', samples: 'u32', train: 'u32' },
  buffers: { jitter: read('f32', '[rays, 3]'), edges: write('f32', '[rays, samples + 1] = in [0, 1]') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, samples }) => rays * (samples + 1),
  body: /* wgsl */ `
    let ray = index / (params.samples + 1);
    let i = index % (params.samples + 1);
    let width = 1.0 / f32(max(params.samples, 1));
    let even = f32(i) * width;
    let lower = select((f32(i) - 0.5) * width, even, i == 0);
    let upper = select((f32(i) + 0.5) * width, even, i == params.samples);
    var edge = even;
    if (params.train != 0) { edge = lower + (upper - lower) * jitter[3 * ray]; }
    edges[index] = edge;
  `,
});

/** Distances of spacing edges; the far half works on 1 − s, in which float32 keeps its digits near the far plane. */
export const euclideanEdgesKernel = defineKernel({
  name: 'euclidean-edges',
  params: { edges: 'u32', spacingNear: 'f32', spacingFar: 'f32', complementNear: 'f32', complementFar: 'f32' },
  buffers: { spacing: read('f32', '[edges] in [0, 1]'), distances: write('f32', '[edges] = scene units') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ edges }) => edges,
  body: /* wgsl */ `
    let b = spacing[index];
    let s = b * params.spacingFar + (1.0 - b) * params.spacingNear;
    let complement = b * params.complementFar + (1.0 - b) * params.complementNear;
    distances[index] = select(0.5 / complement, 2.0 * s, s < 0.5);
  `,
});

/** The scalars of euclideanEdgesKernel between two planes. */
export function planeParams(near: number, far: number) {
  const complement = (distance: number) => (distance < 1 ? 1 - distance / 2 : 1 / (2 * distance));
  return {
    spacingNear: spacingFromDistance(near),
    spacingFar: spacingFromDistance(far),
    complementNear: complement(near),
    complementFar: complement(far),
  };
}

/**
 * New spacing edges from the histogram of weights, by column `column` of the jitter in training. The cumulative weights
 * of a ray stand in shared memory; every new edge looks its quantile up by bisection.
 */
export const resampleEdgesKernel = defineKernel({
  name: 'resample-edges',
  params: { rays: 'u32', bins: 'u32', samples: 'u32', anneal: 'f32', train: 'u32', column: 'u32' },
  buffers: {
    weights: read('f32', '[rays, bins]'),
    edges: read('f32', '[rays, bins + 1] in [0, 1]'),
    jitter: read('f32', '[rays, 3]'),
    newEdges: write('f32', '[rays, samples + 1] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, bins }) {
    checkBins(bins);
    return bins > 0 ? rays : 0;
  },
  sums: ['scan'],
  declarations: /* wgsl */ `
    var<workgroup> cumulative: array<f32, ${maxBins + 1}>;
    fn annealed(w: f32) -> f32 {
      // pow(0, 0) is anything on a GPU.
      if (params.anneal == 0.0) { return 1.0; }
      if (params.anneal == 1.0) { return w; }
      return select(0.0, pow(w, params.anneal), w > 0.0);
    }
  `,
  body: /* wgsl */ `
    if (lane == 0) { cumulative[0] = 0.0; }
    var carried = 0.0;
    for (var start = 0u; start < params.bins; start += workgroupSize) {
      let k = start + lane;
      var value = 0.0;
      if (k < params.bins) { value = annealed(weights[group * params.bins + k]) + ${histogramPadding}; }
      let sums = scan(value, lane);
      if (k < params.bins) { cumulative[k + 1] = carried + sums.before + value; }
      carried += sums.total;
    }
    workgroupBarrier();
    var shift = 0.5;
    if (params.train != 0) { shift = jitter[3 * group + params.column]; }
    let whole = cumulative[params.bins];
    let first = group * (params.bins + 1);
    for (var i = lane; i <= params.samples; i += workgroupSize) {
      let wanted = (f32(i) + shift) / f32(params.samples + 1) * whole;
      // The last bin that starts at or below the wanted sum.
      var low = 0u;
      var high = params.bins;
      while (high - low > 1) {
        let middle = (low + high) / 2;
        if (cumulative[middle] <= wanted) { low = middle; } else { high = middle; }
      }
      let span = cumulative[low + 1] - cumulative[low];
      let t = select(0.0, clamp((wanted - cumulative[low]) / span, 0.0, 1.0), span > 0.0);
      let near = edges[first + low];
      newEdges[group * (params.samples + 1) + i] = near + t * (edges[first + low + 1] - near);
    }
  `,
});

/** L∞ grid coordinates and selectors of the samples' mid-points. */
export const sampleCoordinatesKernel = defineKernel({
  name: 'sample-coordinates-forward',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    ...rayBuffers,
    coordinates: write('f32', '[rays, samples, 3] = in [0, 1]'),
    selector: write('f32', '[rays, samples] = 0 or 1'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, samples }) => rays * samples,
  declarations: contractionFunctions + samplePointFunctions,
  body: /* wgsl */ `
    let c = cubeCoordinate(samplePoint(index / params.samples, index % params.samples));
    for (var k = 0u; k < 3; k++) { coordinates[3 * index + k] = c[k]; }
    selector[index] = c.w;
  `,
});

/** Gradients of the rays' origins and directions; distances are detached. */
export const sampleCoordinatesBackwardKernel = defineKernel({
  name: 'sample-coordinates-backward',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    ...rayBuffers,
    gradCoordinates: read('f32', '[rays, samples, 3]'),
    gradOrigins: write('f32', '[rays, 3] +='),
    gradDirections: write('f32', '[rays, 3] +='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ rays }) => rays,
  sums: ['total'],
  declarations: contractionBackwardFunctions + samplePointFunctions,
  body: /* wgsl */ `
    var toOrigin = vec4<f32>(0.0);
    var toDirection = vec4<f32>(0.0);
    for (var s = lane; s < params.samples; s += workgroupSize) {
      let at = 3 * (group * params.samples + s);
      let g = vec3<f32>(gradCoordinates[at], gradCoordinates[at + 1], gradCoordinates[at + 2]);
      let gradPoint = vec4<f32>(cubeCoordinateBackward(samplePoint(group, s), g), 0.0);
      toOrigin += gradPoint;
      toDirection += gradPoint * middleOf(group, s);
    }
    let originSum = total(toOrigin, lane);
    let directionSum = total(toDirection, lane);
    if (lane < 3) {
      gradOrigins[3 * group + lane] += originSum[lane];
      gradDirections[3 * group + lane] += directionSum[lane];
    }
  `,
});

/** Indices of the `chosen` largest weights of each ray, ascending; among equals the lower index wins. */
export const largestWeightsKernel = defineKernel({
  name: 'largest-weights',
  params: { rays: 'u32', samples: 'u32', chosen: 'u32' },
  buffers: { weights: read('f32', '[rays, samples]'), indices: write('u32', '[rays, chosen] =') },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, samples }) {
    checkBins(samples);
    return rays;
  },
  sums: ['scan'],
  declarations: `var<workgroup> row: array<f32, ${maxBins}>;`,
  body: /* wgsl */ `
    for (var s = lane; s < params.samples; s += workgroupSize) { row[s] = weights[group * params.samples + s]; }
    workgroupBarrier();
    var carried = 0u;
    for (var start = 0u; start < params.samples; start += workgroupSize) {
      let s = start + lane;
      var rank = 0u;
      for (var j = 0u; j < params.samples; j++) {
        if (s < params.samples && (row[j] > row[s] || (row[j] == row[s] && j < s))) { rank++; }
      }
      let taken = s < params.samples && rank < params.chosen;
      let sums = scan(select(0.0, 1.0, taken), lane);
      if (taken) { indices[group * params.chosen + carried + u32(sums.before)] = s; }
      carried += u32(sums.total);
    }
  `,
});
