/**
 * Region maps in NPY files: [height, width] of any whole numbers, or LangSplat's `*_s.npy`, [4, height, width], whose
 * levels are SAM's default, small, medium and large segments. Where an array has negative entries they mean "none" and
 * its ids count from 0 (LangSplat, PyTorch); such ids are raised by one, because 0 is unlabelled here.
 */
import { LangfieldError } from '../errors.ts';
import { decodeNpy } from '../formats/npy.ts';
import type { RegionMap } from './region-map.ts';

export const regionLevels = ['default', 'small', 'medium', 'large'] as const;
export type RegionLevel = (typeof regionLevels)[number];

/** @param level which of LangSplat's four maps to take; ignored for [height, width] */
export function readNpyMap(bytes: Uint8Array, what: string, level: RegionLevel = 'large'): RegionMap {
  const { shape, dtype, data } = decodeNpy(bytes, what);
  const stacked = shape.length === 3 && shape[0] === regionLevels.length;
  if ((shape.length !== 2 && !stacked) || dtype.endsWith('f2'))
    throw new LangfieldError({
      problem: 'this array is no region map',
      file: what,
      found: `${dtype} [${shape.join(', ')}]`,
      expected: 'whole numbers [height, width], or [4, height, width] as LangSplat writes them',
    });
  const [height, width] = shape.slice(-2);
  const start = stacked ? regionLevels.indexOf(level) * width * height : 0;
  const ids = new Int32Array(width * height);
  for (let i = 0; i < ids.length; i++) {
    const value = Number(data[start + i]);
    if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31 - 1)
      throw new LangfieldError({
        problem: 'an id of the region map is not a whole number under 2³¹',
        file: what,
        field: `row ${Math.floor(i / width)}, column ${i % width}`,
        found: String(data[start + i]),
      });
    ids[i] = value;
  }
  if (ids.some((id) => id < 0)) for (let i = 0; i < ids.length; i++) ids[i] = Math.max(0, ids[i] + 1);
  return { width, height, ids };
}
