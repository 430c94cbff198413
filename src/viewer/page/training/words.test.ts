import { describe, expect, it } from 'vitest';
import type { TrainingReport } from '../../../training/monitor.ts';
import { duration, firstPicture, headline, short, spoken } from './words.ts';

const report = (more: Partial<TrainingReport>): TrainingReport => ({
  state: 'training',
  stages: [],
  fields: [],
  ...more,
});
const stage = { name: 'language', step: 1240, steps: 30_000 };

describe('a training in words', () => {
  it('says where it is', () => {
    expect(headline(report({ stage }))).toBe('Language fields, step 1\u202f240 of 30\u202f000');
    expect(headline(report({ state: 'paused', stage }))).toMatch(/^Paused\. Language fields, step/);
    const work = { what: 'encoding tiles', done: 3, total: 9 };
    expect(headline(report({ state: 'preparing', work }))).toBe('Preparing: encoding tiles');
  });

  it('says its numbers in one sentence, and no pace while nothing moves', () => {
    const newest = { stage: 'language', step: 1240, seconds: 9, stepsPerSecond: 9, clip: [0.01234, 0.5], dino: [0.6] };
    const numbers = { stage, newest, stepsPerSecond: 9.44, secondsLeft: 3050 };
    expect(spoken(report(numbers))).toBe(
      'Language fields, step 1\u202f240 of 30\u202f000, 9.4 steps/s, about 51 min left, CLIP loss 0.0123 and 0.500, DINO loss 0.600',
    );
    expect(spoken(report({ ...numbers, state: 'paused' }))).not.toMatch(/steps\/s|left/);
    expect(spoken(report({ newest: { ...newest, psnr: 23.04 } }))).toContain('PSNR 23.0 decibels');
  });

  it('says when the first picture comes', () => {
    expect(firstPicture(report({ firstSave: { seconds: 8 } }))).toBe('after about 8 s of training');
    const both = report({ firstSave: { seconds: 120, steps: 50 }, stage: { ...stage, step: 10 } });
    expect(firstPicture(both)).toBe('after about 2 min of training or after 40 more steps');
    expect(firstPicture(report({ firstSave: {} }))).toBe('when training saves for the first time');
  });

  it('rounds to what matters', () => {
    expect([0.4, 59.6, 3_599, 3_600, 9_000].map(duration)).toEqual([
      '0 s',
      '1 min',
      '1 h 00 min',
      '1 h 00 min',
      '2 h 30 min',
    ]);
    expect([0.012345, 12.345, 0.00012, 0, 1.234e-7].map(short)).toEqual([
      '0.0123',
      '12.3',
      '0.000120',
      '0.00',
      '1.23e-7',
    ]);
  });
});
