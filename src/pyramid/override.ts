/**
 * The panoptic prior's override (spec §5.2, alternatives of §5.3, ablations of §5.4): which grid cells take the
 * embedding of which region. Pure numbers: the id map's centre pixel decides the region, the region's size decides
 * the levels. No embeddings are touched here; open-supervision.ts applies the plan when rows are read, so one base
 * pyramid serves every prior.
 */
import type { RegionBox, RegionMap } from '../regions/region-map.ts';
import { cellCentre, type LevelGeometry, levelCount, type PyramidGeometry } from './tile-geometry.ts';

/** panoptic = the method; none = LERF; single-scale and full = its two ablations. */
export type Prior = 'panoptic' | 'none' | 'single-scale' | 'full';

export interface OverrideRule {
  prior: Prior;
  /** two-sided: 1.1·s(i-1) < s ≤ 1.1·s(i+1), two levels per region; partition: 1.1·s(i-1) < s ≤ 1.1·s(i), one level. */
  window: 'two-sided' | 'partition';
  /** all: every cell whose centre lies in the region; one-cell: only the one nearest to the middle of its box. */
  cells: 'all' | 'one-cell';
  /** Regions whose longer side is shorter than this, in pixels, are noise and never used. */
  minRegionSide: number;
}

/** [rows · cols] region id per cell of each level (without the replicated edge); 0 = keep the tile's own embedding. */
export type OverridePlan = readonly Int32Array[];

/**
 * Whether a region of `longerSide` pixels may override level `level` of a photo of `height` rows. In whole numbers,
 * so that a region exactly on a bound falls on the side the formula says: 1.1·s_i = 11·(2 + 3i) / 400.
 */
export function windowAdmits(
  level: number,
  longerSide: number,
  height: number,
  window: OverrideRule['window'],
): boolean {
  const size = 400 * longerSide;
  const bound = (index: number) => 11 * (2 + 3 * index) * height;
  const above = level === 0 || size > bound(level - 1);
  const below = level === levelCount - 1 || size <= bound(window === 'two-sided' ? level + 1 : level);
  return above && below;
}

/** Cells to override; `map` must have the photo's size. Empty levels everywhere for the priors 'none' and 'full'. */
export function planOverride(
  geometry: PyramidGeometry,
  map: RegionMap,
  boxes: readonly RegionBox[],
  rule: OverrideRule,
): OverridePlan {
  const usable = usableRegions(boxes, rule);
  return geometry.levels.map((level) => {
    const plan = new Int32Array(level.rows * level.cols);
    if (rule.prior === 'none' || rule.prior === 'full') return plan;
    if (rule.prior === 'single-scale' && level.level !== levelCount - 1) return plan;
    const admitted = new Map<number, boolean>();
    for (const [id, box] of usable)
      admitted.set(
        id,
        rule.prior === 'single-scale' || windowAdmits(level.level, longerSide(box), geometry.height, rule.window),
      );
    for (let row = 0; row < level.rows; row++)
      for (let col = 0; col < level.cols; col++) {
        const id = map.ids[centrePixel(level, row, map.height) * map.width + centrePixel(level, col, map.width)];
        if (id !== 0 && admitted.get(id)) plan[row * level.cols + col] = id;
      }
    if (rule.cells === 'one-cell' && rule.prior === 'panoptic') keepNearestCells(level, plan, usable);
    return plan;
  });
}

/** Ids that need an embedding: those that win a cell, or under 'full' every usable one. Sorted. */
export function regionsToEncode(plan: OverridePlan, boxes: readonly RegionBox[], rule: OverrideRule): number[] {
  const ids = new Set<number>();
  if (rule.prior === 'full') for (const id of usableRegions(boxes, rule).keys()) ids.add(id);
  for (const level of plan) for (const id of level) if (id !== 0) ids.add(id);
  return [...ids].sort((a, b) => a - b);
}

/** Cells with a region, per level. */
export function overriddenCells(plan: OverridePlan): number[] {
  return plan.map((level) => level.reduce((count, id) => count + (id === 0 ? 0 : 1), 0));
}

function usableRegions(boxes: readonly RegionBox[], rule: OverrideRule): Map<number, RegionBox> {
  return new Map(
    boxes.filter((box) => box.id > 0 && longerSide(box) >= rule.minRegionSide).map((box) => [box.id, box]),
  );
}

function longerSide(box: RegionBox): number {
  return Math.max(box.bottom - box.top, box.right - box.left) + 1;
}

/** Pixel under the centre of a grid row or column; centres lie up to half a pixel outside the photo. */
function centrePixel(level: LevelGeometry, index: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(cellCentre(level, index) + 0.5)));
}

/** Leaves each region the cell nearest to the middle of its box; the first in row-major order wins ties. */
function keepNearestCells(level: LevelGeometry, plan: Int32Array, boxes: ReadonlyMap<number, RegionBox>): void {
  const best = new Map<number, { cell: number; distance: number }>();
  plan.forEach((id, cell) => {
    const box = boxes.get(id);
    if (!box) return;
    const down = cellCentre(level, Math.floor(cell / level.cols)) - (box.top + box.bottom) / 2;
    const across = cellCentre(level, cell % level.cols) - (box.left + box.right) / 2;
    const distance = down * down + across * across;
    const known = best.get(id);
    if (!known || distance < known.distance) best.set(id, { cell, distance });
  });
  plan.fill(0);
  for (const [id, { cell }] of best) plan[cell] = id;
}
