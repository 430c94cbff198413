import { describe, expect, it } from 'vitest';
import { componentShares, principalComponents } from './principal-components.ts';
import { randomUniform } from './random.ts';

/** Uniform along three known directions, ever less, round a known middle; a little noise everywhere. */
const dim = 12;
const rows = 500;
const middle = Array.from({ length: dim }, (_, d) => d / 3);
const root = Math.SQRT1_2;
const directions = [
  [root, -root, ...new Array(10).fill(0)],
  [0, 0, 0, 1, ...new Array(8).fill(0)],
  [...new Array(10).fill(0), root, root],
];
const spans = [6, 3, 1];
const values = Float32Array.from({ length: rows * dim }, (_, i) => {
  const [row, d] = [Math.floor(i / dim), i % dim];
  const along = directions.reduce((sum, axis, k) => sum + axis[d] * spans[k] * (randomUniform(5, 5, row, k) - 0.5), 0);
  return middle[d] + along + 0.001 * randomUniform(6, 6, row, d);
});

describe('principal components', () => {
  it('are the directions of largest variance in their order, with a fixed sign', () => {
    const { axes, mean } = principalComponents(values, dim);
    axes.forEach((axis, k) => {
      const cosine = axis.reduce((sum, value, d) => sum + value * directions[k][d], 0);
      expect(Math.abs(cosine)).toBeGreaterThan(0.99);
      expect(Math.max(...axis)).toBeGreaterThan(-Math.min(...axis) - 1e-12);
    });
    mean.forEach((value, d) => {
      expect(Math.abs(value - middle[d])).toBeLessThan(0.3);
    });
  });

  it('spread vectors over the colours, and clamp what lies beyond', () => {
    const components = principalComponents(values, dim);
    const shares = componentShares(values, components);
    expect(shares.length).toBe(3 * rows);
    for (let c = 0; c < 3; c++) {
      const own = Array.from({ length: rows }, (_, row) => shares[3 * row + c]);
      expect([Math.min(...own), Math.max(...own)]).toEqual([0, 1]);
      expect(own.filter((value) => value === 0 || value === 1).length).toBeLessThan(0.06 * rows);
    }
    const far = Float32Array.from(components.mean, (value, d) => value + 100 * components.axes[0][d]);
    expect(componentShares(far, components)[0]).toBe(1);
  });

  it('of vectors without three directions are still numbers', () => {
    const flat = Float32Array.from({ length: 40 * 5 }, (_, i) => (i % 5 === 2 ? Math.floor(i / 5) : 7));
    const components = principalComponents(flat, 5);
    expect(Array.from(components.axes[0], Math.round)).toEqual([0, 0, 1, 0, 0]);
    const shares = componentShares(flat, components);
    expect(shares.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(componentShares(new Float32Array(10).fill(3), principalComponents(new Float32Array(10).fill(3), 5))).toEqual(
      new Float32Array(6).fill(0.5),
    );
  });
});
