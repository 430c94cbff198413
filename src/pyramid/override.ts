/**
 * The panoptic prior's override (spec §5.2, alternatives of §5.3, ablations of §5.4, options of docs/priors.md): which
 * grid cells or pixels take the embedding of which region. Pure numbers: the maps say which regions lie at a pixel,
 * sizes decide the levels. No embeddings are touched here; open-supervision.ts applies the plan while looking up, so
 * one base pyramid serves every prior.
 */
import type { RegionBox } from '../regions/region-map.ts';
import { isByPixel, type Prior, type PriorRule, readPrior } from './prior.ts';
import type { RegionStack } from './region-stack.ts';
import { cellCentre, type LevelGeometry, levelCount, type PyramidGeometry } from './tile-geometry.ts';
import { type TileViews, viewTiles } from './tile-views.ts';

export interface OverrideRule {
  prior: Prior;
  /** two-sided: 1.1·s(i-1) < s ≤ 1.1·s(i+1), two levels per region; partition: 1.1·s(i-1) < s ≤ 1.1·s(i), one level. */
  window: 'two-sided' | 'partition';
  /** all: every cell whose centre lies in the region; one-cell: only the one nearest to the middle of its box. */
  cells: 'all' | 'one-cell';
  /** Regions whose longer side is shorter than this, in pixels, are noise and never used. */
  minRegionSide: number;
  /** Position of the one map of the stack whose regions are used; absent: all. */
  map?: number;
}

/** Regions are numbers of the stack plus one; 0 = keep what the tiles say. */
export interface OverridePlan {
  /** Per level, for each combination at a pixel: the region that answers there. */
  choices: readonly Int32Array[];
  /** Per level [rows · cols], without the replicated edge: the region of each cell; all 0 unless cells are overridden. */
  cells: readonly Int32Array[];
  /** Per level [rows · cols]: the share of the tile that the cell's region covers; for the option `area`. */
  shares?: readonly Float32Array[];
  /** Per level what the tiles show; for the option `within`. */
  views?: readonly TileViews[];
  /** Regions (numbers of the stack) that need an embedding, rising. */
  used: readonly number[];
  /** Per level, how many cells – by pixel (isByPixel): pixels – may take a region's embedding. */
  replaced: readonly number[];
}

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

/** What `rule` does to one photo; the maps of `stack` have the photo's size. */
export function planOverride(geometry: PyramidGeometry, stack: RegionStack, rule: OverrideRule): OverridePlan {
  const prior = readPrior(rule.prior);
  const choices = geometry.levels.map(({ level }) => chooseRegions(stack, geometry.height, level, rule, prior));
  const byCell = prior.base !== 'none' && !isByPixel(prior);
  const cells = geometry.levels.map((level) => {
    const plan = new Int32Array(level.rows * level.cols);
    if (!byCell) return plan;
    for (let row = 0; row < level.rows; row++) {
      const start = centrePixel(level, row, geometry.height) * geometry.width;
      for (let col = 0; col < level.cols; col++)
        plan[row * level.cols + col] =
          choices[level.level][stack.index[start + centrePixel(level, col, geometry.width)]];
    }
    if (rule.cells === 'one-cell' && prior.base === 'panoptic') keepNearestCells(level, plan, stack);
    return plan;
  });
  return {
    choices,
    cells,
    ...(prior.within && { views: geometry.levels.map((level) => viewTiles(level, stack, rule.map)) }),
    ...(prior.area && { shares: geometry.levels.map((level) => coveredShares(level, cells[level.level], stack)) }),
    used: distinct(byCell ? cells : choices),
    replaced: byCell ? cells.map(countChosen) : choices.map((level) => countPixels(level, stack)),
  };
}

