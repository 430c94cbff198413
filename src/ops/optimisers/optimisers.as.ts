// CPU kernels of Adam and RAdam (optimisers.ts). They sum the gradient buffers of all threads, clear them, and step.
// Most of a hash grid is untouched in a step, so the work goes by blocks of 16 floats (one cache line): a block whose
// gradients and moments are all exactly zero is skipped, since nothing in it would move. Three departures from the
// formula, all below anything float32 training can see:
// - gradients under 4e-18 count as 0 (the original's scaled half precision loses everything under 7e-15);
// - first moments under 1e-30 and denormal second moments become 0, because denormal arithmetic is slow;
// - a gradient that is not finite counts as 0 for that element, and is counted for the caller.

import { loadLanes, storeLanes } from '../simd/lanes.as';

/** Sum of up to four elements' gradients over the threads; the buffers are cleared. */
// @ts-ignore: decorator
@inline
function takeGradients(gradient: usize, stride: usize, threads: i32, left: i32): v128 {
  let sum = f32x4.splat(0);
  for (let t = 0; t < threads; t++) {
    sum = f32x4.add(sum, loadLanes(gradient, left));
    storeLanes(gradient, f32x4.splat(0), left);
    gradient += stride;
  }
  return sum;
}

/** Whether any of the block's 16 floats has a bit set. */
// @ts-ignore: decorator
@inline
function blockTouched(p: usize): bool {
  return v128.any_true(
    v128.or(v128.or(v128.load(p), v128.load(p, 16)), v128.or(v128.load(p, 32), v128.load(p, 48))),
  );
}

// @ts-ignore: decorator
@inline
function anyGradient(gradient: usize, stride: usize, threads: i32): bool {
  let touched = false;
  for (let t = 0; t < threads; t++) {
    touched = touched || blockTouched(gradient);
    gradient += stride;
  }
  return touched;
}

/** Whether a block of 16 moves at all: gradients first, which are the most likely to be there. */
// @ts-ignore: decorator
@inline
function blockMoves(gradient: usize, stride: usize, threads: i32, first: usize, second: usize): bool {
  return anyGradient(gradient, stride, threads) || blockTouched(first) || blockTouched(second);
}

// @ts-ignore: decorator
@inline
function finiteMask(g: v128): v128 {
  return f32x4.lt(f32x4.abs(g), f32x4.splat(Infinity));
}

// @ts-ignore: decorator
@inline
function withoutTraces(g: v128): v128 {
  return v128.and(g, f32x4.ge(f32x4.abs(g), f32x4.splat(4e-18)));
}

// @ts-ignore: decorator
@inline
function nextFirst(m: v128, g: v128, beta1: f32): v128 {
  const next = f32x4.add(f32x4.mul(m, f32x4.splat(beta1)), f32x4.mul(g, f32x4.splat(1 - beta1)));
  return v128.and(next, f32x4.ge(f32x4.abs(next), f32x4.splat(1e-30)));
}

// @ts-ignore: decorator
@inline
function nextSecond(v: v128, g: v128, beta2: f32): v128 {
  const next = f32x4.add(f32x4.mul(v, f32x4.splat(beta2)), f32x4.mul(f32x4.mul(g, g), f32x4.splat(1 - beta2)));
  return v128.and(next, f32x4.ge(next, f32x4.splat(1.17549435e-38)));
}

// @ts-ignore: decorator
@inline
function countMissing(finite: v128): i32 {
  return 4 - popcnt<i32>(i32x4.bitmask(finite));
}

/** One to four elements of Adam; returns how many gradients were not finite. `step` = rate / correction1. */
// @ts-ignore: decorator
@inline
function adamLanes(
  parameter: usize,
  first: usize,
  second: usize,
  gradient: v128,
  left: i32,
  step: f32,
  beta1: f32,
  beta2: f32,
  inverseRoot: f32,
  epsilon: f32,
): i32 {
  const finite = finiteMask(gradient);
  const g = withoutTraces(v128.and(gradient, finite));
  const m = nextFirst(loadLanes(first, left), g, beta1);
  const v = nextSecond(loadLanes(second, left), g, beta2);
  const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(inverseRoot)), f32x4.splat(epsilon));
  const move = f32x4.div(f32x4.mul(m, f32x4.splat(step)), divisor);
  storeLanes(first, m, left);
  storeLanes(second, v, left);
  storeLanes(parameter, f32x4.sub(loadLanes(parameter, left), move), left);
  return countMissing(finite);
}

