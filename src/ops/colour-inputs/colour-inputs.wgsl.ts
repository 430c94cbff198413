/**
 * GPU kernels around the colour head (spec §4.1): its input rows – harmonics of the ray, geometry features of the sample,
 * appearance of the camera –, and the way back from the gradient of those rows. The reference is
 * `engines/reference/colour.ts`.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';

/** Components of the spherical harmonics. */
export const harmonicsWidth = 16;

const widths = { samples: 'u32', geometry: 'u32', appearance: 'u32', stride: 'u32' } as const;

/** inputs [rays, samples, stride] = harmonics, geometry, appearance. Without appearance anything may be bound for its table. */
export const colourInputsKernel = defineKernel({
  name: 'colour-inputs-forward',
  params: { rays: 'u32', ...widths },
  buffers: {
    harmonics: read('f32', '[rays, 16]'),
    outputs: read('f32', '[rays, samples, 1 + geometry] of the density network'),
    table: read('f32', '[cameras, appearance]'),
    cameras: read('u32', '[rays] row of the table'),
    inputs: write('f32', '[rays, samples, stride] columns 0 … 16 + geometry + appearance ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, samples, geometry, appearance }) => rays * samples * (harmonicsWidth + geometry + appearance),
  body: /* wgsl */ `
    let width = ${harmonicsWidth} + params.geometry + params.appearance;
    let point = index / width;
    let column = index % width;
    let ray = point / params.samples;
    var value: f32;
    if (column < ${harmonicsWidth}) {
      value = harmonics[${harmonicsWidth} * ray + column];
    } else if (column < ${harmonicsWidth} + params.geometry) {
      value = outputs[point * (1 + params.geometry) + 1 + column - ${harmonicsWidth}];
    } else {
      value = table[cameras[ray] * params.appearance + column - ${harmonicsWidth} - params.geometry];
    }
    inputs[point * params.stride + column] = value;
  `,
});

/**
 * From the gradient of the input rows: geometry features into columns 1 … of the density network's output gradient; the
 * columns of the ray – harmonics, then appearance – summed over its samples.
 */
export const colourInputsBackwardKernel = defineKernel({
  name: 'colour-inputs-backward',
  params: { rays: 'u32', ...widths },
  buffers: {
    gradInputs: read('f32', '[rays, samples, stride]'),
    gradOutputs: write('f32', '[rays, samples, 1 + geometry] columns 1 … ='),
    gradRay: write('f32', '[rays, 16 + appearance] ='),
  },
  workgroupSize: 64,
  over: 'groups',
  count: ({ rays }) => rays,
  body: /* wgsl */ `
    let width = ${harmonicsWidth} + params.geometry + params.appearance;
    for (var column = lane; column < width; column += workgroupSize) {
      let ofSample = column >= ${harmonicsWidth} && column < ${harmonicsWidth} + params.geometry;
      var sum = 0.0;
      for (var s = 0u; s < params.samples; s++) {
        let point = group * params.samples + s;
        let g = gradInputs[point * params.stride + column];
        if (ofSample) { gradOutputs[point * (1 + params.geometry) + 1 + column - ${harmonicsWidth}] = g; }
        sum += g;
      }
      if (!ofSample) {
        let to = select(column - params.geometry, column, column < ${harmonicsWidth});
        gradRay[group * (${harmonicsWidth} + params.appearance) + to] = sum;
      }
    }
  `,
});

/** Gradient of the appearance table; one workgroup per camera and channel looks through all rays for its own. */
export const appearanceBackwardKernel = defineKernel({
  name: 'appearance-backward',
  params: { rays: 'u32', cameras: 'u32', appearance: 'u32' },
  buffers: {
    rayCameras: read('u32', '[rays]'),
    gradRay: read('f32', '[rays, 16 + appearance]'),
    gradTable: write('f32', '[cameras, appearance] +='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ cameras, appearance }) => cameras * Math.ceil(appearance / 4),
  sums: ['total'],
  body: /* wgsl */ `
    let vectors = (params.appearance + 3) / 4;
    let camera = group / vectors;
    let first = 4 * (group % vectors);
    var own = vec4<f32>(0.0);
    for (var ray = lane; ray < params.rays; ray += workgroupSize) {
      if (rayCameras[ray] != camera) { continue; }
      let start = ray * (${harmonicsWidth} + params.appearance) + ${harmonicsWidth} + first;
      for (var k = 0u; k < 4 && first + k < params.appearance; k++) { own[k] += gradRay[start + k]; }
    }
    let sum = total(own, lane);
    if (lane < 4 && first + lane < params.appearance) {
      gradTable[camera * params.appearance + first + lane] += sum[lane];
    }
  `,
});

/** gradRaw = gradColours · c (1 − c), in place. */
export const sigmoidBackwardKernel = defineKernel({
  name: 'sigmoid-backward',
  params: { length: 'u32' },
  buffers: {
    values: read('f32', '[length] after the sigmoid'),
    gradients: write('f32', '[length] of the values, then of what went into the sigmoid'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: 'gradients[index] *= values[index] * (1.0 - values[index]);',
});
