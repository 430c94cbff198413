/** A kernel that does nothing but the sums over a workgroup, to hold one way to make them against another. */
import { defineKernel, read, write } from './kernel.ts';
import { sumGroup } from './workgroup-sums.wgsl.ts';

export const checkSumsKernel = defineKernel({
  name: 'check-sums',
  params: { groups: 'u32' },
  buffers: {
    values: read('vec4<f32>', `[groups, ${sumGroup}, 4]`),
    results: write('f32', `[6, groups, ${sumGroup}] = four totals; scan of the first number: before, total`),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ groups }) => groups,
  sums: ['total', 'scan'],
  body: /* wgsl */ `
    let at = group * workgroupSize + lane;
    let sum = total(values[at], lane);
    let part = scan(values[at].x, lane);
    let numbers = array<f32, 6>(sum.x, sum.y, sum.z, sum.w, part.before, part.total);
    for (var k = 0u; k < 6; k++) { results[k * params.groups * workgroupSize + at] = numbers[k]; }
  `,
});
