import { describe, expect, it } from 'vitest';
import { cutSquare, levelSquares, type RgbPhoto, regionSquare, type Square } from './cut-tiles.ts';
import { cellCentre, pyramidGeometry } from './tile-geometry.ts';

/** Red = 1 + row, green = 1 + column, so that zero can only be padding. */
function chart(width: number, height: number): RgbPhoto {
  const rgb = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) rgb.set([1 + row, 1 + col, 200], 3 * (row * width + col));
  return { width, height, rgb };
}

function cut(photo: RgbPhoto, square: Square): number[][] {
  const out = new Uint8Array(3 * square.side ** 2 + 2).fill(77);
  cutSquare(photo, square, out, 1);
  expect([out[0], out[out.length - 1]]).toEqual([77, 77]);
  return Array.from({ length: square.side ** 2 }, (_, i) => Array.from(out.subarray(1 + 3 * i, 4 + 3 * i)));
}

describe('cutting tiles', () => {
  it('pads with zeros on every side', () => {
    const photo = chart(4, 3);
    expect(cut(photo, { top: -1, left: -1, side: 2 })).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 200],
    ]);
    expect(cut(photo, { top: 2, left: 3, side: 2 })).toEqual([
      [3, 4, 200],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(cut(photo, { top: 1, left: 1, side: 1 })).toEqual([[2, 2, 200]]);
    expect(cut(photo, { top: 50, left: 0, side: 1 })).toEqual([[0, 0, 0]]);
    expect(cut(photo, { top: 0, left: -9, side: 2 }).flat()).toEqual(new Array(12).fill(0));
  });

  it('enumerates a level row-major, each tile round its cell centre', () => {
    const { levels } = pyramidGeometry(90, 60);
    for (const level of levels) {
      const squares = levelSquares(level);
      expect(squares.length).toBe(level.rows * level.cols);
      squares.forEach((square, i) => {
        expect(square.top + (square.side - 1) / 2).toBe(cellCentre(level, Math.floor(i / level.cols)));
        expect(square.left + (square.side - 1) / 2).toBe(cellCentre(level, i % level.cols));
      });
    }
  });

  it('centres a region in its square, above zeros or above the photo', () => {
    const photo = chart(6, 6);
    const box = { id: 3, top: 1, left: 2, bottom: 1, right: 4, area: 3 };
    const zeros = regionSquare(box, 'zeros');
    expect([zeros.top, zeros.left, zeros.side]).toEqual([0, 2, 3]);
    const rows = (square: Square) => cut(photo, square).map(([red]) => red);
    expect(rows(zeros)).toEqual([0, 0, 0, 2, 2, 2, 0, 0, 0]);
    expect(rows(regionSquare(box, 'image'))).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    const tall = { id: 3, top: 0, left: 0, bottom: 3, right: 0, area: 4 };
    expect(regionSquare(tall, 'image')).toEqual({ top: 0, left: -1, side: 4 });
    expect(cut(photo, regionSquare(tall, 'zeros')).map(([, green]) => green)).toEqual([
      0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
    ]);
  });
});
