import { describe, expect, it } from 'vitest';
import { trainMask } from './split.ts';

const heldOut = (total: number, fraction: number) =>
  trainMask(total, fraction).flatMap((train, i) => (train ? [] : [i]));

describe('trainMask', () => {
  it('holds out what nerfstudio does', () => {
    // From Python: the complement of trunc(linspace(0, N − 1, ceil(0.9 N))) in range(N).
    expect(heldOut(50, 0.9)).toEqual([9, 19, 29, 39, 48]);
    expect(heldOut(10, 0.9)).toEqual([8]);
    expect(heldOut(29, 0.9)).toEqual([13, 27]);
    expect(heldOut(100, 0.9)).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 98]);
  });

  it('works at the edges', () => {
    expect(heldOut(7, 1)).toEqual([]);
    expect(heldOut(2, 0.9)).toEqual([]);
    expect(heldOut(5, 0.01)).toEqual([1, 2, 3, 4]);
    expect(trainMask(0, 0.9)).toEqual([]);
    expect(trainMask(1, 0.9)).toEqual([true]);
  });
});
