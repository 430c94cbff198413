import { expect, it } from 'vitest';
import { displayDifference } from './difference.ts';

const map = (...values: number[]) => ({ width: values.length, height: 1, values });
const pixel = (data: ArrayLike<number>, index: number) => Array.from(data).slice(3 * index, 3 * index + 3);
const grey = [40, 42, 48];

it('goes to orange where the first is larger, to blue where the second is, by the largest difference', () => {
  const { data } = displayDifference(map(0.5, 0.9, 0.2, 0.5), map(0.5, 0.5, 0.4, Number.NaN));
  expect(pixel(data, 0)).toEqual(grey);
  expect(pixel(data, 1)).toEqual([255, 150, 30]);
  expect(pixel(data, 2)).toEqual([50, 96, 152]);
  expect(pixel(data, 3)).toEqual(grey);
});

it('shows equal maps as equal, rounding included, and refuses other shapes', () => {
  expect(pixel(displayDifference(map(0.5, 0.7), map(0.5, 0.7 + 1e-7)).data, 1)).toEqual(grey);
  expect(() => displayDifference(map(1), map(1, 2))).toThrow(/1×1 and 2×1/);
});
