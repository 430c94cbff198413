// Kernels of a query against a language field (savings A6, A7, A7b, A14, A17): samples that carry no weight are dropped,
// the first layers are swept over the scales, and relevancy comes from dot products in the hidden space. Buffers are
// float32, row-major; `width` (the hidden width) is a multiple of 4.

import { madd } from '../simd/simd.as';
import { zeroNorm } from './language-rendering.as';

/**
 * Drops, in place, the samples whose weight is at most `share` of the sum over their ray (A17), and the rays' samples
 * of zero weight. rays (i32), weights, mids are [R·K] in ray order; returns how many are left.
 */
export function pruneSamples(R: i32, K: i32, share: f32, rays: usize, weights: usize, mids: usize): i32 {
  let kept = 0;
  for (let r = 0; r < R; r++) {
    let total: f32 = 0;
    for (let k = 0; k < K; k++) total += load<f32>(weights + ((<usize>(r * K + k)) << 2));
    const least = share * total;
    for (let k = 0; k < K; k++) {
      const from = (<usize>(r * K + k)) << 2;
      const w = load<f32>(weights + from);
      if (!(w > least)) continue;
      const to = <usize>kept << 2;
      const mid = load<f32>(mids + from);
      store<i32>(rays + to, r);
      store<f32>(weights + to, w);
      store<f32>(mids + to, mid);
      kept++;
    }
  }
  return kept;
}

/** renderHidden for n samples in any number per ray: rays (i32 [n]) says which ray each belongs to. */
export function renderHiddenIndexed(R: i32, n: i32, width: i32, rays: usize, hidden: usize, weights: usize, norms: usize, H: usize): void {
  const row = <usize>width << 2;
  memory.fill(H, 0, <usize>R * row);
  for (let i = 0; i < n; i++) {
    const norm = load<f32>(norms + (<usize>i << 2));
    if (!(norm > zeroNorm)) continue;
    const share = f32x4.splat(load<f32>(weights + (<usize>i << 2)) / norm);
    const from = hidden + <usize>i * row;
    const to = H + <usize>load<i32>(rays + (<usize>i << 2)) * row;
    for (let b: usize = 0; b < row; b += 16) v128.store(to + b, madd(share, v128.load(from + b), v128.load(to + b)));
  }
}

/** First layer at one scale from the scale-free part (A7): out = relu(base + s · row), [M, width]. */
export function shiftedRelu(M: i32, width: i32, base: usize, row: usize, s: f32, out: usize): void {
  const bytes = <usize>width << 2;
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(s);
  for (let m = 0; m < M; m++) {
    const at = <usize>m * bytes;
    for (let b: usize = 0; b < bytes; b += 16)
      v128.store(out + at + b, f32x4.max(zero, madd(factor, v128.load(row + b), v128.load(base + at + b))));
  }
}

/** First layer's slope over the scale: out = row where base + s · row is positive, else 0, [M, width]. */
export function activeSlope(M: i32, width: i32, base: usize, row: usize, s: f32, out: usize): void {
  const bytes = <usize>width << 2;
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(s);
  for (let m = 0; m < M; m++) {
    const at = <usize>m * bytes;
    for (let b: usize = 0; b < bytes; b += 16) {
      const r = v128.load(row + b);
      v128.store(out + at + b, v128.and(r, f32x4.gt(madd(factor, r, v128.load(base + at + b)), zero)));
    }
  }
}

/** y += f · x for rows of `bytes` bytes. */
// @ts-ignore: decorator
@inline
function addScaled(y: usize, f: f32, x: usize, bytes: usize): void {
  const factor = f32x4.splat(f);
  for (let b: usize = 0; b < bytes; b += 16) v128.store(y + b, madd(factor, v128.load(x + b), v128.load(y + b)));
}

