/**
 * The level table of a multi-resolution hash grid in tcnn's conventions (spec §2.2): scale, resolution, rows.
 * All arithmetic that decides a resolution runs in float32, because one ulp moves `ceil` by one.
 */

export interface HashGridShape {
  levels: number;
  features: number;
  log2Entries: number;
  baseResolution: number;
  maxResolution: number;
}

export interface HashGridLevel {
  /** σ_l: positions in [0, 1] are multiplied by it before the +0.5 stagger. */
  scale: number;
  resolution: number;
  /** Rows of this level's table. */
  entries: number;
  /** True when the table is smaller than resolution³ and rows are found by hashing. */
  hashed: boolean;
  /** First row of this level in the grid's table. */
  offset: number;
}

const f32 = Math.fround;

/** γ as float32. */
export function growthFactor({ levels, baseResolution, maxResolution }: HashGridShape): number {
  return levels > 1 ? f32(Math.exp((Math.log(maxResolution) - Math.log(baseResolution)) / (levels - 1))) : 1;
}

export function hashGridLevels(grid: HashGridShape): HashGridLevel[] {
  const log2Growth = f32(Math.log2(growthFactor(grid)));
  const levels: HashGridLevel[] = [];
  let offset = 0;
  for (let l = 0; l < grid.levels; l++) {
    const scale = f32(f32(f32(2 ** f32(l * log2Growth)) * grid.baseResolution) - 1);
    const resolution = Math.ceil(scale) + 1;
    const dense = Math.ceil(resolution ** 3 / 8) * 8;
    const entries = Math.min(dense, 2 ** grid.log2Entries);
    levels.push({ scale, resolution, entries, hashed: resolution ** 3 > entries, offset });
    offset += entries;
  }
  return levels;
}
