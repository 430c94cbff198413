// CPU kernels of ray sampling (ray-sampling.ts). Edges are [R, S + 1]; jitter of ray r lies at jitter + 4 r jitterStride
// and is read in training only.
import { exp4, log4 } from '../simd/exponential.as';
import { loadLanes, storeLanes } from '../simd/lanes.as';
import { laneSum, madd } from '../simd/simd.as';

/** Even spacing edges, moved by the ray's jitter in training. out: edges [R, S + 1] */
export function initialEdges(
  rays: i32,
  samples: i32,
  jitter: usize,
  jitterStride: i32,
  train: i32,
  edges: usize,
): void {
  const width: f32 = samples > 0 ? 1 / <f32>samples : 0;
  for (let r = 0; r < rays; r++) {
    const shift: f32 = train ? load<f32>(jitter + ((<usize>r * jitterStride) << 2)) - 0.5 : 0;
    for (let i = 0; i <= samples; i++) store<f32>(edges + (i << 2), (<f32>i + shift) * width);
    // The first and last edge move only inwards, by half of a whole jitter.
    store<f32>(edges, train ? (shift + 0.5) * 0.5 * width : 0);
    if (samples > 0) {
      const last = edges + (samples << 2);
      store<f32>(last, train ? 1 - (0.5 - shift) * 0.5 * width : 1);
    }
    edges += (samples + 1) << 2;
  }
}

// @ts-ignore: decorator
@inline
function spacingOf(distance: f32): f32 {
  return distance < 1 ? 0.5 * distance : 1 - 0.5 / distance;
}

/** 1 - f(t), without the cancellation at far distances. */
// @ts-ignore: decorator
@inline
function spacingComplement(distance: f32): f32 {
  return distance < 1 ? 1 - 0.5 * distance : 0.5 / distance;
}

/** Distances of n spacing edges. The far half works on 1 - s, in which float32 keeps its digits near the far plane. */
export function euclideanEdges(n: i32, spacing: usize, near: f32, far: f32, out: usize): void {
  const one = f32x4.splat(1);
  const spacingNear = f32x4.splat(spacingOf(near));
  const spacingFar = f32x4.splat(spacingOf(far));
  const complementNear = f32x4.splat(spacingComplement(near));
  const complementFar = f32x4.splat(spacingComplement(far));
  for (let i = 0; i < n; i += 4) {
    const b = loadLanes(spacing + (i << 2), n - i);
    const rest = f32x4.sub(one, b);
    const s = madd(b, spacingFar, f32x4.mul(rest, spacingNear));
    const complement = madd(b, complementFar, f32x4.mul(rest, complementNear));
    const distance = v128.bitselect(
      f32x4.add(s, s),
      f32x4.div(f32x4.splat(0.5), complement),
      f32x4.lt(s, f32x4.splat(0.5)),
    );
    storeLanes(out + (i << 2), distance, n - i);
  }
}

/** w^anneal + 0.01 of up to four weights; lanes beyond the row are 0. */
// @ts-ignore: decorator
@inline
function annealedWeights(p: usize, left: i32, anneal: f32): v128 {
  let w = loadLanes(p, left);
  if (anneal == 0) w = f32x4.splat(1);
  else if (anneal != 1) {
    const positive = f32x4.ge(w, f32x4.splat(1.17549435e-38));
    w = v128.and(positive, exp4(f32x4.mul(f32x4.splat(anneal), log4(w))));
  }
  w = f32x4.add(w, f32x4.splat(0.01));
  return left >= 4 ? w : v128.and(w, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)));
}

/**
 * New spacing edges from the histogram of weights [R, M] over edges [R, M + 1]. The wanted quantiles rise, so one walk
 * over the bins serves them all. out: outEdges [R, K + 1]
 */
export function resampleEdges(
  rays: i32,
  bins: i32,
  samples: i32,
  weights: usize,
  edges: usize,
  anneal: f32,
  jitter: usize,
  jitterStride: i32,
  train: i32,
  outEdges: usize,
): void {
  const step: f64 = 1 / <f64>(samples + 1);
  for (let r = 0; r < rays; r++) {
    let sums = f32x4.splat(0);
    for (let k = 0; k < bins; k += 4)
      sums = f32x4.add(sums, annealedWeights(weights + (k << 2), bins - k, anneal));
    const inverse: f64 = 1 / <f64>laneSum(sums);
    const shift: f64 = train ? <f64>load<f32>(jitter + ((<usize>r * jitterStride) << 2)) : 0.5;
    let i = 0;
    let u: f64 = shift * step;
    let low: f64 = 0;
    let sum: f64 = 0;
    let lanes = f32x4.splat(0);
    for (let k = 0; k < bins && i <= samples; k++) {
      // Four annealed weights at a time; the one in question is always in lane 0.
      if ((k & 3) == 0) lanes = annealedWeights(weights + (k << 2), bins - k, anneal);
      else lanes = v128.shuffle<f32>(lanes, lanes, 1, 2, 3, 0);
      sum += <f64>f32x4.extract_lane(lanes, 0);
      const scaled = sum * inverse;
      const high: f64 = scaled < 1 ? scaled : 1;
      if (u < high) {
        const start = load<f32>(edges + (k << 2));
        const width = load<f32>(edges + (k << 2), 4) - start;
        const slope: f64 = <f64>width / (high - low);
        do {
          store<f32>(outEdges + (i << 2), <f32>(<f64>start + (u - low) * slope));
          i++;
          u = (<f64>i + shift) * step;
        } while (i <= samples && u < high);
      }
      low = high;
    }
    const end = load<f32>(edges + (bins << 2));
    for (; i <= samples; i++) store<f32>(outEdges + (i << 2), end);
    weights += bins << 2;
    edges += (bins + 1) << 2;
    outEdges += (samples + 1) << 2;
  }
}

/**
 * Indices of the K largest weights of each ray, ascending; among equals the lower index wins. K must not exceed S.
 * An element is taken when fewer than K others come before it, which needs no scratch memory. out: indices i32 [R, K]
 */
export function largestWeights(rays: i32, samples: i32, count: i32, weights: usize, indices: usize): void {
  for (let r = 0; r < rays; r++) {
    let taken = 0;
    for (let i = 0; i < samples && taken < count; i++) {
      const own = load<f32>(weights + (i << 2));
      const w = f32x4.splat(own);
      const position = i32x4.splat(i);
      // Comparison masks are -1 per lane: their sum counts the elements that come before.
      let before = i32x4.splat(0);
      let lane = i32x4(0, 1, 2, 3);
      for (let j = 0; j < samples; j += 4) {
        const left = samples - j;
        const other = loadLanes(weights + (j << 2), left);
        const ahead = v128.or(f32x4.gt(other, w), v128.and(f32x4.eq(other, w), i32x4.lt_s(lane, position)));
        before = i32x4.sub(before, v128.and(ahead, i32x4.lt_s(lane, i32x4.splat(samples))));
        lane = i32x4.add(lane, i32x4.splat(4));
      }
      const rank =
        i32x4.extract_lane(before, 0) +
        i32x4.extract_lane(before, 1) +
        (i32x4.extract_lane(before, 2) + i32x4.extract_lane(before, 3));
      if (rank < count) {
        store<i32>(indices + (taken << 2), i);
        taken++;
      }
    }
    weights += samples << 2;
    indices += count << 2;
  }
}