/**
 * Moves the second layer from one scale to the next (A7b). Each unit of the first layer is relu(base + s·row): linear in
 * s, with one bend. So z, the second layer before its ReLU, moves by Δs·slope, and only the units whose sign changed
 * need their row of the second layer's weight [width, outputs]. z and slope [M, outputs] are updated; out = relu(z).
 */
export function sweepStep(M: i32, width: i32, outputs: i32, base: usize, row: usize, weight: usize, from: f32, to: f32, z: usize, slope: usize, out: usize): void {
  const rowBytes = <usize>width << 2;
  const outBytes = <usize>outputs << 2;
  const zero = f32x4.splat(0);
  const before = f32x4.splat(from);
  const after = f32x4.splat(to);
  for (let m = 0; m < M; m++) {
    const zm = z + <usize>m * outBytes;
    const gm = slope + <usize>m * outBytes;
    const bm = base + <usize>m * rowBytes;
    addScaled(zm, to - from, gm, outBytes);
    for (let b: usize = 0; b < rowBytes; b += 16) {
      const r = v128.load(row + b);
      const units = v128.load(bm + b);
      const was = f32x4.gt(madd(before, r, units), zero);
      const now = f32x4.gt(madd(after, r, units), zero);
      const awake = i32x4.bitmask(now);
      let flips = i32x4.bitmask(v128.xor(was, now));
      while (flips != 0) {
        const lane = <usize>ctz(flips);
        flips &= flips - 1;
        const at = b + (lane << 2);
        const step = load<f32>(row + at);
        const value = load<f32>(bm + at) + to * step;
        // A unit that wakes adds its value; one that falls asleep leaves the negative value that its line went on to.
        const sign: f32 = (awake >>> <i32>lane) & 1 ? 1 : -1;
        const unit = weight + (at >> 2) * outBytes;
        addScaled(zm, sign * value, unit, outBytes);
        addScaled(gm, sign * step, unit, outBytes);
      }
    }
    const om = out + <usize>m * outBytes;
    for (let b: usize = 0; b < outBytes; b += 16) v128.store(om + b, f32x4.max(v128.load(zm + b), zero));
  }
}

/**
 * Projections (A6) of R rays onto directions from the products of H with the projected directions: dots [R, ldd]; norms
 * [R] = E. out[d·outStride + r]; a ray of zero norm has 0.
 */
export function projectionsFromDots(R: i32, directions: i32, dots: usize, ldd: i32, norms: usize, out: usize, outStride: i32): void {
  for (let r = 0; r < R; r++) {
    const row = dots + ((<usize>(r * ldd)) << 2);
    const E = load<f32>(norms + (<usize>r << 2));
    for (let d = 0; d < directions; d++) {
      const value: f32 = E > zeroNorm ? load<f32>(row + ((<usize>d) << 2)) / E : 0;
      store<f32>(out + ((<usize>(d * outStride + r)) << 2), value);
    }
  }
}

/**
 * Relevancy (A6) of R rays from the products of H with the projected texts: dots [R, ldd] holds `phrases` positives,
 * then `canonical` negatives; norms [R] = E. out[p·outStride + r]; a ray of zero norm has 0.5.
 */
export function relevancyFromDots(R: i32, phrases: i32, canonical: i32, dots: usize, ldd: i32, norms: usize, out: usize, outStride: i32): void {
  for (let r = 0; r < R; r++) {
    const row = dots + ((<usize>(r * ldd)) << 2);
    const E = load<f32>(norms + (<usize>r << 2));
    let best: f32 = -Infinity;
    for (let k = 0; k < canonical; k++) best = max<f32>(best, load<f32>(row + ((<usize>(phrases + k)) << 2)));
    for (let p = 0; p < phrases; p++) {
      let value: f32 = 0.5;
      if (E > zeroNorm) {
        const x: f32 = (10.0 * (load<f32>(row + (<usize>p << 2)) - best)) / E;
        value = 1.0 / (1.0 + Mathf.exp(-x));
      }
      store<f32>(out + ((<usize>(p * outStride + r)) << 2), value);
    }
  }
}
