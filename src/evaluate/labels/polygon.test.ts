import { describe, expect, it } from 'vitest';
import { fillPolygon, type Polygon, polygonArea, polygonBox } from './polygon.ts';

const filled = (width: number, height: number, ...polygons: Polygon[]) => {
  const mask = new Uint8Array(width * height);
  for (const polygon of polygons) fillPolygon(mask, width, height, polygon);
  return mask;
};
const rows = (mask: Uint8Array, width: number) =>
  Array.from({ length: mask.length / width }, (_, row) => mask.subarray(row * width, (row + 1) * width).join(''));

describe('filling polygons', () => {
  it('takes the pixels whose centres are inside', () => {
    const triangle: Polygon = [
      [0, 0],
      [4, 0],
      [0, 4],
    ];
    // Centre (x, y) is inside when x + y < 4; (3.5, 0.5), (2.5, 1.5), … lie on the edge and belong to the other side.
    expect(rows(filled(5, 4, triangle), 5)).toEqual(['11100', '11000', '10000', '00000']);
  });

  it('covers neighbours that share an edge once, without gaps', () => {
    const left: Polygon = [
      [0, 0],
      [2.5, 0],
      [1.5, 3],
      [0, 3],
    ];
    const right: Polygon = [
      [2.5, 0],
      [4, 0],
      [4, 3],
      [1.5, 3],
    ];
    const [a, b] = [filled(4, 3, left), filled(4, 3, right)];
    expect([...a].map((value, i) => value + b[i])).toEqual(new Array(12).fill(1));
  });

  it('is even-odd and the same for either orientation', () => {
    // The outline runs round the border, then round the middle the same way: the middle is covered twice.
    const ring: Polygon = [
      [0, 0],
      [5, 0],
      [5, 5],
      [0, 5],
      [0, 0],
      [1, 1],
      [4, 1],
      [4, 4],
      [1, 4],
      [1, 1],
    ];
    const mask = filled(5, 5, ring);
    expect(rows(mask, 5)).toEqual(['11111', '10001', '10001', '10001', '11111']);
    expect(filled(5, 5, ring.toReversed())).toEqual(mask);
  });

  it('cuts at the border of the picture', () => {
    const large: Polygon = [
      [-5, -5],
      [50, -5],
      [50, 1],
      [-5, 1],
    ];
    expect(rows(filled(3, 2, large), 3)).toEqual(['111', '000']);
  });
});

it('area and box', () => {
  const square: Polygon = [
    [1, 1],
    [1, 3],
    [4, 3],
    [4, 1],
  ];
  expect(polygonArea(square)).toBe(6);
  expect(polygonArea(square.toReversed())).toBe(6);
  expect(polygonBox(square)).toEqual([1, 1, 4, 3]);
});
