/**
 * GPU kernels for what a ray brings to the colour head (spec §4.1; savings A9): the appearance of its camera into a row
 * beside the harmonics of its direction, and the way back. The reference is `engines/reference/colour.ts`.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';

/** Components of the spherical harmonics. */
export const harmonicsWidth = 16;

export const appearanceRowsKernel = defineKernel({
  name: 'appearance-rows',
  params: { rays: 'u32', appearance: 'u32', stride: 'u32', column: 'u32' },
  buffers: {
    table: read('f32', '[cameras, appearance]'),
    rayCameras: read('u32', '[rays] row of the table'),
    rows: write('f32', '[rays, stride] columns column … column + appearance ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, appearance }) => rays * appearance,
  body: /* wgsl */ `
    let ray = index / params.appearance;
    let k = index % params.appearance;
    rows[ray * params.stride + params.column + k] = table[rayCameras[ray] * params.appearance + k];
  `,
});

/** Gradient of the appearance table; one workgroup per camera and channel looks through all rays for its own. */
export const appearanceBackwardKernel = defineKernel({
  name: 'appearance-backward',
  params: { rays: 'u32', cameras: 'u32', appearance: 'u32', stride: 'u32', column: 'u32' },
  buffers: {
    rayCameras: read('u32', '[rays]'),
    gradRows: read('f32', '[rays, stride] columns column … used'),
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
      let start = ray * params.stride + params.column + first;
      for (var k = 0u; k < 4 && first + k < params.appearance; k++) { own[k] += gradRows[start + k]; }
    }
    let sum = total(own, lane);
    if (lane < 4 && first + lane < params.appearance) {
      gradTable[camera * params.appearance + first + lane] += sum[lane];
    }
  `,
});
