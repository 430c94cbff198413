/** Adds up a list of numbers on the GPU, always in the same order. */
import { defineKernel, read, write } from './kernel.ts';
import { sumGroup } from './workgroup-sums.wgsl.ts';

export const sumValuesKernel = defineKernel({
  name: 'sum-values',
  params: { length: 'u32', slot: 'u32', factor: 'f32' },
  buffers: {
    values: read('f32', '[length]'),
    sums: write('f32', '[slots] sums[slot] = factor · Σ values'),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: () => 1,
  sums: ['total'],
  body: /* wgsl */ `
    var own = vec4<f32>(0.0);
    for (var i = lane; i < params.length; i += workgroupSize) { own.x += values[i]; }
    let sum = total(own, lane);
    if (lane == 0) { sums[params.slot] = params.factor * sum.x; }
  `,
});
