/**
 * Where samples lie on a ray (spec §4.3, §4.4): the piecewise spacing, the initial bins, resampling of bins from
 * weights. Functions work on one ray. A ray of S samples has S bins and S + 1 edges; "spacing" edges live in [0, 1],
 * "euclidean" edges are distances along the ray in scene units. Nothing here has a gradient: samples are detached.
 */

/** Added to every weight before resampling, so that no bin is ever lost. */
export const histogramPadding = 0.01;

/** f(t): linear up to distance 1, then linear in disparity; [0, ∞) → [0, 1). */
export function spacingFromDistance(distance: number): number {
  return distance < 1 ? distance / 2 : 1 - 1 / (2 * distance);
}

/** f⁻¹(s). */
export function distanceFromSpacing(spacing: number): number {
  return spacing < 0.5 ? 2 * spacing : 1 / (2 - 2 * spacing);
}

/** [S + 1] distances of spacing edges between the near and far planes (scene units). */
export function euclideanEdges(edges: ArrayLike<number>, near: number, far: number): Float64Array {
  const [spacingNear, spacingFar] = [spacingFromDistance(near), spacingFromDistance(far)];
  return Float64Array.from(edges, (b) => distanceFromSpacing(b * spacingFar + (1 - b) * spacingNear));
}

/**
 * [S + 1] spacing edges of the first round: evenly spaced, and in training moved by one jitter per ray in [0, 1)
 * between the mid-points to the neighbours. `jitter` null = evaluation.
 */
export function initialEdges(samples: number, jitter: number | null): Float64Array {
  const edges = new Float64Array(samples + 1);
  for (let i = 0; i <= samples; i++) {
    const even = samples > 0 ? i / samples : 0;
    if (jitter === null) {
      edges[i] = even;
      continue;
    }
    const lower = i === 0 ? even : (i - 0.5) / samples;
    const upper = i === samples ? even : (i + 0.5) / samples;
    edges[i] = lower + (upper - lower) * jitter;
  }
  return edges;
}

/**
 * [K + 1] new spacing edges drawn from the histogram of `weights` [M] over `edges` [M + 1] by inverting its
 * cumulative distribution. `anneal` is the exponent on the weights (spec §4.5); `jitter` null = evaluation.
 * The new edges do not contain the old ones and start strictly inside the old range.
 */
export function resampleEdges(
  weights: ArrayLike<number>,
  edges: ArrayLike<number>,
  samples: number,
  anneal: number,
  jitter: number | null,
  padding = histogramPadding,
): Float64Array {
  const cumulative = cumulativeDistribution(weights, anneal, padding);
  const bins = weights.length;
  const edgeCount = samples + 1;
  const out = new Float64Array(edgeCount);
  for (let i = 0; i < edgeCount; i++) {
    const u = (i + (jitter ?? 0.5)) / edgeCount;
    let position = 0;
    while (position <= bins && cumulative[position] <= u) position++;
    const below = Math.max(0, Math.min(bins, position - 1));
    const above = Math.min(bins, position);
    const span = cumulative[above] - cumulative[below];
    const t = span > 0 ? Math.min(1, Math.max(0, (u - cumulative[below]) / span)) : 0;
    out[i] = edges[below] + t * (edges[above] - edges[below]);
  }
  return out;
}

/** [M + 1] from 0 to 1. */
function cumulativeDistribution(weights: ArrayLike<number>, anneal: number, padding: number): Float64Array {
  const padded = Float64Array.from(weights, (w) => w ** anneal + padding);
  const total = padded.reduce((sum, w) => sum + w, 0);
  const deficit = Math.max(0, 1e-5 - total);
  const cumulative = new Float64Array(padded.length + 1);
  let sum = 0;
  for (let i = 0; i < padded.length; i++) {
    sum += (padded[i] + deficit / padded.length) / (total + deficit);
    cumulative[i + 1] = Math.min(1, sum);
  }
  return cumulative;
}

/** [S] distances of the bins' mid-points. */
export function midpoints(edges: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: Math.max(0, edges.length - 1) }, (_, i) => (edges[i] + edges[i + 1]) / 2);
}

/** [S, 3] points origin + direction · mid-point of one ray. */
export function samplePoints(
  origin: ArrayLike<number>,
  direction: ArrayLike<number>,
  euclid: ArrayLike<number>,
): Float64Array {
  const mids = midpoints(euclid);
  return Float64Array.from({ length: mids.length * 3 }, (_, i) => {
    return origin[i % 3] + direction[i % 3] * mids[Math.floor(i / 3)];
  });
}

/** Cotangents of one ray's origin [3] and direction [3] for gradPoints [S, 3]; distances are detached. */
export function samplePointsBackward(
  euclid: ArrayLike<number>,
  gradPoints: ArrayLike<number>,
): { gradOrigin: Float64Array; gradDirection: Float64Array } {
  const mids = midpoints(euclid);
  const gradOrigin = new Float64Array(3);
  const gradDirection = new Float64Array(3);
  for (let i = 0; i < mids.length * 3; i++) {
    gradOrigin[i % 3] += gradPoints[i];
    gradDirection[i % 3] += gradPoints[i] * mids[Math.floor(i / 3)];
  }
  return { gradOrigin, gradDirection };
}

/** Indices of the `count` largest weights in ascending order; among equals the lower index wins (spec §2.4). */
export function largestWeights(weights: ArrayLike<number>, count: number): number[] {
  return Array.from({ length: weights.length }, (_, i) => i)
    .sort((a, b) => weights[b] - weights[a] || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}
