import { describe, expect, it } from 'vitest';
import { randomUniform } from '../math/random.ts';
import { gridFraction, gridIndex } from './look-up.ts';
import { deriveCells, encodedCells, encodedTileCount, fillCells, tileChoiceNames } from './tile-choice.ts';
import { cellCentre, type LevelGeometry, pyramidGeometry } from './tile-geometry.ts';

const geometry = pyramidGeometry(994, 738);
const random = (level: LevelGeometry) =>
  Float32Array.from({ length: level.rows * level.cols }, (_, i) => randomUniform(level.level, 3, i));

/** Bilinear look-up of [rows, cols] numbers at pixel (row, col), constant beyond the last centre. */
function lookUp(level: LevelGeometry, values: Float32Array, row: number, col: number): number {
  const at = (count: number, pixel: number) => {
    const index = Math.min(count - 1, Math.max(0, gridIndex(level, pixel)));
    return [index, Math.min(count - 1, index + 1), Math.max(0, gridFraction(level, pixel, index))] as const;
  };
  const [a, below, f] = at(level.rows, row);
  const [b, right, g] = at(level.cols, col);
  const value = (r: number, c: number) => values[r * level.cols + c];
  return (
    (1 - f) * ((1 - g) * value(a, b) + g * value(a, right)) + f * ((1 - g) * value(below, b) + g * value(below, right))
  );
}

describe('choices of tiles', () => {
  it('have so many tiles of a LERF photo, all of them tiles of the full choice', () => {
    const counts = tileChoiceNames.map((choice) => encodedTileCount(geometry, choice));
    expect(Object.fromEntries(tileChoiceNames.map((choice, i) => [choice, counts[i]]))).toEqual({
      full: 1219,
      'wider-strides': 830,
      'fewer-scales': 581,
      coarse: 192,
    });
    for (const level of geometry.levels)
      for (const choice of tileChoiceNames) {
        const cells = encodedCells(level, choice);
        expect(cells).toEqual([...new Set(cells)].sort((x, y) => x - y));
        expect(cells.every((cell) => cell < level.rows * level.cols)).toBe(true);
      }
  });

  it('keep the corners of every grid, whatever its size', () => {
    for (const side of [40, 57, 300])
      for (const { rows, cols, ...rest } of pyramidGeometry(side, 61).levels.slice(1)) {
        const cells = encodedCells({ rows, cols, ...rest }, 'coarse');
        for (const corner of [0, cols - 1, (rows - 1) * cols, rows * cols - 1]) expect(cells).toContain(corner);
      }
  });
});

describe('cells without tiles', () => {
  it('make every look-up that of a grid of twice the stride', () => {
    const level = geometry.levels[3];
    const tiles = random(level);
    const filled = new Float32Array(tiles.length);
    for (const cell of encodedCells(level, 'coarse')) filled[cell] = tiles[cell];
    fillCells(level, 'coarse', filled, 1);
    // 8 × 10 cells; the last row and column are tiles of their own, so the wide grid ends one before.
    const wide: LevelGeometry = { ...level, stride: 2 * level.stride, rows: 4, cols: 5 };
    const wideTiles = Float32Array.from(
      { length: 20 },
      (_, i) => tiles[2 * Math.floor(i / 5) * level.cols + 2 * (i % 5)],
    );
    for (let i = 0; i < 200; i++) {
      const row = randomUniform(1, 1, i) * cellCentre(level, 6);
      const col = randomUniform(1, 2, i) * cellCentre(level, 8);
      expect(lookUp(level, filled, row, col)).toBeCloseTo(lookUp(wide, wideTiles, row, col), 6);
    }
    for (const cell of encodedCells(level, 'coarse')) expect(filled[cell]).toBe(tiles[cell]);
  });

  it('of the level that is left out say what the next larger level says there', () => {
    const [small, large] = geometry.levels;
    const tiles = random(large);
    const derived = deriveCells(small, large, tiles, 1);
    expect(derived).toHaveLength(small.rows * small.cols);
    for (const [row, col] of [
      [0, 0],
      [5, 9],
      [small.rows - 1, 3],
      [small.rows - 1, small.cols - 1],
    ])
      expect(derived[row * small.cols + col]).toBeCloseTo(
        lookUp(large, tiles, cellCentre(small, row), cellCentre(small, col)),
        6,
      );
  });
});