/** For each combination of regions the one that answers at this level, plus one; the finest wins ties. */
function chooseRegions(
  stack: RegionStack,
  height: number,
  level: number,
  { window, minRegionSide, map: only }: OverrideRule,
  { base, within }: PriorRule,
): Int32Array {
  const admitted = stack.regions.map(({ map, box }) => {
    const side = longerSide(box);
    if (base === 'none' || side < minRegionSide || (only !== undefined && map !== only)) return false;
    if (base === 'single-scale') return level === levelCount - 1;
    return base === 'full' || within || windowAdmits(level, side, height, window);
  });
  const chosen = new Int32Array(stack.combinations.length);
  stack.combinations.forEach((regions, combination) => {
    for (const region of regions) {
      if (!admitted[region]) continue;
      const best = chosen[combination] - 1;
      const side = longerSide(stack.regions[region].box);
      if (best < 0 || isCloser(side, longerSide(stack.regions[best].box), level, height))
        chosen[combination] = region + 1;
    }
  });
  return chosen;
}

/** Whether |log(side / height / s_i)| is smaller for `side` than for `other`; in whole numbers, so that ties are ties. */
function isCloser(side: number, other: number, level: number, height: number): boolean {
  const nominal = (2 + 3 * level) * height;
  const [near, far] = [40 * side, 40 * other];
  return Math.max(near, nominal) * Math.min(far, nominal) < Math.max(far, nominal) * Math.min(near, nominal);
}

/** Pixels of a cell's region inside its tile, as a share of the whole tile; what hangs over the photo is not covered. */
function coveredShares(level: LevelGeometry, cells: Int32Array, { maps, regions }: RegionStack): Float32Array {
  return Float32Array.from(cells, (chosen, cell) => {
    if (chosen === 0) return 0;
    const { map, box } = regions[chosen - 1];
    const { ids, width } = maps[map];
    const top = Math.floor(cell / level.cols) * level.stride - level.padding;
    const left = (cell % level.cols) * level.stride - level.padding;
    let covered = 0;
    for (let row = Math.max(top, box.top); row <= Math.min(top + level.side - 1, box.bottom); row++)
      for (let col = Math.max(left, box.left); col <= Math.min(left + level.side - 1, box.right); col++)
        if (ids[row * width + col] === box.id) covered++;
    return covered / level.side ** 2;
  });
}

function distinct(levels: readonly Int32Array[]): number[] {
  const regions = new Set<number>();
  for (const level of levels) for (const chosen of level) if (chosen !== 0) regions.add(chosen - 1);
  return [...regions].sort((a, b) => a - b);
}

function countChosen(level: Int32Array): number {
  return level.reduce((count, chosen) => count + (chosen === 0 ? 0 : 1), 0);
}

function countPixels(level: Int32Array, { pixels }: RegionStack): number {
  return level.reduce((count, chosen, combination) => count + (chosen === 0 ? 0 : pixels[combination]), 0);
}

function longerSide(box: RegionBox): number {
  return Math.max(box.bottom - box.top, box.right - box.left) + 1;
}

/** Pixel under the centre of a grid row or column; centres lie up to half a pixel outside the photo. */
function centrePixel(level: LevelGeometry, index: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(cellCentre(level, index) + 0.5)));
}

/** Leaves each region the cell nearest to the middle of its box; the first in row-major order wins ties. */
function keepNearestCells(level: LevelGeometry, plan: Int32Array, { regions }: RegionStack): void {
  const best = new Map<number, { cell: number; distance: number }>();
  plan.forEach((chosen, cell) => {
    if (chosen === 0) return;
    const { box } = regions[chosen - 1];
    const down = cellCentre(level, Math.floor(cell / level.cols)) - (box.top + box.bottom) / 2;
    const across = cellCentre(level, cell % level.cols) - (box.left + box.right) / 2;
    const distance = down * down + across * across;
    const known = best.get(chosen);
    if (!known || distance < known.distance) best.set(chosen, { cell, distance });
  });
  plan.fill(0);
  for (const [chosen, { cell }] of best) plan[cell] = chosen;
}
