import { describe, expect, it } from 'vitest';
import type { RegionBox, RegionMap } from '../regions/region-map.ts';
import { type OverrideRule, overriddenCells, planOverride, regionsToEncode, windowAdmits } from './override.ts';
import { cellCentre, pyramidGeometry } from './tile-geometry.ts';

const rule: OverrideRule = { prior: 'panoptic', window: 'two-sided', cells: 'all', minRegionSide: 8 };

/** A map with rectangles; later ones lie above earlier ones. */
function mapOf(width: number, height: number, rectangles: Omit<RegionBox, 'area'>[]): RegionMap {
  const ids = new Int32Array(width * height);
  for (const { id, top, left, bottom, right } of rectangles)
    for (let row = top; row <= bottom; row++) ids.fill(id, row * width + left, row * width + right + 1);
  return { width, height, ids };
}

function boxesOf(rectangles: Omit<RegionBox, 'area'>[]): RegionBox[] {
  return rectangles.map((box) => ({ ...box, area: (box.bottom - box.top + 1) * (box.right - box.left + 1) }));
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
  const boxes = boxesOf(rectangles);

  it('overrides exactly the cells whose centre pixel is in the region, at its levels', () => {
    const plan = planOverride(geometry, map, boxes, rule);
    let seen = 0;
    geometry.levels.forEach((level, i) => {
      for (let row = 0; row < level.rows; row++)
        for (let col = 0; col < level.cols; col++) {
          const r = Math.min(199, Math.max(0, Math.floor(cellCentre(level, row) + 0.5)));
          const c = Math.min(299, Math.max(0, Math.floor(cellCentre(level, col) + 0.5)));
          const id = map.ids[r * 300 + c];
          const wins = (id === 4 && (i === 2 || i === 3)) || (id === 9 && i === 6);
          expect(plan[i][row * level.cols + col]).toBe(wins ? id : 0);
          if (wins) seen++;
        }
    });
    expect(seen).toBeGreaterThan(10);
    expect(regionsToEncode(plan, boxes, rule)).toEqual([4, 9]);
    expect(overriddenCells(plan).map((count) => count > 0)).toEqual([false, false, true, true, false, false, true]);
  });

  it('keeps unlabelled cells and honours the smallest side', () => {
    const small = { ...rule, minRegionSide: 1 };
    const tiny = [{ id: 5, top: 95, left: 95, bottom: 99, right: 99 }];
    const plan = planOverride(geometry, mapOf(300, 200, tiny), boxesOf(tiny), small);
    const level = geometry.levels[0];
    const centred = [...plan[0].keys()].filter((cell) => plan[0][cell] === 5);
    expect(centred.length).toBeGreaterThan(0);
    expect(centred.length).toBeLessThan(level.rows * level.cols);
    const none = planOverride(geometry, mapOf(300, 200, tiny), boxesOf(tiny), rule);
    expect(overriddenCells(none)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(regionsToEncode(none, boxesOf(tiny), rule)).toEqual([]);
  });

  it('one-cell leaves each region the cell nearest to the middle of its box', () => {
    const plan = planOverride(geometry, map, boxes, { ...rule, cells: 'one-cell' });
    expect(overriddenCells(plan)).toEqual([0, 0, 1, 1, 0, 0, 1]);
    const level = geometry.levels[3];
    const cell = plan[3].indexOf(4);
    const distance = (index: number) =>
      Math.hypot(
        cellCentre(level, Math.floor(index / level.cols)) - 69.5,
        cellCentre(level, index % level.cols) - 79.5,
      );
    const all = planOverride(geometry, map, boxes, rule)[3];
    all.forEach((id, index) => {
      if (id === 4) expect(distance(index)).toBeGreaterThanOrEqual(distance(cell));
    });
  });

  it('single-scale takes every labelled cell of the largest level and no other', () => {
    const plan = planOverride(geometry, map, boxes, { ...rule, prior: 'single-scale' });
    expect(overriddenCells(plan).slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(plan[6])).toEqual(new Set([0, 4, 9]));
    expect(regionsToEncode(plan, boxes, { ...rule, prior: 'single-scale' })).toEqual([4, 9]);
  });

  it('full overrides no cell but wants every region; none wants nothing', () => {
    const full = { ...rule, prior: 'full' } as const;
    const plan = planOverride(geometry, map, boxes, full);
    expect(overriddenCells(plan)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(regionsToEncode(plan, boxes, full)).toEqual([4, 9]);
    expect(regionsToEncode(plan, boxes, { ...full, minRegionSide: 4 })).toEqual([4, 7, 9]);
    const none = { ...rule, prior: 'none' } as const;
    expect(regionsToEncode(planOverride(geometry, map, boxes, none), boxes, none)).toEqual([]);
  });
});
