import { describe, expect, it } from 'vitest';
import type { RegionBox, RegionMap } from '../regions/region-map.ts';
import { type OverrideRule, planOverride, windowAdmits } from './override.ts';
import { stackRegionMaps } from './region-stack.ts';
import { cellCentre, pyramidGeometry } from './tile-geometry.ts';

const rule: OverrideRule = { prior: 'panoptic', window: 'two-sided', cells: 'all', minRegionSide: 8 };

/** A map with rectangles; later ones lie above earlier ones. */
function mapOf(width: number, height: number, rectangles: Omit<RegionBox, 'area'>[]): RegionMap {
  const ids = new Int32Array(width * height);
  for (const { id, top, left, bottom, right } of rectangles)
    for (let row = top; row <= bottom; row++) ids.fill(id, row * width + left, row * width + right + 1);
  return { width, height, ids };
}

/** The plan with region ids in the place of numbers; ids are distinct over all maps. */
async function planOf(maps: RegionMap[], changes: Partial<OverrideRule> = {}) {
  const stack = await stackRegionMaps(maps, 'photo');
  const [{ width, height }] = maps;
  const plan = planOverride(pyramidGeometry(width, height), stack, { ...rule, ...changes });
  const ids = (level: Int32Array) => level.map((chosen) => (chosen === 0 ? 0 : stack.regions[chosen - 1].box.id));
  return {
    cells: plan.cells.map(ids),
    shares: plan.shares,
    replaced: plan.replaced,
    used: plan.used.map((region) => stack.regions[region].box.id),
    at: (level: number, row: number, col: number) => ids(plan.choices[level])[stack.index[row * width + col]],
  };
}

const levelsOf = (longerSide: number, height: number, window: OverrideRule['window']) =>
  [0, 1, 2, 3, 4, 5, 6].filter((level) => windowAdmits(level, longerSide, height, window));

describe('override windows', () => {
  it.each<[number, number[]]>([
    [10, [0]],
    [50, [0]],
    [55, [0]],
    [56, [0, 1]],
    [100, [0, 1]],
    [300, [2, 3]],
    [500, [5, 6]],
    [550, [5, 6]],
    [551, [6]],
    [600, [6]],
    [1347, [6]],
  ])('two-sided: a region of %i/1000 of the height takes levels %j', (size, levels) => {
    expect(levelsOf(size, 1000, 'two-sided')).toEqual(levels);
  });

  it('two-sided bounds are the ones of spec §5.2', () => {
    const bounds = [
      [0, 0.1375],
      [0.055, 0.22],
      [0.1375, 0.3025],
      [0.22, 0.385],
      [0.3025, 0.4675],
      [0.385, 0.55],
      [0.4675, Number.POSITIVE_INFINITY],
    ];
    const height = 40000;
    bounds.forEach(([low, high], level) => {
      if (low > 0) {
        expect(windowAdmits(level, Math.round(low * height), height, 'two-sided')).toBe(false);
        expect(windowAdmits(level, Math.round(low * height) + 1, height, 'two-sided')).toBe(true);
      }
      if (high === Number.POSITIVE_INFINITY) return;
      expect(windowAdmits(level, Math.round(high * height), height, 'two-sided')).toBe(true);
      expect(windowAdmits(level, Math.round(high * height) + 1, height, 'two-sided')).toBe(false);
    });
  });

  it('partition gives every size exactly one level', () => {
    for (let size = 1; size <= 1400; size++) expect(levelsOf(size, 1000, 'partition')).toHaveLength(1);
    expect([40, 55, 56, 137, 138, 467, 468, 900].map((size) => levelsOf(size, 1000, 'partition')[0])).toEqual([
      0, 0, 1, 1, 2, 5, 6, 6,
    ]);
  });
});

