/**
 * Turbo, the colour map of every relevancy and depth picture (spec §3.4): 256 entries, no interpolation between them.
 */
import { turboTable } from './turbo-table.ts';

/** The table as bytes, [256, 3]. */
export const turboBytes: Uint8Array = Uint8Array.from(turboTable, (value) => Math.round(value * 255));

/** trunc(255·v) with v clipped to [0, 1] and NaN taken as 0; the product is rounded to float32 as the original's is. */
export function turboIndex(value: number): number {
  if (!(value > 0)) return 0;
  return value >= 1 ? 255 : Math.trunc(Math.fround(Math.fround(value) * 255));
}

/** Red, green and blue in [0, 1]. */
export function turbo(value: number): [number, number, number] {
  const entry = 3 * turboIndex(value);
  return [turboTable[entry], turboTable[entry + 1], turboTable[entry + 2]];
}