/**
 * Adam over the elements [begin, end); begin is a multiple of 16. Gradient buffer t lies at gradients + t
 * gradientStride bytes. correction1 = 1 - beta1^t, correction2 = 1 - beta2^t of this update. Returns the number of
 * gradients that were not finite.
 */
export function adamUpdate(
  begin: i32,
  end: i32,
  parameters: usize,
  first: usize,
  second: usize,
  gradients: usize,
  gradientStride: usize,
  threads: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  correction1: f32,
  correction2: f32,
  epsilon: f32,
): i32 {
  const step = rate / correction1;
  const inverseRoot: f32 = 1 / sqrt<f32>(correction2);
  let missing = 0;
  for (let i = begin; i < end; i += 16) {
    const p = <usize>i << 2;
    const whole = i + 16 <= end;
    if (whole && !blockMoves(gradients + p, gradientStride, threads, first + p, second + p)) continue;
    for (let q = p; q < p + 64; q += 16) {
      const left = whole ? 4 : end - <i32>(q >> 2);
      if (left <= 0) break;
      const g = takeGradients(gradients + q, gradientStride, threads, left);
      missing += adamLanes(
        parameters + q, first + q, second + q, g, left, step, beta1, beta2, inverseRoot, epsilon,
      );
    }
  }
  return missing;
}

/** One to four elements of RAdam. `step` = rate / correction1; `factor` = rect sqrt(correction2). */
// @ts-ignore: decorator
@inline
function radamLanes(
  parameter: usize,
  first: usize,
  second: usize,
  gradient: v128,
  left: i32,
  step: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  rectified: i32,
  factor: f32,
  weightDecay: f32,
): i32 {
  const finite = finiteMask(gradient);
  const p = loadLanes(parameter, left);
  const decayed = f32x4.add(v128.and(gradient, finite), f32x4.mul(p, f32x4.splat(weightDecay)));
  const g = withoutTraces(decayed);
  const m = nextFirst(loadLanes(first, left), g, beta1);
  const v = nextSecond(loadLanes(second, left), g, beta2);
  let move = f32x4.mul(m, f32x4.splat(step));
  if (rectified)
    move = f32x4.div(f32x4.mul(move, f32x4.splat(factor)), f32x4.add(f32x4.sqrt(v), f32x4.splat(epsilon)));
  storeLanes(first, m, left);
  storeLanes(second, v, left);
  storeLanes(parameter, f32x4.sub(p, move), left);
  return countMissing(finite);
}

/**
 * RAdam with coupled weight decay; arguments as adamUpdate. `rectified` 0 = plain momentum (first five updates), else
 * `rect` is the rectification. Blocks that have had no gradient yet are skipped although the decay of 1e-9 would move
 * them: their entries start within 1e-4 of 0 and would stay within 1e-3 of it, which is functionally zero (spec 2.8).
 */
export function radamUpdate(
  begin: i32,
  end: i32,
  parameters: usize,
  first: usize,
  second: usize,
  gradients: usize,
  gradientStride: usize,
  threads: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  correction1: f32,
  correction2: f32,
  epsilon: f32,
  rectified: i32,
  rect: f32,
  weightDecay: f32,
): i32 {
  const step = rate / correction1;
  const factor: f32 = rect * sqrt<f32>(correction2);
  let missing = 0;
  for (let i = begin; i < end; i += 16) {
    const p = <usize>i << 2;
    const whole = i + 16 <= end;
    if (whole && !blockMoves(gradients + p, gradientStride, threads, first + p, second + p)) continue;
    for (let q = p; q < p + 64; q += 16) {
      const left = whole ? 4 : end - <i32>(q >> 2);
      if (left <= 0) break;
      const g = takeGradients(gradients + q, gradientStride, threads, left);
      missing += radamLanes(
        parameters + q, first + q, second + q, g, left, step, beta1, beta2, epsilon, rectified, factor, weightDecay,
      );
    }
  }
  return missing;
}
