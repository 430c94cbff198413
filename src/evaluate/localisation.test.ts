import { expect, it } from 'vitest';
import { localised } from './localisation.ts';

const map = new Float32Array(12).fill(0.4);
map[6] = 0.6; // row 1, col 2 of a 4-wide map: centre (2.5, 1.5)

it('asks whether the highest pixel lies in any of the boxes, borders included', () => {
  expect(localised(map, 4, [[2, 1, 3, 2]])).toBe(true);
  expect(
    localised(map, 4, [
      [0, 0, 2, 3],
      [2.5, 1.5, 4, 3],
    ]),
  ).toBe(true);
  expect(localised(map, 4, [[0, 0, 2, 3]])).toBe(false);
  expect(localised(map, 4, [])).toBe(false);
});

it('wants all of several equal maxima inside', () => {
  const flat = new Float32Array(12).fill(0.4);
  expect(localised(flat, 4, [[0, 0, 1, 1]])).toBe(false);
  expect(localised(flat, 4, [[0, 0, 4, 3]])).toBe(true);
});