describe('override plan', () => {
  const geometry = pyramidGeometry(300, 200);
  // s = 0.3 (levels 2, 3), s = 1 (level 6), s = 0.02 (noise).
  const rectangles = [
    { id: 9, top: 0, left: 0, bottom: 199, right: 149 },
    { id: 4, top: 40, left: 50, bottom: 99, right: 109 },
    { id: 7, top: 150, left: 200, bottom: 153, right: 203 },
  ];
  const map = mapOf(300, 200, rectangles);

  it('overrides exactly the cells whose centre pixel is in the region, at its levels', async () => {
    const plan = await planOf([map]);
    let seen = 0;
    geometry.levels.forEach((level, i) => {
      for (let row = 0; row < level.rows; row++)
        for (let col = 0; col < level.cols; col++) {
          const r = Math.min(199, Math.max(0, Math.floor(cellCentre(level, row) + 0.5)));
          const c = Math.min(299, Math.max(0, Math.floor(cellCentre(level, col) + 0.5)));
          const id = map.ids[r * 300 + c];
          const wins = (id === 4 && (i === 2 || i === 3)) || (id === 9 && i === 6);
          expect(plan.cells[i][row * level.cols + col]).toBe(wins ? id : 0);
          if (wins) seen++;
        }
    });
    expect(seen).toBeGreaterThan(10);
    expect(plan.used).toEqual([4, 9]);
    expect(plan.replaced.map((count) => count > 0)).toEqual([false, false, true, true, false, false, true]);
  });

  it('keeps unlabelled cells and honours the smallest side', async () => {
    const tiny = [mapOf(300, 200, [{ id: 5, top: 95, left: 95, bottom: 99, right: 99 }])];
    const plan = await planOf(tiny, { minRegionSide: 1 });
    const level = geometry.levels[0];
    const centred = [...plan.cells[0].keys()].filter((cell) => plan.cells[0][cell] === 5);
    expect(centred.length).toBeGreaterThan(0);
    expect(centred.length).toBeLessThan(level.rows * level.cols);
    const none = await planOf(tiny);
    expect(none.replaced).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(none.used).toEqual([]);
    expect((await planOf(tiny, { prior: 'panoptic+pixels' })).used).toEqual([]);
  });

  it('one-cell leaves each region the cell nearest to the middle of its box', async () => {
    const plan = await planOf([map], { cells: 'one-cell' });
    expect(plan.replaced).toEqual([0, 0, 1, 1, 0, 0, 1]);
    const level = geometry.levels[3];
    const cell = plan.cells[3].indexOf(4);
    const distance = (index: number) =>
      Math.hypot(
        cellCentre(level, Math.floor(index / level.cols)) - 69.5,
        cellCentre(level, index % level.cols) - 79.5,
      );
    const all = (await planOf([map])).cells[3];
    all.forEach((id, index) => {
      if (id === 4) expect(distance(index)).toBeGreaterThanOrEqual(distance(cell));
    });
  });

  it('single-scale takes every labelled cell of the largest level and no other', async () => {
    const plan = await planOf([map], { prior: 'single-scale' });
    expect(plan.replaced.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(plan.cells[6])).toEqual(new Set([0, 4, 9]));
    expect(plan.used).toEqual([4, 9]);
  });

  it('full overrides no cell but wants every region; none wants nothing', async () => {
    const plan = await planOf([map], { prior: 'full' });
    expect(plan.cells.every((level) => level.every((id) => id === 0))).toBe(true);
    expect(plan.used).toEqual([4, 9]);
    expect((await planOf([map], { prior: 'full', minRegionSide: 4 })).used).toEqual([4, 7, 9]);
    expect(await planOf([map], { prior: 'none' })).toMatchObject({ used: [], replaced: [0, 0, 0, 0, 0, 0, 0] });
  });

  it('pixels: every pixel of a region at the levels of its window, whether or not a cell lies in it', async () => {
    // 16 of 200 rows, s = 0.08: levels 0 and 1; it lies between the cells of level 1, whose stride is 15.
    const small = mapOf(300, 200, [{ id: 3, top: 20, left: 31, bottom: 35, right: 31 }]);
    expect((await planOf([small])).replaced[1]).toBe(0);
    const plan = await planOf([small], { prior: 'panoptic+pixels' });
    expect(plan.replaced).toEqual([16, 16, 0, 0, 0, 0, 0]);
    expect(plan.used).toEqual([3]);
    expect([
      plan.at(1, 20, 31),
      plan.at(1, 35, 31),
      plan.at(1, 19, 31),
      plan.at(1, 20, 32),
      plan.at(2, 20, 31),
    ]).toEqual([3, 3, 0, 0, 0]);
    expect(plan.cells.every((level) => level.every((id) => id === 0))).toBe(true);
  });

  it('pixels: a region that touches every border of the photo', async () => {
    const plan = await planOf([mapOf(300, 200, [{ id: 6, top: 0, left: 0, bottom: 199, right: 299 }])], {
      prior: 'panoptic+pixels',
    });
    expect(plan.replaced).toEqual([0, 0, 0, 0, 0, 0, 300 * 200]);
  });

  it('nested: of the regions that the level admits, the one nearest to it in log size', async () => {
    // Level 5 (0.425) admits 0.385 < s ≤ 0.55; level 6 (0.5) admits s > 0.4675.
    const part = { id: 1, top: 0, left: 0, bottom: 79, right: 79 }; // s = 0.4
    const thing = { id: 2, top: 0, left: 0, bottom: 99, right: 99 }; // s = 0.5
    const whole = { id: 3, top: 0, left: 0, bottom: 199, right: 199 }; // s = 1
    const maps = [part, thing, whole].map((box) => mapOf(300, 200, [box]));
    const plan = await planOf(maps, { prior: 'panoptic+pixels+nested' });
    // At level 5, log(0.425 / 0.4) = 0.061 < log(0.5 / 0.425) = 0.163.
    expect([4, 5, 6].map((level) => plan.at(level, 10, 10))).toEqual([1, 1, 2]);
    expect([4, 5, 6].map((level) => plan.at(level, 90, 90))).toEqual([0, 2, 2]);
    expect([4, 5, 6].map((level) => plan.at(level, 150, 150))).toEqual([0, 0, 3]);
    expect(plan.at(6, 0, 250)).toBe(0);
    const cells = await planOf(maps, { prior: 'panoptic+nested' });
    geometry.levels.forEach((level, i) => {
      for (let row = 0; row < level.rows; row++)
        for (let col = 0; col < level.cols; col++) {
          const [r, c] = [row, col].map((cell) => Math.max(0, Math.floor(cellCentre(level, cell) + 0.5)));
          expect(cells.cells[i][row * level.cols + col]).toBe(plan.at(i, Math.min(r, 199), Math.min(c, 299)));
        }
    });
  });

  it('nested: the finer region wins a tie', async () => {
    // Level 2 of 200 rows is 40 pixels: 32 and 50 are both 5/4 away.
    const small = { id: 1, top: 0, left: 0, bottom: 31, right: 31 };
    const large = { id: 2, top: 0, left: 0, bottom: 49, right: 49 };
    const [fine, coarse] = [mapOf(300, 200, [small]), mapOf(300, 200, [large])];
    const prior = 'panoptic+pixels+nested';
    expect((await planOf([fine, coarse], { prior })).at(2, 5, 5)).toBe(1);
    expect((await planOf([coarse, fine], { prior })).at(2, 5, 5)).toBe(2);
  });

  it('nested maps that overlap without being nested, and one that is empty', async () => {
    const a = mapOf(300, 200, [{ id: 1, top: 0, left: 0, bottom: 99, right: 59 }]);
    const b = mapOf(300, 200, [{ id: 2, top: 50, left: 30, bottom: 149, right: 89 }]);
    const empty = mapOf(300, 200, []);
    const plan = await planOf([a, empty, b], { prior: 'panoptic+pixels+nested' });
    expect([plan.at(6, 60, 40), plan.at(6, 10, 40), plan.at(6, 140, 80), plan.at(6, 10, 80)]).toEqual([1, 1, 2, 0]);
    expect((await planOf([empty], { prior: 'panoptic+pixels' })).used).toEqual([]);
  });

  it('area: the share of the whole tile, what hangs over the photo included', async () => {
    // Half the photo, s = 1, level 6: tiles of 100 pixels, stride 50, from -50.
    const plan = await planOf([mapOf(300, 200, [{ id: 8, top: 0, left: 0, bottom: 199, right: 149 }])], {
      prior: 'panoptic+area',
    });
    const { rows, cols, side, stride } = geometry.levels[6];
    expect([rows, cols, side, stride]).toEqual([5, 7, 100, 50]);
    const row = (index: number) => Array.from(plan.shares![6].slice(index * cols, (index + 1) * cols));
    // Column centres are -0.5, 49.5, 99.5, 149.5: the pixel right of the last is outside.
    expect(row(0)).toEqual([0.25, 0.5, 0.5, 0, 0, 0, 0]);
    expect(row(2)).toEqual([0.5, 1, 1, 0, 0, 0, 0]);
    expect(row(4)).toEqual([0.25, 0.5, 0.5, 0, 0, 0, 0]);
  });
});
