import { describe, expect, it } from 'vitest';
import { axisEnd, chartScale, nearest } from './chart-scale.ts';

const series = (...values: number[]) => ({ name: 'x', points: values.map((value, i) => [10 * i, value] as const) });

describe('the scale of a chart', () => {
  it('goes from the least to the most of all series, and to the last step of the stage', () => {
    const scale = chartScale([series(20, 25), series(30)], 200, false)!;
    expect([scale.least, scale.most]).toEqual([20, 30]);
    expect([scale.y(20), scale.y(25), scale.y(30)]).toEqual([0, 0.5, 1]);
    expect([scale.x(0), scale.x(100), scale.x(200), scale.x(300)]).toEqual([0, 0.5, 1, 1]);
  });

  it('gives every power of ten the same room when it is logarithmic', () => {
    const scale = chartScale([series(1, 0.1, 0.01)], 20, true)!;
    expect([scale.y(1), scale.y(0.01)]).toEqual([1, 0]);
    expect(scale.y(0.1)).toBeCloseTo(0.5, 12);
  });

  it('leaves out what cannot be drawn, and does without values that differ', () => {
    expect(chartScale([], 10, false)).toBeUndefined();
    expect(chartScale([series(0, Number.NaN)], 10, true)).toBeUndefined();
    const flat = chartScale([series(3, 3)], 0, true)!;
    expect([flat.y(3), flat.x(0)]).toEqual([0.5, 0]);
  });
});

it('finds the point that was pointed at', () => {
  const { points } = series(1, 2, 3);
  expect(nearest(points, 14)).toEqual([10, 2]);
  expect(nearest(points, 1000)).toEqual([20, 3]);
  expect(nearest([], 1)).toBeUndefined();
});

it('shows a young curve closer up, and the whole stage once the curve fills a good part of it', () => {
  const until = (last: number) => [{ name: 'x', points: [[0, 1] as const, [last, 1] as const] }];
  const ends = [0, 7, 9, 60, 4000, 8000, 29_000].map((last) => axisEnd(until(last), 30_000));
  expect(ends).toEqual([2, 10, 20, 100, 5000, 10_000, 30_000]);
  expect(axisEnd(until(120), 100)).toBe(100);
  expect(axisEnd([], 100)).toBe(2);
});
