import { describe, expect, it } from 'vitest';
import { fillGaps } from './fill-gaps.ts';

/** Rows of digits. */
function filled(rows: string[], minArea: number, minWidth: number): string[] {
  const [width, height] = [rows[0].length, rows.length];
  const ids = Int32Array.from(rows.join(''), Number);
  fillGaps(ids, { width, height }, { minArea, minWidth });
  return rows.map((_, row) => Array.from(ids.subarray(row * width, (row + 1) * width)).join(''));
}

describe('filling gaps', () => {
  it('makes regions of large pieces, one for each', () => {
    expect(filled(['110022', '110022', '110022'], 6, 0)).toEqual(['113322', '113322', '113322']);
    expect(filled(['001100', '001100'], 4, 0)).toEqual(['221133', '221133']);
  });

  it('gives small and thin pieces to the nearest region', () => {
    expect(filled(['110022', '110022', '110022'], 7, 0)).toEqual(['111222', '111222', '111222']);
    // Two wide, four long: 2 · 8 / 12 < 1.5.
    expect(filled(['1002', '1002', '1002', '1002'], 1, 1.5)).toEqual(['1122', '1122', '1122', '1122']);
    expect(filled(['1002', '1002', '1002', '1002'], 1, 1.3)).toEqual(['1332', '1332', '1332', '1332']);
  });

  it('leaves what is full, and makes one region of nothing', () => {
    expect(filled(['12', '21'], 1, 0)).toEqual(['12', '21']);
    expect(filled(['000', '000'], 1, 0)).toEqual(['111', '111']);
    expect(filled(['000', '000'], 100, 0)).toEqual(['111', '111']);
  });
});
