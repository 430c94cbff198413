/**
 * Gates: both ways to make sums over a workgroup against float64, below 1e-6 of the sum of magnitudes; the part before
 * the first lane is exactly 0, and small sums before a large value keep their digits.
 */
import { expect, it } from 'vitest';
import { describeGpu } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import { Recorder } from '../../engines/webgpu/recorder.ts';
import { checkSumsKernel } from './check-sums.wgsl.ts';
import { sumGroup } from './workgroup-sums.wgsl.ts';

const groups = 3;
/** The last workgroup: ones, and a large number in the last lane. */
const given = normals(5, groups * sumGroup * 4).map((v, i) => {
  const lane = Math.floor(i / 4);
  if (lane < 2 * sumGroup) return v;
  return lane === 3 * sumGroup - 1 ? 1e9 : 1;
});

describeGpu('sums over a workgroup', (gpu) => {
  for (const method of ['workgroup', 'subgroup'] as const)
    it(`are right, made by ${method}s`, async ({ skip }) => {
      if (method === 'subgroup' && !gpu.opened.features.subgroups) return skip('the adapter has no subgroups');
      const values = await gpu.floats(given);
      const results = await gpu.zeros('f32', groups * sumGroup * 6);
      const recorder = new Recorder(gpu.opened, { sums: method });
      recorder.dispatch(checkSumsKernel, { params: { groups }, buffers: { values, results } });
      const found = await recorder.download(results);
      for (let group = 0; group < groups; group++) {
        const at = (lane: number, k: number) => given[(group * sumGroup + lane) * 4 + k];
        const lanes = Array.from({ length: sumGroup }, (_, lane) => lane);
        const sums = [0, 1, 2, 3].map((k) => lanes.reduce((sum, lane) => sum + at(lane, k), 0));
        const size = lanes.reduce((sum, lane) => sum + Math.abs(at(lane, 0)), 0);
        let before = 0;
        for (const lane of lanes) {
          const own = [0, 1, 2, 3, 4, 5].map((k) => found[(k * groups + group) * sumGroup + lane]);
          for (const [k, sum] of sums.entries()) expect(Math.abs(own[k] - sum)).toBeLessThan(1e-6 * Math.max(size, 64));
          expect(Math.abs(own[5] - sums[0])).toBeLessThan(1e-6 * size);
          if (lane === 0) expect(own[4]).toBe(0);
          if (group === 2) expect(own[4]).toBe(lane);
          else expect(Math.abs(own[4] - before)).toBeLessThan(1e-6 * size);
          before += at(lane, 0);
        }
      }
    });
});
