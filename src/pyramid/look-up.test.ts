import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../test/shared.ts';
import { floatsToHalves, halfValues } from '../formats/half.ts';
import { randomUniform } from '../math/random.ts';
import {
  blendLevels,
  type CornerBlend,
  denseIndex,
  emptyBlend,
  gridFraction,
  gridIndex,
  interpolate,
  largestCosine,
  mixedHalves,
  pointAt,
} from './look-up.ts';
import { type LevelGeometry, pyramidGeometry } from './tile-geometry.ts';

/** The blend of one pixel in a whole level grid [rows + 1, cols + 1, dim]. */
function cornersAt(grid: Uint16Array, level: LevelGeometry, dim: number, row: number, col: number): CornerBlend {
  const a = gridIndex(level, row);
  const b = gridIndex(level, col);
  const start = (row: number, col: number) => (row * (level.cols + 1) + col) * dim;
  return {
    halves: [grid, grid, grid, grid],
    starts: [start(a, b), start(a, b + 1), start(a + 1, b), start(a + 1, b + 1)],
    rowFraction: gridFraction(level, row, a),
    colFraction: gridFraction(level, col, b),
  };
}

/** Spec §1.5 as it is written: rows first, then columns. */
function bilinear({ halves, starts, rowFraction, colFraction }: CornerBlend, d: number): number {
  const lerp = (from: number, to: number, fraction: number) => from + (to - from) * fraction;
  const [a, b, c, e] = starts.map((start, corner) => halfValues[halves[corner][start + d]]);
  return lerp(lerp(a, c, rowFraction), lerp(b, e, rowFraction), colFraction);
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
      const single = new Float32Array(dim);
      interpolate(upper, dim, single);
      for (let d = 0; d < dim; d++) expect(single[d]).toBeCloseTo(bilinear(upper, d), 6);
      for (let d = 0; d < dim; d++)
        expect(out[2 + d]).toBeCloseTo((1 - omega) * bilinear(lower, d) + omega * bilinear(upper, d), 6);
    }
  });
});

describe('embeddings', () => {
  it('a level that points at one embedding gives exactly it', () => {
    const halves = floatsToHalves(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6));
    const out = new Float32Array(2);
    const [lower, upper] = [emptyBlend(), emptyBlend()];
    pointAt(lower, halves, 2);
    pointAt(upper, halves, 4);
    blendLevels(lower, upper, 0, 2, out, 0);
    expect(Array.from(out)).toEqual([halfValues[halves[2]], halfValues[halves[3]]]);
    blendLevels(lower, upper, 0.25, 2, out, 0);
    expect(out[1]).toBe(Math.fround(0.75 * halfValues[halves[3]] + 0.25 * halfValues[halves[5]]));
  });

  it('the largest cosine with the canonical phrases, whatever the length', () => {
    const canonical = Float32Array.of(1, 0, 0.6, 0.8);
    expect(largestCosine(Float32Array.of(0, 2), canonical)).toBeCloseTo(0.8, 6);
    expect(largestCosine(Float32Array.of(0.3, -0.4), canonical)).toBeCloseTo(0.6, 6);
    expect(largestCosine(Float32Array.of(-3, 0), canonical)).toBeCloseTo(-0.6, 6);
  });

  it('mixes a tile and a region to a unit vector', () => {
    const mixed = mixedHalves(Float32Array.of(1, 0), Float32Array.of(0, 1), 0.25);
    const length = Math.hypot(0.75, 0.25);
    expect(Array.from(mixed, (half) => halfValues[half])).toEqual([
      expect.closeTo(0.75 / length, 3),
      expect.closeTo(0.25 / length, 3),
    ]);
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
      if (col < 2048) expect((blend.starts[0] / 4) % (level.cols + 1)).toBe(arrays[`${name}_col_index`].data[i]);
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
