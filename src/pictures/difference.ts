/**
 * Where two maps differ: grey where they agree, towards orange where the first is larger, towards blue where the second
 * is. The larger of the two extremes takes the full colour, so that signs are seen and sizes compared within one picture.
 */
import type { Image } from '../platform/platform.ts';
import type { ScalarMap } from './displays.ts';

const agree = [40, 42, 48] as const;
const firstLarger = [255, 150, 30] as const;
const secondLarger = [60, 150, 255] as const;
/** Maps that differ by less hold the same values but for rounding. */
const leastRange = 1e-5;

/** Shapes must be equal; NaN counts as agreement. */
export function displayDifference(first: ScalarMap, second: ScalarMap): Image {
  const { width, height } = first;
  if (second.width !== width || second.height !== height)
    throw new RangeError(`the maps are ${width}×${height} and ${second.width}×${second.height}`);
  const difference = Float32Array.from(first.values, (value, i) => value - second.values[i] || 0);
  const range = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const share = range < leastRange ? 0 : Math.abs(difference[i]) / range;
    const end = difference[i] > 0 ? firstLarger : secondLarger;
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round(agree[c] + (end[c] - agree[c]) * share);
  }
  return { width, height, channels: 3, data };
}
