/** The option `within`: tiles answer for a pixel as far as they show its region. */
import { describe, expect, it } from 'vitest';
import {
  height,
  lookerFor,
  mapOf,
  square,
  tileVector,
  type Vector,
  width,
} from '../../test/pyramid-by-hand-fixture.ts';
import { stackRegionMaps } from './region-stack.ts';
import { pyramidGeometry } from './tile-geometry.ts';
import { findView, viewTiles } from './tile-views.ts';

const { levels } = pyramidGeometry(width, height);

/** normalise((1 - share) · region + share · tile) */
function mixed(share: number): number[] {
  const length = Math.hypot(share, 1 - share);
  return [expect.closeTo(share / length, 3), expect.closeTo((1 - share) / length, 3), 0];
}

describe('within', () => {
  it('a tile that lies in the region answers alone, at levels smaller than the region', async () => {
    const look = await lookerFor('panoptic+within', { main: mapOf(square) });
    // Level 0: side 5, stride 4; round (44, 52) all four tiles lie in rows 30 … 59 and columns 40 … 69.
    expect(levels[0]).toMatchObject({ side: 5, stride: 4, firstCentre: 0 });
    expect(look(44, 52, 0)).toEqual(tileVector);
  });

  it('a tile that shows more than the region answers by its share of it, the region for the rest', async () => {
    const look = await lookerFor('panoptic+within', { main: mapOf(square) });
    // Level 3: the tile at (52, 52) shows rows and columns 39 … 65, of which the region has rows … 59 and columns 40 ….
    expect(look(52, 52, 3)).toEqual(mixed((21 * 26) / 27 ** 2));
    expect(look(52, 52, 3)).toEqual(mixed((21 * 26) / 27 ** 2));
    // Level 6 (side 50, stride 25, centres at -0.5, 24.5, 49.5 …): far larger than the region.
    expect(levels[6]).toMatchObject({ side: 50, stride: 25, firstCentre: -0.5 });
    expect(look(49, 49, 6)[1]).toBeGreaterThan(look(49, 49, 6)[0]);
  });

  it('a tile beside the region that shows nothing of it leaves its place to the region', async () => {
    // Columns of level 0 differ, so that a neighbour would show: column 39 belongs to nothing, 40 to the region.
    const tile = (_level: number, col: number): Vector => (col <= 9 ? [0, 0, 1] : [1, 0, 0]);
    const look = await lookerFor('panoptic+within', { main: mapOf([30, 39, 59, 69]), tile });
    // Between the cells at 36 (columns 34 … 38, nothing of the region) and 40 (38 … 42, four of its five columns).
    const [first, second, third] = look(44, 39, 0);
    const length = Math.hypot(0.8, 0.2);
    expect(first).toBeCloseTo((0.75 * 0.8) / length, 3);
    expect(second).toBeCloseTo(0.25 + (0.75 * 0.2) / length, 3);
    expect(third).toBe(0);
  });

  it('outside every region the tiles stay, whatever they show', async () => {
    const look = await lookerFor('panoptic+within', { main: mapOf(square) });
    for (const level of [0, 3, 6]) expect(look(29, 50, level)).toEqual(tileVector);
  });

  it('what hangs over the border counts for nothing: a region that is the whole photo changes nothing', async () => {
    const look = await lookerFor('panoptic+within', { main: mapOf([0, 0, height - 1, width - 1]) });
    for (const level of [0, 3, 6])
      for (const [row, col] of [
        [0, 0],
        [height - 1, width - 1],
        [50, 60],
      ])
        expect(look(row, col, level)).toEqual(tileVector);
  });

  it('with nested maps, the region nearest to the level in size, whatever its size', async () => {
    const nested = [mapOf(square), mapOf([0, 0, height - 1, width - 1])];
    const region = (side: number): Vector => (side === 30 ? [0, 1, 0] : [0, 0, 1]);
    const look = await lookerFor('panoptic+within+nested', { main: nested[1], nested, region });
    // 0.3 is nearer than 1.2 up to a level of 0.6: the part everywhere.
    expect(look(52, 52, 3)).toEqual(mixed((21 * 26) / 27 ** 2));
    // Outside the part the whole photo is the region, of which every tile shows nothing else.
    expect(look(10, 10, 6)).toEqual(tileVector);
  });
});

describe('tile views', () => {
  it('shares of what tiles show add up to the labelled part', async () => {
    const stack = await stackRegionMaps([mapOf([0, 0, 49, 119], [50, 0, 99, 59])], 'a.png');
    for (const level of levels) {
      const views = viewTiles(level, stack);
      for (let cell = 0; cell < level.rows * level.cols; cell++) {
        const [first, second] = [1, 2].map((region) => findView(views, cell, region));
        const [top, left] = [Math.floor(cell / level.cols), cell % level.cols].map(
          (i) => i * level.stride - level.padding,
        );
        const rows = Math.min(height, top + level.side) - Math.max(0, top);
        const cols = Math.min(width, left + level.side) - Math.max(0, left);
        const upper = Math.max(0, Math.min(50, top + level.side) - Math.max(0, top));
        const lower = (rows - upper) * Math.max(0, Math.min(60, left + level.side) - Math.max(0, left));
        expect(first < 0 ? 0 : views.shares[first]).toBeCloseTo(upper / rows, 6);
        expect(second < 0 ? 0 : views.shares[second]).toBeCloseTo(lower / (rows * cols), 6);
      }
    }
  });

  it('of one map only, when asked', async () => {
    const stack = await stackRegionMaps([mapOf(square), mapOf([0, 0, 99, 119])], 'a.png');
    const cell = 4 * levels[3].cols + 4;
    expect(findView(viewTiles(levels[3], stack, 1), cell, 1)).toBe(-1);
    expect(findView(viewTiles(levels[3], stack, 1), cell, 2)).toBeGreaterThanOrEqual(0);
    expect(findView(viewTiles(levels[3], stack), cell, 1)).toBeGreaterThanOrEqual(0);
  });
});

it('a region that is too small to be used leaves its pixels to the tiles', async () => {
  const look = await lookerFor('panoptic+within', { main: mapOf([46, 46, 52, 52]) });
  expect(look(48, 48, 0)).toEqual(tileVector);
  const used = await lookerFor('panoptic+within', { main: mapOf([46, 46, 53, 53]) });
  // Level 0, cells at 44 and 48 both ways: the tile at 48 shows 46 … 50, the one at 44 a single row or column.
  expect(used(48, 48, 0)).toEqual(tileVector);
  expect(used(46, 48, 0)).not.toEqual(tileVector);
});
