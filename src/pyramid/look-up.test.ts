import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../test/shared.ts';
import { floatsToHalves, halfValues } from '../formats/half.ts';
import { randomUniform } from '../math/random.ts';
import { blendLevels, type CornerBlend, denseIndex, gridFraction, gridIndex } from './look-up.ts';
import { type LevelGeometry, pyramidGeometry } from './tile-geometry.ts';

/** The blend of one pixel in a whole level grid [rows + 1, cols + 1, dim]. */
function cornersAt(grid: Uint16Array, level: LevelGeometry, dim: number, row: number, col: number): CornerBlend {
  const a = gridIndex(level, row);
  const b = gridIndex(level, col);
  const rowLength = (level.cols + 1) * dim;
  return {
    near: grid.subarray(a * rowLength, (a + 1) * rowLength),
    far: grid.subarray((a + 1) * rowLength, (a + 2) * rowLength),
    start: b * dim,
    rowFraction: gridFraction(level, row, a),
    colFraction: gridFraction(level, col, b),
  };
}

/** Spec §1.5 as it is written: rows first, then columns. */
function bilinear({ near, far, start, rowFraction, colFraction }: CornerBlend, dim: number, d: number): number {
  const lerp = (from: number, to: number, fraction: number) => from + (to - from) * fraction;
  const column = (index: number) => lerp(halfValues[near[index]], halfValues[far[index]], rowFraction);
  return lerp(column(start + d), column(start + dim + d), colFraction);
}

describe('look-up', () => {
  it('never reaches beyond the last cell, on any photo size', () => {
    for (let height = 40; height < 300; height += 7)
      for (const level of pyramidGeometry(300 - height, height).levels) {
        expect(gridIndex(level, 0)).toBe(0);
        expect(gridIndex(level, height - 1)).toBeLessThan(level.rows);
        expect(gridIndex(level, 300 - height - 1)).toBeLessThan(level.cols);
      }
  });

  it('blends two levels as two bilinear blends and one linear blend', () => {
    const dim = 3;
    const { levels } = pyramidGeometry(80, 60);
    const grids = levels.map((level, i) =>
      floatsToHalves(
        Float32Array.from(
          { length: (level.rows + 1) * (level.cols + 1) * dim },
          (_, k) => randomUniform(5, i, k) - 0.5,
        ),
      ),
    );
    const out = new Float32Array(dim + 2);
    for (let trial = 0; trial < 50; trial++) {
      const bin = trial % 6;
      const [row, col, omega] = [trial, (trial * 7) % 80, randomUniform(1, 1, trial)];
      const lower = cornersAt(grids[bin], levels[bin], dim, row, col);
      const upper = cornersAt(grids[bin + 1], levels[bin + 1], dim, row, col);
      blendLevels(lower, upper, omega, dim, out, 2);
      for (let d = 0; d < dim; d++)
        expect(out[2 + d]).toBeCloseTo((1 - omega) * bilinear(lower, dim, d) + omega * bilinear(upper, dim, d), 6);
    }
  });
});

describe.skipIf(!hasShared)('look-up against recorded vectors', () => {
  it.each(['small', 'wide'])('indices and blends of the %s photo', (name) => {
    const { arrays, meta } = readVectors('08-lerf-interp');
    const { H, W, level: index } = meta[name] as { H: number; W: number; level: number };
    const level = pyramidGeometry(W, H).levels[index];
    const grid = arrays[`${name}_grid`];
    const halves = floatsToHalves(grid.data);
    const out = new Float32Array(4);
    const points = arrays[`${name}_points`].data;
    for (let i = 0; i < points.length / 2; i++) {
      const [row, col] = [points[2 * i], points[2 * i + 1]];
      const blend = cornersAt(halves, level, 4, row, col);
      expect(gridIndex(level, row)).toBe(arrays[`${name}_row_index`].data[i]);
      // The recording finds columns in float16, which beyond 2048 pixels may round into the neighbouring cell.
      if (col < 2048) expect(blend.start / 4).toBe(arrays[`${name}_col_index`].data[i]);
      blendLevels(blend, blend, 0, 4, out, 0);
      for (let d = 0; d < 4; d++) {
        const recorded = arrays[`${name}_out_float`].data[4 * i + d];
        // The recorded float32 results start from centres that were rounded to float16, exact below 1024.
        if (col < 1024) expect(Math.abs(out[d] - recorded)).toBeLessThan(1e-6 + 1e-5 * Math.abs(recorded));
        else expect(Math.abs(out[d] - recorded)).toBeLessThan(0.03);
      }
    }
  });

  it('dense features: nearest by floor', () => {
    const { arrays, meta } = readVectors('08-lerf-dino');
    const { grid_h, grid_w, H, W } = meta as Record<'grid_h' | 'grid_w' | 'H' | 'W', number>;
    arrays.flat_index.data.forEach((flat, i) => {
      const [image, row, col] = arrays.points.data.slice(3 * i, 3 * i + 3);
      const cell = denseIndex(row, grid_h, H) * grid_w + denseIndex(col, grid_w, W);
      expect(image * grid_h * grid_w + cell).toBe(flat);
    });
  });
});
