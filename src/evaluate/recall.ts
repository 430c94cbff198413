/**
 * Query recall: does a map's hottest part lie on the object? The paper's words, "at least nine out of ten highest
 * relevancy (top 10 percent) pixels land inside the segmentation", can be read in several ways; these are the named
 * ones (spec §5.3 #17, protocols §5.7). 10 % of all pixels is not among them: no object under 9 % of the picture
 * could ever be found.
 *
 * Pixels that tie with the last one taken count in proportion, so the answer does not depend on their order.
 */

export const recallRules = {
  highlighted: 'the 10 % highest of the pixels above 0.5 (at least 10 pixels)',
  range: 'the pixels within the top 10 % of the range of values',
  'ten-pixels': 'the 10 highest pixels',
} as const;

export type RecallRule = keyof typeof recallRules;

/** Share of the hottest pixels that must lie on the object. */
const requiredShare = 0.9;

/**
 * Success of one map; a map with nothing to look at (no pixel above 0.5, for 'highlighted') fails.
 * @param values [pixels] relevancy as it is
 * @param mask [pixels] 0/1
 */
export function recallHit(values: Float32Array, mask: Uint8Array, rule: RecallRule): boolean {
  // 9 of 10 must pass however 0.9 is rounded.
  return hottestShareInside(values, mask, rule) >= requiredShare - 1e-9;
}

/** Share of the rule's hottest pixels that lie inside the mask; NaN when there is none. */
export function hottestShareInside(values: Float32Array, mask: Uint8Array, rule: RecallRule): number {
  const sorted = values.toSorted();
  const max = sorted[sorted.length - 1];
  if (rule === 'range') return shareInside(values, mask, max - 0.1 * (max - sorted[0]), Infinity);
  if (rule === 'ten-pixels') return topShareInside(values, mask, sorted, 10);
  const highlighted = sorted.length - firstAbove(sorted, 0.5);
  if (highlighted === 0) return Number.NaN;
  const count = Math.min(highlighted, Math.max(10, Math.ceil(0.1 * highlighted)));
  return topShareInside(values, mask, sorted, count);
}

/** Share inside among the `count` highest pixels. @param sorted ascending */
function topShareInside(values: Float32Array, mask: Uint8Array, sorted: Float32Array, count: number): number {
  const taken = Math.min(count, sorted.length);
  const last = sorted[sorted.length - taken];
  let [above, aboveInside, tied, tiedInside] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] > last) {
      above++;
      aboveInside += mask[i];
    } else if (values[i] === last) {
      tied++;
      tiedInside += mask[i];
    }
  }
  return (aboveInside + ((taken - above) * tiedInside) / tied) / taken;
}

/** Share inside among pixels with lowest ≤ value < end. */
function shareInside(values: Float32Array, mask: Uint8Array, lowest: number, end: number): number {
  let [count, inside] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < lowest || values[i] >= end) continue;
    count++;
    inside += mask[i];
  }
  return inside / count;
}

/** Index of the first value above the limit in an ascending list. */
function firstAbove(sorted: Float32Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
