import { describe, expect, it } from 'vitest';
import {
  bootstrapInterval,
  groupBy,
  meanDifference,
  meanOf,
  type Paired,
  quantile,
  relativeChange,
  spreadOf,
  sumOf,
  sumsByGroup,
} from './statistics.ts';

const pair = (before: number, after: number): Paired => ({ before, after, count: 1 });

it('gives the mean and the sample standard deviation', () => {
  expect(spreadOf([1, 2, 6])).toEqual({ mean: 3, spread: Math.sqrt(7), count: 3 });
  expect(spreadOf([4])).toEqual({ mean: 4, spread: Number.NaN, count: 1 });
  expect(meanOf([1, null, 3])).toBe(2);
  expect(meanOf([])).toBeNaN();
});

it('compares sums, so that a large D weighs more than a small one', () => {
  const sums = sumOf([pair(0.3, 0.2), pair(0.1, 0.12)]);
  expect(relativeChange(sums)).toBeCloseTo(0.32 / 0.4 - 1, 12);
  expect(meanDifference(sumOf([pair(1, 0), pair(0, 1), pair(0, 1), pair(1, 1)]))).toBe(0.25);
});

it('groups in the order of first appearance', () => {
  const items = ['tea', 'cake', 'toast', 'cup'];
  expect(groupBy(items, ([letter]) => letter)).toEqual([
    ['tea', 'toast'],
    ['cake', 'cup'],
  ]);
  expect(sumsByGroup([pair(1, 2), pair(3, 4)], () => 'one')).toEqual([{ before: 4, after: 6, count: 2 }]);
});

it('takes quantiles between neighbours', () => {
  expect(quantile([0, 10, 20], 0.5)).toBe(10);
  expect(quantile([0, 10, 20], 0.975)).toBeCloseTo(19.5, 12);
});

describe('the bootstrap', () => {
  const pairs = Array.from({ length: 40 }, (_, i) => pair(1, i % 2 === 0 ? 0.7 : 0.9));

  it('comes out the same for the same seed and not for another', () => {
    const interval = (seed: number) => bootstrapInterval(pairs, relativeChange, { rounds: 200, seed });
    expect(interval(1)).toEqual(interval(1));
    expect(interval(1)).not.toEqual(interval(2));
  });

  it('surrounds the change with the width that theory gives', () => {
    const [low, high] = bootstrapInterval(pairs, relativeChange, { rounds: 4000, seed: 1 });
    // Standard error of a mean of 40 values 0.1 away from it: 0.1 / √40; 95 % are 1.96 of them to each side.
    const margin = (1.96 * 0.1) / Math.sqrt(40);
    expect(low).toBeCloseTo(-0.2 - margin, 2);
    expect(high).toBeCloseTo(-0.2 + margin, 2);
  });

  it('has no width where all pairs changed alike, and is wider over groups that differ', () => {
    const alike = bootstrapInterval([pair(1, 0.5), pair(3, 1.5), pair(2, 1)], relativeChange, { rounds: 50, seed: 1 });
    expect(alike).toEqual([-0.5, -0.5]);
    const halves = pairs.map((each, i) => ({ ...each, after: i < 20 ? 0.7 : 0.9, half: i < 20 ? 'a' : 'b' }));
    const [low, high] = bootstrapInterval(halves, relativeChange);
    const [groupLow, groupHigh] = bootstrapInterval(
      sumsByGroup(halves, ({ half }) => half),
      relativeChange,
    );
    expect(groupHigh - groupLow).toBeGreaterThan(2 * (high - low));
  });

  it('says nothing about a single item', () => {
    expect(bootstrapInterval([pair(1, 2)], relativeChange)).toEqual([Number.NaN, Number.NaN]);
  });
});
