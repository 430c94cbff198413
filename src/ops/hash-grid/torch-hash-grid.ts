/**
 * The hash grid of nerfstudio's torch fallback (spec §7 trap 13): another model than tcnn's, here only to compare
 * with vectors that were recorded from it. Level l scales by floor(base · γ^l) without stagger, every level is
 * hashed into 2^T rows, and on a node the cell above is the node itself, so the position gradient there is zero.
 */
import { hashedRow } from './hash-grid.ts';
import type { HashGridGradients, LatticeLevel } from './interpolation.ts';
import { interpolate, interpolateBackward } from './interpolation.ts';
import type { HashGridShape } from './levels.ts';

const f32 = Math.fround;

/** floor(base · γ^l); γ is a double, its powers and the product are float32, as torch evaluates them. */
export function torchScalings(grid: HashGridShape): number[] {
  const { levels, baseResolution, maxResolution } = grid;
  const growth = levels > 1 ? Math.exp((Math.log(maxResolution) - Math.log(baseResolution)) / (levels - 1)) : 1;
  return Array.from({ length: levels }, (_, l) => Math.floor(f32(baseResolution * f32(f32(growth) ** l))));
}

/** Rows of the whole table: 2^T per level. */
export function torchEntries(grid: HashGridShape): number {
  return grid.levels * 2 ** grid.log2Entries;
}

function lattice(grid: HashGridShape): LatticeLevel[] {
  const entries = 2 ** grid.log2Entries;
  return torchScalings(grid).map((scale, l) => ({
    scale,
    stagger: 0,
    row: (i, j, k) => l * entries + hashedRow(i, j, k, entries),
    above: (cell, fraction) => (fraction > 0 ? cell + 1 : cell),
  }));
}

/** As `encodeHashGrid`; `table` is [levels * 2^T, features]. */
export function encodeTorchHashGrid(
  grid: HashGridShape,
  positions: ArrayLike<number>,
  table: ArrayLike<number>,
): Float64Array {
  return interpolate(lattice(grid), grid.features, positions, table);
}

/** As `encodeHashGridBackward`. */
export function encodeTorchHashGridBackward(
  grid: HashGridShape,
  positions: ArrayLike<number>,
  table: ArrayLike<number>,
  gradEncoded: ArrayLike<number>,
): HashGridGradients {
  return interpolateBackward(lattice(grid), grid.features, positions, table, gradEncoded);
}
