/**
 * Which tiles of LERF's pyramid are encoded (`--tiles`). The grid of a level is always LERF's (tile-geometry.ts), so that
 * look-ups, the override rule and files know of one geometry; cells without a tile of their own are interpolated:
 * between tiles of their level, which is what a look-up in a grid of twice the stride gives, or, on the level that is
 * left out, from the next larger level. Every choice takes a subset of the same tiles, so one that was encoded for one
 * choice serves the others (embedding-store.ts).
 */

import { gridFraction, gridIndex } from './look-up.ts';
import { cellCentre, type LevelGeometry, type PyramidGeometry } from './tile-geometry.ts';

interface TileChoiceDeclaration {
  /** Every second row and column, and the last of each, on levels whose tiles overlap by half (1 … 6). */
  widerStrides: boolean;
  /** Without the tiles of level 0, more than half of all. */
  fewerScales: boolean;
  help: string;
}

export const tileChoices = {
  full: { widerStrides: false, fewerScales: false, help: 'every tile, as LERF' },
  'wider-strides': { widerStrides: true, fewerScales: false, help: 'every second row and column where tiles overlap' },
  'fewer-scales': { widerStrides: false, fewerScales: true, help: 'all but the smallest tiles' },
  coarse: { widerStrides: true, fewerScales: true, help: 'both, a sixth of the tiles' },
} as const satisfies Record<string, TileChoiceDeclaration>;

export type TileChoice = keyof typeof tileChoices;

export const tileChoiceNames = Object.keys(tileChoices) as TileChoice[];

/** Whether a level has no tiles of its own and is interpolated from the next larger one. */
export function isDerived({ level }: LevelGeometry, choice: TileChoice): boolean {
  return tileChoices[choice].fewerScales && level === 0;
}

/** Cells whose tiles are encoded, row-major and rising. */
export function encodedCells(level: LevelGeometry, choice: TileChoice): number[] {
  if (isDerived(level, choice)) return [];
  const rows = encodedLines(level, level.rows, choice);
  const cols = encodedLines(level, level.cols, choice);
  return rows.flatMap((row) => cols.map((col) => row * level.cols + col));
}

/** Tiles of all levels that are encoded. */
export function encodedTileCount({ levels }: PyramidGeometry, choice: TileChoice): number {
  return levels.reduce((sum, level) => sum + encodedCells(level, choice).length, 0);
}

/** Rows (or columns) of a level that have tiles. */
function encodedLines({ level }: LevelGeometry, count: number, choice: TileChoice): number[] {
  const step = tileChoices[choice].widerStrides && level > 0 ? 2 : 1;
  return Array.from({ length: count }, (_, line) => line).filter((line) => line % step === 0 || line === count - 1);
}

/** Interpolates the cells without tiles, in place. `embeddings` [rows · cols, dim] holds those of `encodedCells`. */
export function fillCells(level: LevelGeometry, choice: TileChoice, embeddings: Float32Array, dim: number): void {
  const { rows, cols } = level;
  const encodedRows = encodedLines(level, rows, choice);
  const encodedCols = encodedLines(level, cols, choice);
  const at = (row: number, col: number) => (row * cols + col) * dim;
  for (const row of encodedRows)
    for (const [col, before, after] of between(encodedCols))
      mean(embeddings, at(row, before), at(row, after), at(row, col), dim);
  for (const [row, above, below] of between(encodedRows))
    for (let col = 0; col < cols; col++) mean(embeddings, at(above, col), at(below, col), at(row, col), dim);
}

/** Lines without tiles, each with its neighbours: at most one lies between two that have them. */
function between(lines: readonly number[]): [line: number, before: number, after: number][] {
  return lines.slice(1).flatMap((after, i): [number, number, number][] => {
    const before = lines[i];
    return after - before === 2 ? [[before + 1, before, after]] : [];
  });
}

function mean(values: Float32Array, a: number, b: number, out: number, dim: number): void {
  for (let d = 0; d < dim; d++) values[out + d] = 0.5 * (values[a + d] + values[b + d]);
}

/**
 * The cells of a level from those of a larger one, [rows · cols, dim] each: the bilinear look-up at every cell's centre,
 * constant beyond the outermost centres (spec §1.5).
 */
export function deriveCells(
  level: LevelGeometry,
  larger: LevelGeometry,
  embeddings: Float32Array,
  dim: number,
): Float32Array {
  const derived = new Float32Array(level.rows * level.cols * dim);
  for (let row = 0; row < level.rows; row++) {
    const [a, below, f] = placeIn(larger, larger.rows, cellCentre(level, row));
    for (let col = 0; col < level.cols; col++) {
      const [b, right, g] = placeIn(larger, larger.cols, cellCentre(level, col));
      const corners = [
        [(a * larger.cols + b) * dim, (1 - f) * (1 - g)],
        [(a * larger.cols + right) * dim, (1 - f) * g],
        [(below * larger.cols + b) * dim, f * (1 - g)],
        [(below * larger.cols + right) * dim, f * g],
      ];
      const out = (row * level.cols + col) * dim;
      for (const [start, weight] of corners)
        for (let d = 0; d < dim; d++) derived[out + d] += weight * embeddings[start + d];
    }
  }
  return derived;
}

/** The line at or before a pixel, the one after it, and the position between them. */
function placeIn(level: LevelGeometry, count: number, pixel: number): [number, number, number] {
  const index = Math.min(count - 1, Math.max(0, gridIndex(level, pixel)));
  const next = Math.min(count - 1, index + 1);
  const fraction = next === index ? 0 : Math.min(1, Math.max(0, gridFraction(level, pixel, index)));
  return [index, next, fraction];
}
