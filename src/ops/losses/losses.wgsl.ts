/**
 * GPU kernels of the radiance field's losses (losses.ts). Each writes one number per ray, unreduced as the reference
 * does, and gradients times `gradFactor`, into which the caller puts loss weight and mean. `sumValuesKernel` adds up the rays.
 *
 * The distortion loss compares all pairs of a ray's samples instead of running sums: with the final round's 48 samples
 * that is less work than the barriers of two scans, and all terms are non-negative.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';
import { interlevelEpsilon } from './losses.ts';

/** Most samples of a ray that the kernels hold in shared memory. */
export const maxSamples = 512;

function checkSamples(samples: number): void {
  if (samples > maxSamples) throw new Error(`${samples} samples per ray; the kernel holds ${maxSamples}`);
}

export const squaredErrorKernel = defineKernel({
  name: 'squared-error',
  params: { rays: 'u32', channels: 'u32', gradFactor: 'f32' },
  buffers: {
    prediction: read('f32', '[rays, channels]'),
    wanted: read('f32', '[rays, channels]'),
    losses: write('f32', '[rays] ='),
    gradPrediction: write('f32', '[rays, channels] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays }) => rays,
  body: /* wgsl */ `
    var loss = 0.0;
    for (var k = 0u; k < params.channels; k++) {
      let at = index * params.channels + k;
      let difference = prediction[at] - wanted[at];
      loss += difference * difference;
      gradPrediction[at] = 2.0 * params.gradFactor * difference;
    }
    losses[index] = loss;
  `,
});

/** Interlevel loss of a proposal round against the final one, which is a constant. */
export const interlevelLossKernel = defineKernel({
  name: 'interlevel-loss',
  params: { rays: 'u32', samples: 'u32', bins: 'u32', gradFactor: 'f32' },
  buffers: {
    edges: read('f32', '[rays, samples + 1] spacing, final round'),
    weights: read('f32', '[rays, samples] final round'),
    proposalEdges: read('f32', '[rays, bins + 1] spacing'),
    proposalWeights: read('f32', '[rays, bins]'),
    losses: write('f32', '[rays] ='),
    gradProposalWeights: write('f32', '[rays, bins] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, samples, bins }) {
    checkSamples(samples);
    return bins > 0 ? rays : 0;
  },
  sums: ['total'],
  declarations: /* wgsl */ `
    struct Overlap { first: u32, last: u32, scaled: f32 }
    var<workgroup> overlaps: array<Overlap, ${maxSamples}>;
    /** Last bin whose lower edge is at or below an edge of the final round. */
    fn binOf(ray: u32, edge: f32) -> u32 {
      let start = ray * (params.bins + 1);
      var low = 0u;
      var high = params.bins;
      while (high - low > 1) {
        let middle = (low + high) / 2;
        if (proposalEdges[start + middle] <= edge) { low = middle; } else { high = middle; }
      }
      return low;
    }
  `,
  body: /* wgsl */ `
    var own = vec4<f32>(0.0);
    for (var i = lane; i < params.samples; i += workgroupSize) {
      let edge = group * (params.samples + 1) + i;
      let first = binOf(group, edges[edge]);
      let last = max(first, binOf(group, edges[edge + 1]));
      var outer = 0.0;
      for (var k = first; k <= last; k++) { outer += proposalWeights[group * params.bins + k]; }
      let weight = weights[group * params.samples + i];
      let excess = max(0.0, weight - outer);
      let scaled = excess / (weight + ${interlevelEpsilon});
      own.x += excess * scaled;
      overlaps[i] = Overlap(first, last, scaled);
    }
    let loss = total(own, lane); // its barriers also publish the overlaps
    if (lane == 0) { losses[group] = loss.x; }
    for (var k = lane; k < params.bins; k += workgroupSize) {
      var sum = 0.0;
      for (var i = 0u; i < params.samples; i++) {
        let overlap = overlaps[i];
        sum += select(0.0, overlap.scaled, overlap.first <= k && k <= overlap.last);
      }
      gradProposalWeights[group * params.bins + k] = -2.0 * params.gradFactor * sum;
    }
  `,
});

export const distortionLossKernel = defineKernel({
  name: 'distortion-loss',
  params: { rays: 'u32', samples: 'u32', gradFactor: 'f32' },
  buffers: {
    edges: read('f32', '[rays, samples + 1] spacing'),
    weights: read('f32', '[rays, samples]'),
    losses: write('f32', '[rays] ='),
    gradWeights: write('f32', '[rays, samples] +='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, samples }) {
    checkSamples(samples);
    return rays;
  },
  sums: ['total'],
  declarations: /* wgsl */ `
    var<workgroup> row: array<vec2<f32>, ${maxSamples}>; // weight, mid-point
  `,
  body: /* wgsl */ `
    for (var i = lane; i < params.samples; i += workgroupSize) {
      let edge = group * (params.samples + 1) + i;
      row[i] = vec2<f32>(weights[group * params.samples + i], 0.5 * (edges[edge] + edges[edge + 1]));
    }
    workgroupBarrier();
    var own = vec4<f32>(0.0);
    for (var i = lane; i < params.samples; i += workgroupSize) {
      let edge = group * (params.samples + 1) + i;
      let width = edges[edge + 1] - edges[edge];
      let here = row[i];
      var moment = 0.0;
      for (var j = 0u; j < params.samples; j++) { moment += row[j].x * abs(here.y - row[j].y); }
      own.x += here.x * (moment + here.x * width / 3.0);
      gradWeights[group * params.samples + i] += params.gradFactor * (2.0 * moment + 2.0 / 3.0 * here.x * width);
    }
    let loss = total(own, lane);
    if (lane == 0) { losses[group] = loss.x; }
  `,
});
