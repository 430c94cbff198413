/** Gates: recorded schedules of the original within 1e-9, the proposal updates exactly, the totals of spec §4.5. */
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { annealExponent, exponentialDecay, ProposalUpdateSchedule, proposalUpdateGap } from './schedules.ts';

describe('schedules', () => {
  it('decay from the first to the last rate and stay there', () => {
    const language = { initial: 1e-2, final: 1e-3, maxSteps: 4000 };
    expect(exponentialDecay(0, language)).toBeCloseTo(1e-2, 12);
    expect(exponentialDecay(2000, language)).toBeCloseTo(3.1623e-3, 7);
    expect(exponentialDecay(9000, language)).toBeCloseTo(1e-3, 12);
    expect(exponentialDecay(500, { initial: 1e-2, maxSteps: 1000 })).toBeCloseTo(1e-2, 12);
  });

  it('anneal from uniform to the weights themselves', () => {
    expect([0, 100, 500, 1000, 5000].map((step) => Number(annealExponent(step).toFixed(4)))).toEqual([
      0, 0.5263, 0.9091, 1, 1,
    ]);
  });

  it('update the proposals 5955 times in 30000 steps', () => {
    const schedule = new ProposalUpdateSchedule();
    const updates: number[] = [];
    for (let step = 0; step < 30000; step++) if (schedule.isUpdate(step)) updates.push(step);
    expect(updates.length).toBe(5955);
    expect(updates.slice(0, 14)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16]);
  });

  it('give a resumed run the same updates, whatever was asked before', () => {
    const schedule = new ProposalUpdateSchedule();
    const all = Array.from({ length: 7000 }, (_, step) => schedule.isUpdate(step));
    for (const step of [6011, 3, 4242, 4242, 0, 6999, 4243])
      expect([step, schedule.isUpdate(step)]).toEqual([step, all[step]]);
    const resumed = new ProposalUpdateSchedule();
    expect(Array.from({ length: 50 }, (_, i) => resumed.isUpdate(5000 + i))).toEqual(all.slice(5000, 5050));
  });

  describe.skipIf(!hasShared)('against the recorded schedules', () => {
    const { arrays } = readVectors('09-schedules');

    it('learning rates', () => {
      const rates = (initial: number, maxSteps: number, final?: number) =>
        arrays.steps.data.map((step) => exponentialDecay(step, { initial, final, maxSteps }));
      const cases: [string, number[]][] = [
        ['lr_fields_1e-2_to_1e-3_30000', rates(1e-2, 30000, 1e-3)],
        ['lr_lerf_1e-2_to_1e-3_4000', rates(1e-2, 4000, 1e-3)],
        ['lr_nerfacto_1e-2_to_1e-4_200000', rates(1e-2, 200000, 1e-4)],
        ['lr_camera_1e-3_to_1e-4_5000', rates(1e-3, 5000, 1e-4)],
        ['lr_nofinal', rates(1e-2, 1000)],
      ];
      for (const [name, actual] of cases) expect(largestDifference(actual, arrays[name].data), name).toBeLessThan(1e-9);
    });

    it('anneal and proposal updates', () => {
      expect(largestDifference(arrays.anneal_steps.data.map(annealExponent), arrays.anneal.data)).toBeLessThan(1e-9);
      const gaps = arrays.update_sched_steps.data.map(proposalUpdateGap);
      expect(largestDifference(gaps, arrays.update_sched.data)).toBeLessThan(1e-9);
      const schedule = new ProposalUpdateSchedule();
      const updates = Array.from({ length: 7001 }, (_, step) => step).filter((step) => schedule.isUpdate(step));
      expect(updates).toEqual(arrays.proposal_updated_steps.data);
    });
  });
});
