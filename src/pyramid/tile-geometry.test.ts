import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../test/shared.ts';
import {
  cellCentre,
  levelCount,
  nominalRatios,
  normalisedScale,
  pyramidGeometry,
  strideRatio,
  tileCount,
  tileRatios,
} from './tile-geometry.ts';

describe('tile geometry', () => {
  it('has the float32 ratios of spec §1.2', () => {
    expect(tileRatios).toEqual([
      0.05000000074505806, 0.125, 0.19999998807907104, 0.2750000059604645, 0.3500000238418579, 0.42500001192092896, 0.5,
    ]);
    expect(nominalRatios).toEqual([0.05, 0.125, 0.2, 0.275, 0.35, 0.425, 0.5]);
    expect(tileRatios.map((ratio) => strideRatio(ratio))[0]).toBeCloseTo(0.9999999963, 10);
    expect(strideRatio(0.125)).toBeCloseTo(0.625, 12);
  });

  it('matches the golden table for 738×994', () => {
    const { levels } = pyramidGeometry(994, 738);
    const table = levels.map((l) => [
      l.side,
      l.stride,
      l.padding,
      l.rows,
      l.cols,
      cellCentre(l, l.rows - 1),
      cellCentre(l, l.cols - 1),
    ]);
    expect(table).toEqual([
      [36, 35, 18, 22, 29, 734.5, 979.5],
      [92, 57, 46, 13, 18, 683.5, 968.5],
      [147, 73, 73, 11, 14, 730, 949],
      [202, 101, 101, 8, 10, 706.5, 908.5],
      [258, 129, 129, 6, 8, 644.5, 902.5],
      [313, 156, 156, 5, 7, 624, 936],
      [369, 184, 184, 5, 6, 736, 920],
    ]);
    const stored = levels.reduce((sum, level) => sum + (level.rows + 1) * (level.cols + 1), 0);
    expect([tileCount(pyramidGeometry(994, 738)), stored]).toEqual([1219, 1388]);
  });

  it.each([
    [1080, 1440, 1169],
    [540, 960, 1577],
    [480, 640, 1169],
    [1000, 1000, 881],
  ])('%i×%i has %i tiles', (height, width, tiles) => {
    expect(tileCount(pyramidGeometry(width, height))).toBe(tiles);
  });

  it('truncates as float32 ratios demand', () => {
    const { levels } = pyramidGeometry(1000, 1000);
    expect(levels.map((level) => level.side)).toEqual([50, 125, 199, 275, 350, 425, 500]);
    expect(levels.map((level) => level.stride)).toEqual([49, 78, 99, 137, 175, 212, 250]);
  });

  it('stays usable for photos of a few pixels', () => {
    for (const height of [1, 8, 19, 20, 39])
      for (const level of pyramidGeometry(30, height).levels) {
        expect(level.side).toBeGreaterThan(0);
        expect(level.stride).toBeGreaterThan(0);
        expect(level.rows * level.cols).toBeGreaterThan(0);
      }
  });

  it('maps a scale bin to the position in the range of ratios', () => {
    expect(normalisedScale(0, 0)).toBe(0);
    expect(normalisedScale(3, 0.5)).toBeCloseTo(3.5 / 6, 12);
  });
});

describe.skipIf(!hasShared)('tile geometry against recorded vectors', () => {
  it('sides, strides, padding, grids and centres of nine photo sizes', () => {
    const { arrays } = readVectors('08-lerf-tiles');
    expect(arrays.tile_ratio.data.map(Math.fround)).toEqual(tileRatios);
    arrays.stride_ratio.data.forEach((value, i) => {
      expect(strideRatio(tileRatios[i])).toBeCloseTo(value, 12);
    });
    const width = arrays.table.shape[1];
    for (let row = 0; row < arrays.table.shape[0]; row++) {
      const [h, w, level, side, stride, padding, rows, cols] = arrays.table.data.slice(row * width, (row + 1) * width);
      const l = pyramidGeometry(w, h).levels[level];
      expect([l.side, l.stride, l.padding, l.rows, l.cols]).toEqual([side, stride, padding, rows, cols]);
    }
    const named = Object.entries(arrays).filter(([name]) => name.startsWith('center_'));
    expect(named.length).toBeGreaterThan(4 * levelCount);
    for (const [name, { data }] of named) {
      const [, axis, h, w, index] = /center_(row|col)_(\d+)x(\d+)_l(\d)/.exec(name)!;
      const level = pyramidGeometry(Number(w), Number(h)).levels[Number(index)];
      expect(data.length).toBe(axis === 'row' ? level.rows : level.cols);
      // The recorded centres are float16, which loses halves above 1024 and units above 2048.
      data.forEach((value, cell) => {
        const tolerance = value < 1024 ? 0 : value < 2048 ? 0.5 : 1;
        expect(Math.abs(cellCentre(level, cell) - value)).toBeLessThanOrEqual(tolerance);
      });
    }
  });
});
