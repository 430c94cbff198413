/** Splits a hash grid's table into parts of whole levels, each small enough for one GPU binding. */
import { LangfieldError } from '../../errors.ts';
import type { HashGridLevel, HashGridShape } from './levels.ts';
import { hashGridLevels } from './levels.ts';

export interface GridPart {
  /** Levels of the part; `offset` counts from the part's own first row. */
  levels: HashGridLevel[];
  /** First row of the part in the whole table, and its number of rows. */
  firstRow: number;
  rows: number;
  /** First column of the part in the encoding. */
  column: number;
}

/** @param bytesPerScalar of the table as stored; gradient sums take 4 */
export function splitLevels(grid: HashGridShape, maxBytes: number, bytesPerScalar = 4): GridPart[] {
  const maxRows = Math.floor(maxBytes / (grid.features * bytesPerScalar));
  const parts: GridPart[] = [];
  for (const [index, level] of hashGridLevels(grid).entries()) {
    if (level.entries > maxRows)
      throw new LangfieldError({
        problem: 'a level of a hash grid does not fit into one buffer of the GPU',
        found: `${level.entries} entries of ${grid.features} features`,
        expected: `${maxRows} entries or fewer`,
        advice: 'Take a smaller preset, or use --device cpu',
      });
    let part = parts.at(-1);
    if (!part || part.rows + level.entries > maxRows) {
      part = { levels: [], firstRow: level.offset, rows: 0, column: index * grid.features };
      parts.push(part);
    }
    part.levels.push({ ...level, offset: level.offset - part.firstRow });
    part.rows += level.entries;
  }
  return parts;
}
