/** Rows of keys, for keyboards and laptops. */
import type { BufferGeometry } from 'three';
import { join, slab } from '../../meshes.ts';
import { roundedOutline } from '../forms/outlines.ts';

/** Rows of keys about the origin, the space bar at -y; the second mesh holds the keys at the edges. */
export function keyRows(
  pitch: number,
  rows: readonly (readonly number[])[],
  high: number,
): [BufferGeometry, BufferGeometry] {
  const [inner, outer]: [BufferGeometry[], BufferGeometry[]] = [[], []];
  for (const [row, widths] of rows.entries()) {
    let x = (-pitch * widths.reduce((sum, width) => sum + Math.abs(width), 0)) / 2;
    for (const width of widths) {
      const wide = Math.abs(width) * pitch;
      const top = roundedOutline(wide - 0.22 * pitch - 0.12, pitch * 0.7, 0.12, 1);
      const key = slab(top, high, Math.min(0.1, high / 3)).translate(
        x + wide / 2,
        (rows.length / 2 - row - 0.5) * pitch,
        0,
      );
      if (width > 0) (width >= 1.25 && width < 3 ? outer : inner).push(key);
      x += wide;
    }
  }
  return [join(inner), join(outer)];
}

export const letterRows = [
  [...Array<number>(13).fill(1), 2],
  [1.5, ...Array<number>(12).fill(1), 1.5],
  [1.75, ...Array<number>(11).fill(1), 2.25],
  [2.25, ...Array<number>(10).fill(1), 2.75],
  [1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 1.25, 1.25],
];
