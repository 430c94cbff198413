import { expect, it } from 'vitest';
import { pixelRay } from '../math/rays.ts';
import { viewCamera } from '../math/views.ts';
import { findPlaces } from './peaks.ts';

const camera = viewCamera(Float64Array.of(1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 2), 8, 5, 50);
const map = (...rows: string[]) => Float32Array.from(rows.join(''), (digit) => Number(digit) / 10);
const depth = new Float32Array(40).fill(2);

it('gives one place per patch, the most relevant first, with its point in space', () => {
  const relevancy = map('66000000', '69000080', '00000000', '00660000', '06600007');
  const places = findPlaces(camera, relevancy, depth, { leastPixels: 1 });
  expect(places.map(({ row, col, pixels }) => [row, col, pixels])).toEqual([
    [1, 1, 4],
    [1, 6, 1],
    [4, 7, 1],
    [3, 2, 4],
  ]);
  const { origin, direction } = pixelRay(camera, 1, 1);
  places[0].position.forEach((value, axis) => {
    expect(value).toBeCloseTo(origin[axis] + 2 * direction[axis], 12);
  });
});

it('does not join over the edge of a row, nor over a corner', () => {
  const places = findPlaces(camera, map('00000007', '70000000', '00000000', '00070000', '00600000'), depth);
  expect(places).toHaveLength(4);
});

it('leaves specks out unless there is nothing else', () => {
  const relevancy = map('90000000', '00066000', '00066000', '00000000', '00000000');
  expect(findPlaces(camera, relevancy, depth, { leastPixels: 3 }).map(({ pixels }) => pixels)).toEqual([4]);
  expect(findPlaces(camera, map('90000000'.padEnd(40, '0')), depth, { leastPixels: 3 })).toHaveLength(1);
});

it('finds nothing at or below the threshold, and nothing in NaN', () => {
  expect(findPlaces(camera, map('5'.repeat(40)), depth)).toEqual([]);
  expect(findPlaces(camera, new Float32Array(40).fill(Number.NaN), depth)).toEqual([]);
  expect(findPlaces(camera, map('6'.repeat(40)), depth, { threshold: 0.7 })).toEqual([]);
  expect(findPlaces(camera, map('60'.repeat(20)), depth, { most: 3 })).toHaveLength(3);
});
