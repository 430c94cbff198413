/**
 * Multi-resolution hash grid in tcnn's convention (spec §2.2), float64 reference.
 *
 * Level l maps a position x in [0, 1]³ to p = σ_l x + 0.5; the eight nodes around p are blended trilinearly. A node
 * (i, j, k) lies in row (i + j·res + k·res²) mod entries of a dense level, and in row
 * (i XOR j·2654435761 XOR k·805459861) mod entries of a hashed one. At p on a cell face the position gradient is
 * that of the cell above. The level table is in `levels.ts`; the summation is in `interpolation.ts`.
 */
import type { HashGridGradients, LatticeLevel } from './interpolation.ts';
import { interpolate, interpolateBackward } from './interpolation.ts';
import type { HashGridLevel, HashGridShape } from './levels.ts';
import { hashGridLevels } from './levels.ts';

/** Row of node (i, j, k) by hashing; `entries` is a power of two. Unsigned 32-bit arithmetic. */
export function hashedRow(i: number, j: number, k: number, entries: number): number {
  return ((i ^ Math.imul(j, 2654435761) ^ Math.imul(k, 805459861)) >>> 0) % entries;
}

/** Row of node (i, j, k) within its level; nodes past the end of a dense level wrap. */
export function nodeRow(level: HashGridLevel, i: number, j: number, k: number): number {
  if (level.hashed) return hashedRow(i, j, k, level.entries);
  return (i + j * level.resolution + k * level.resolution ** 2) % level.entries;
}

function lattice(grid: HashGridShape): LatticeLevel[] {
  return hashGridLevels(grid).map((level) => ({
    scale: level.scale,
    stagger: 0.5,
    row: (i, j, k) => level.offset + nodeRow(level, i, j, k),
    above: (cell) => cell + 1,
  }));
}

/**
 * @param positions [points, 3] in [0, 1]
 * @param table [entries of all levels, features]
 * @returns [points, levels * features], level-major, feature-minor
 */
export function encodeHashGrid(
  grid: HashGridShape,
  positions: ArrayLike<number>,
  table: ArrayLike<number>,
): Float64Array {
  return interpolate(lattice(grid), grid.features, positions, table);
}

/** Gradients to table and positions for `gradEncoded` [points, levels * features]. */
export function encodeHashGridBackward(
  grid: HashGridShape,
  positions: ArrayLike<number>,
  table: ArrayLike<number>,
  gradEncoded: ArrayLike<number>,
): HashGridGradients {
  return interpolateBackward(lattice(grid), grid.features, positions, table, gradEncoded);
}
