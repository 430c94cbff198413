/** How much the tiles of a level show of which regions; for the option `within` of docs/priors.md. */
import type { RegionStack } from './region-stack.ts';
import type { LevelGeometry } from './tile-geometry.ts';

/** One level. The entries of cell c are starts[c] … starts[c + 1] - 1. */
export interface TileViews {
  /** [rows · cols + 1] */
  starts: Int32Array;
  /** Regions that the tile shows: numbers of the stack plus one, rising within a cell. */
  regions: Int32Array;
  /** Their shares of what the tile shows of the photo; what hangs over the photo's border counts for nothing. */
  shares: Float32Array;
}

/** @param map position of the one map of the stack whose regions are used; absent: all */
export function viewTiles(level: LevelGeometry, stack: RegionStack, map?: number): TileViews {
  const starts = [0];
  const regions: number[] = [];
  const shares: number[] = [];
  const counts = new Int32Array(stack.combinations.length);
  for (let row = 0; row < level.rows; row++)
    for (let col = 0; col < level.cols; col++) {
      counts.fill(0);
      const shown = countTile(level, row, col, stack, counts);
      const found = regionCounts(counts, stack, map);
      for (const region of [...found.keys()].sort((a, b) => a - b)) {
        regions.push(region + 1);
        shares.push(found.get(region)! / shown);
      }
      starts.push(regions.length);
    }
  return { starts: Int32Array.from(starts), regions: Int32Array.from(regions), shares: Float32Array.from(shares) };
}

/** Entry of a region (number plus one) in a cell; -1 where its tile shows nothing of it. */
export function findView({ starts, regions }: TileViews, cell: number, region: number): number {
  for (let entry = starts[cell]; entry < starts[cell + 1]; entry++) if (regions[entry] === region) return entry;
  return -1;
}

/** Adds the tile's pixels to the counts of their combinations; returns how many lie in the photo. */
function countTile(
  { stride, padding, side }: LevelGeometry,
  row: number,
  col: number,
  { index, maps: [{ width, height }] }: RegionStack,
  counts: Int32Array,
): number {
  const top = row * stride - padding;
  const left = col * stride - padding;
  const [firstRow, lastRow] = [Math.max(0, top), Math.min(height, top + side)];
  const [firstCol, lastCol] = [Math.max(0, left), Math.min(width, left + side)];
  for (let y = firstRow; y < lastRow; y++)
    for (let pixel = y * width + firstCol; pixel < y * width + lastCol; pixel++) counts[index[pixel]]++;
  return Math.max(0, lastRow - firstRow) * Math.max(0, lastCol - firstCol);
}

function regionCounts(counts: Int32Array, { combinations, regions }: RegionStack, map?: number): Map<number, number> {
  const found = new Map<number, number>();
  counts.forEach((count, combination) => {
    if (count === 0) return;
    for (const region of combinations[combination])
      if (map === undefined || regions[region].map === map) found.set(region, (found.get(region) ?? 0) + count);
  });
  return found;
}
