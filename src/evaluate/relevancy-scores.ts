/**
 * Scores of one relevancy map against one mask (spec §5.5): D_relevancy and Ratio_acc. D is dominated by the
 * background level, and a map of zeros beats most real maps: read it beside Ratio_acc and the trivial baselines.
 */

/**
 * What is scored: R as it is (the default, spec §5.3 #15), R with everything below 0.5 set to 0, or R stretched to
 * [0, 1]. Recall and localisation always look at R as it is.
 */
export type MapTransform = 'raw' | 'clip05' | 'normalised';

export function transformMap(values: Float32Array, transform: MapTransform): Float32Array {
  if (transform === 'raw') return values;
  if (transform === 'clip05') return values.map((value) => (value < 0.5 ? 0 : value));
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return values.map((value) => (value - min) / (max - min + 1e-9));
}

/**
 * Mean over all pixels of (R_gt − R)², in [0, 1], lower is better.
 * @param values [pixels] in [0, 1]
 * @param mask [pixels] 0/1
 */
export function dRelevancy(values: ArrayLike<number>, mask: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < mask.length; i++) sum += (mask[i] - values[i]) ** 2;
  return sum / mask.length;
}

/** Mean inside over mean outside; NaN when the mask is empty or full, or the map is zero outside. */
export function ratioAcc(values: ArrayLike<number>, mask: Uint8Array): number {
  let [inside, outside, count] = [0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) {
      inside += values[i];
      count++;
    } else outside += values[i];
  }
  const ratio = inside / count / (outside / (mask.length - count));
  return Number.isFinite(ratio) ? ratio : Number.NaN;
}
