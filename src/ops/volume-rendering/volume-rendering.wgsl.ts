/**
 * GPU kernels of volume rendering (volume-rendering.ts): density activation, weights from densities, composited
 * colours, median depth, with their gradients. One workgroup per ray where a ray's samples depend on each other.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { missingFunction, sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';

/** Most samples of a ray that the backward kernels hold in shared memory. */
export const maxSamples = 512;

export const densityActivationKernel = defineKernel({
  name: 'density-activation-forward',
  params: { points: 'u32', stride: 'u32', initialDensity: 'f32' },
  buffers: {
    raw: read('f32', '[points, stride] column 0: log-density'),
    selector: read('f32', '[points]'),
    density: write('f32', '[points] = 1 / scene unit'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points }) => points,
  body: /* wgsl */ `
    let s = selector[index];
    density[index] = select(params.initialDensity * exp(raw[index * params.stride]) * s, 0.0, s == 0.0);
  `,
});

export const densityActivationBackwardKernel = defineKernel({
  name: 'density-activation-backward',
  params: { points: 'u32', stride: 'u32', initialDensity: 'f32' },
  buffers: {
    raw: read('f32', '[points, stride]'),
    selector: read('f32', '[points]'),
    gradDensity: read('f32', '[points]'),
    gradRaw: write('f32', '[points, stride] column 0 ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points }) => points,
  body: /* wgsl */ `
    let s = selector[index];
    let slope = params.initialDensity * exp(clamp(raw[index * params.stride], -15.0, 15.0)) * s;
    gradRaw[index * params.stride] = select(gradDensity[index] * slope, 0.0, s == 0.0);
  `,
});

/** opaqueness(tau) = 1 − e^−tau, without cancellation where tau is small. */
const opaquenessFunction = /* wgsl */ `
fn opaqueness(tau: f32) -> f32 {
  let series = tau * (1.0 - tau * (1.0 / 2.0 - tau * (1.0 / 6.0 - tau * (1.0 / 24.0 - tau * (1.0 / 120.0 - tau / 720.0)))));
  return select(1.0 - exp(-tau), series, abs(tau) < 0.25);
}
`;

/**
 * Statements of one piece of a ray: s, at, width, tau and (after the scan) the optical depth in front of the sample. A
 * density that is NaN has no weight and hides what is behind it, as in the reference; it is sorted out before `exp`,
 * of which a GPU need not return NaN, and before the sums, which stay finite.
 */
const loadPiece = /* wgsl */ `
  let s = start + lane;
  let inside = s < params.samples;
  let nearest = min(s, params.samples - 1);
  let at = group * params.samples + nearest;
  let edge = group * (params.samples + 1) + nearest;
  let width = edges[edge + 1] - edges[edge];
  let depth = density[at] * width;
  let seen = inside && !isMissing(depth);
  let tau = select(0.0, select(1e30, clamp(depth, -1e30, 1e30), seen), inside);
  let sums = scan(tau, lane);
  let front = carried + sums.before;
  carried += sums.total;
`;

export const compositeWeightsKernel = defineKernel({
  name: 'composite-weights-forward',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    density: read('f32', '[rays, samples]'),
    edges: read('f32', '[rays, samples + 1] distances'),
    weights: write('f32', '[rays, samples] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ rays, samples }) => (samples > 0 ? rays : 0),
  sums: ['scan'],
  declarations: opaquenessFunction + missingFunction,
  body: /* wgsl */ `
    var carried = 0.0;
    for (var start = 0u; start < params.samples; start += workgroupSize) {
      ${loadPiece}
      if (inside) { weights[at] = select(0.0, opaqueness(tau) * exp(-front), seen); }
    }
  `,
});

/** gradDensity from gradWeights; the sums behind a sample run from the far end, so nothing cancels. */
export const compositeWeightsBackwardKernel = defineKernel({
  name: 'composite-weights-backward',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    density: read('f32', '[rays, samples]'),
    edges: read('f32', '[rays, samples + 1] distances'),
    gradWeights: read('f32', '[rays, samples]'),
    gradDensity: write('f32', '[rays, samples] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, samples }) {
    if (samples > maxSamples) throw new Error(`${samples} samples per ray; the kernel holds ${maxSamples}`);
    return samples > 0 ? rays : 0;
  },
  sums: ['scan'],
  declarations: /* wgsl */ `
    ${opaquenessFunction}${missingFunction}
    var<workgroup> passed: array<f32, ${maxSamples}>;   // transmittance behind each sample
    var<workgroup> carriedBack: array<f32, ${maxSamples}>; // gradient · weight of each sample
  `,
  body: /* wgsl */ `
    var carried = 0.0;
    for (var start = 0u; start < params.samples; start += workgroupSize) {
      ${loadPiece}
      let weight = select(0.0, opaqueness(tau) * exp(-front), seen);
      if (inside) {
        passed[s] = exp(-(front + tau));
        carriedBack[s] = gradWeights[at] * weight;
      }
    }
    workgroupBarrier();
    var behind = 0.0;
    for (var start = 0u; start < params.samples; start += workgroupSize) {
      let inside = start + lane < params.samples;
      let s = params.samples - 1 - min(start + lane, params.samples - 1);
      let sums = scan(select(0.0, carriedBack[s], inside), lane);
      let at = group * params.samples + s;
      let edge = group * (params.samples + 1) + s;
      let gradient = (edges[edge + 1] - edges[edge]) * (gradWeights[at] * passed[s] - (behind + sums.before));
      behind += sums.total;
      if (inside) { gradDensity[at] = select(gradient, 0.0, isMissing(gradient)); }
    }
  `,
});

export const compositeColourKernel = defineKernel({
  name: 'composite-colour-forward',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    weights: read('f32', '[rays, samples]'),
    colours: read('f32', '[rays, samples, 3]'),
    rgb: write('f32', '[rays, 3] ='),
    accumulation: write('f32', '[rays] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ rays }) => rays,
  sums: ['total'],
  body: /* wgsl */ `
    var own = vec4<f32>(0.0);
    for (var s = lane; s < params.samples; s += workgroupSize) {
      let at = group * params.samples + s;
      own += weights[at] * vec4<f32>(colours[3 * at], colours[3 * at + 1], colours[3 * at + 2], 1.0);
    }
    let sum = total(own, lane);
    if (lane < 3) {
      var background = 0.0;
      if (params.samples > 0) { background = colours[3 * (group * params.samples + params.samples - 1) + lane]; }
      rgb[3 * group + lane] = sum[lane] + (1.0 - sum.w) * background;
    }
    if (lane == 0) { accumulation[group] = sum.w; }
  `,
});

/** Gradients of weights and colours; the last sample also carries the background. */
export const compositeColourBackwardKernel = defineKernel({
  name: 'composite-colour-backward',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    weights: read('f32', '[rays, samples]'),
    colours: read('f32', '[rays, samples, 3]'),
    accumulation: read('f32', '[rays]'),
    gradRgb: read('f32', '[rays, 3]'),
    gradWeights: write('f32', '[rays, samples] +='),
    gradColours: write('f32', '[rays, samples, 3] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, samples }) => rays * samples,
  body: /* wgsl */ `
    let ray = index / params.samples;
    let last = ray * params.samples + params.samples - 1;
    let weight = weights[index] + select(0.0, 1.0 - accumulation[ray], index == last);
    var gradWeight = 0.0;
    for (var k = 0u; k < 3; k++) {
      let g = gradRgb[3 * ray + k];
      gradWeight += g * (colours[3 * index + k] - colours[3 * last + k]);
      gradColours[3 * index + k] = g * weight;
    }
    gradWeights[index] += gradWeight;
  `,
});

/** Distance to the median of the weights; 0 without samples. One invocation walks a ray. */
export const medianDepthKernel = defineKernel({
  name: 'median-depth',
  params: { rays: 'u32', samples: 'u32' },
  buffers: {
    weights: read('f32', '[rays, samples]'),
    edges: read('f32', '[rays, samples + 1] distances'),
    depth: write('f32', '[rays] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays }) => rays,
  body: /* wgsl */ `
    if (params.samples == 0) { depth[index] = 0.0; return; }
    var sum = 0.0;
    var s = 0u;
    for (; s < params.samples - 1; s++) {
      sum += weights[index * params.samples + s];
      if (!(sum < 0.5)) { break; }
    }
    let edge = index * (params.samples + 1) + s;
    depth[index] = 0.5 * (edges[edge] + edges[edge + 1]);
  `,
});
