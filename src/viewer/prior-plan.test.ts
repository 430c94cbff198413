import { describe, expect, it } from 'vitest';
import { planOverride } from '../pyramid/override.ts';
import { stackRegionMaps } from '../pyramid/region-stack.ts';
import { cellCentre, pyramidGeometry } from '../pyramid/tile-geometry.ts';
import type { RegionMap } from '../regions/region-map.ts';
import { cellLines, planPhoto, regionAt, regionsPicture, replacedAt, tilesPicture } from './prior-plan.ts';

const [width, height] = [120, 80];
const settings = { window: 'two-sided', cells: 'all', minRegionSide: 8 } as const;

/** Rectangles of ids on unlabelled ground. */
function mapOf(...regions: [top: number, left: number, bottom: number, right: number][]): RegionMap {
  const ids = new Int32Array(width * height);
  regions.forEach(([top, left, bottom, right], index) => {
    for (let row = top; row <= bottom; row++) ids.fill(index + 1, row * width + left, row * width + right + 1);
  });
  return { width, height, ids };
}

/** 16 pixels are a fifth of the height, level 2; the speck is below the smallest side. */
const map = mapOf([20, 30, 35, 45], [40, 60, 79, 99], [2, 2, 5, 5]);
const grey = { width, height, channels: 3 as const, data: new Uint8Array(3 * width * height).fill(100) };

describe('tiles that a region replaces', () => {
  it('are those that training replaces, cell by cell', async () => {
    const photo = await planPhoto([map], 'panoptic', settings, 'a.jpg');
    const geometry = pyramidGeometry(width, height);
    const trained = planOverride(geometry, await stackRegionMaps([map], 'a.jpg'), { prior: 'panoptic', ...settings });
    let replaced = 0;
    for (const level of geometry.levels)
      trained.cells[level.level].forEach((chosen, cell) => {
        const [row, col] = [Math.floor(cell / level.cols), cell % level.cols];
        const [y, x] = [row, col].map((index) => cellCentre(level, index));
        if (y < 0 || x < 0 || y >= height || x >= width) return;
        const found = replacedAt(photo, level.level, Math.floor(y), Math.floor(x));
        expect(found?.region ?? 0).toBe(chosen);
        if (!found) return;
        replaced++;
        const { square, ...place } = found.tile!;
        expect(place).toEqual({ row: row + 1, col: col + 1 });
        expect([square.bottom - square.top, square.right - square.left]).toEqual([level.side - 1, level.side - 1]);
        // The cell's centre is the middle of its tile.
        expect((square.top + square.bottom) / 2).toBeCloseTo(y, 9);
        expect((square.left + square.right) / 2).toBeCloseTo(x, 9);
      });
    expect(replaced).toBeGreaterThan(5);
  });

  it('are coloured, and the rest of the photo is dark', async () => {
    const photo = await planPhoto([map], 'panoptic', settings, 'a.jpg');
    const { data } = tilesPicture(photo, 2, grey);
    const at = (row: number, col: number) =>
      Array.from(data.subarray(3 * (row * width + col), 3 * (row * width + col) + 3));
    expect(at(75, 5)).toEqual([35, 35, 35]);
    expect(new Set(at(27, 38)).size).toBeGreaterThan(1);
    expect(replacedAt(photo, 2, 75, 5)).toBeUndefined();
    // The small rectangle is of the size of level 2's tiles, and much smaller than those of level 6.
    expect(replacedAt(photo, 2, 27, 38)).toMatchObject({
      region: 1,
      box: { top: 20, left: 30, bottom: 35, right: 45 },
    });
    expect(replacedAt(photo, 6, 27, 38)).toBeUndefined();
  });

  it('are not there where regions answer by pixel: then the admitted regions are shown', async () => {
    const photo = await planPhoto([map], 'panoptic+pixels', settings, 'a.jpg');
    expect(photo.byPixel).toBe(true);
    expect(replacedAt(photo, 2, 20, 30)).toEqual({ level: 2, region: 1, box: expect.objectContaining({ top: 20 }) });
    expect(replacedAt(photo, 2, 19, 30)).toBeUndefined();
    expect(replacedAt(photo, 6, 20, 30)).toBeUndefined();
  });
});

describe('regions of a photo', () => {
  it('are named with the levels that admit their size; the finest of nested ones comes first', async () => {
    const nested = await planPhoto([mapOf([20, 30, 27, 45]), map], 'panoptic+nested', settings, 'a.jpg');
    expect(regionAt(nested, 22, 33)).toMatchObject({ region: 1, area: 8 * 16, levels: [2, 3] });
    expect(regionAt(nested, 30, 33)).toMatchObject({ region: 2, area: 16 * 16 });
    expect(regionAt(nested, 3, 3)).toMatchObject({ levels: [] });
    expect(regionAt(nested, 0, 0)).toBeUndefined();
  });

  it('are drawn with outlines at any size of the picture', async () => {
    const photo = await planPhoto([map], 'panoptic', settings, 'a.jpg');
    const large = { width: 240, height: 160, channels: 4 as const, data: new Uint8Array(4 * 240 * 160).fill(100) };
    const { data } = regionsPicture(photo, large);
    const at = (row: number, col: number) => data[3 * (row * 240 + col)];
    expect([at(39, 70), at(40, 59)]).toEqual([255, 255]);
    expect(at(10, 100)).toBe(35);
  });
});

it('draws a grid whose lines lie half-way between the middles of tiles', async () => {
  const photo = await planPhoto([map], 'panoptic', settings, 'a.jpg');
  const level = photo.geometry.levels[2];
  const { rows, cols } = cellLines(photo, 2);
  expect(rows.every((line) => line > 0 && line < height) && cols.every((line) => line > 0 && line < width)).toBe(true);
  expect(cols[1] - cols[0]).toBeCloseTo(level.stride, 9);
});
