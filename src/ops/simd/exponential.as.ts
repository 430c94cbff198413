// Exponential and logarithm over four lanes, to about 1e-7 relative: range reduction by powers of two and the minimax
// polynomials of Cephes. exp is split into its parts, so that a kernel that needs both e^x and e^x - 1 pays once.
import { madd, nmadd } from './simd.as';

/** k = round(x / ln 2). */
// @ts-ignore: decorator
@inline
export function expExponent(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
}

/** e^r - 1 of the remainder r = x - k ln 2. */
// @ts-ignore: decorator
@inline
export function expFraction(x: v128, k: v128): v128 {
  let r = nmadd(k, f32x4.splat(0.693359375), x);
  r = madd(k, f32x4.splat(2.12194440e-4), r);
  let p = madd(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  return madd(p, f32x4.mul(r, r), r);
}

/** 2^k for k in [-126, 127]. */
// @ts-ignore: decorator
@inline
export function powerOfTwo(k: v128): v128 {
  return i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(k), i32x4.splat(127)), 23);
}

/** Clamps to the range where 2^k stays a normal number; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function expRange(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.0)), f32x4.splat(-87.0));
}

/** e^x; saturates at e^88 (1.7e38) and e^-87 (1.6e-38) instead of running into infinity or denormal numbers. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const bounded = expRange(x);
  const k = expExponent(bounded);
  const scale = powerOfTwo(k);
  return madd(scale, expFraction(bounded, k), scale);
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** Natural logarithm of normal positive numbers. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  // x = 2^e (1 + m) with 1 + m in [sqrt(1/2), sqrt 2)
  const biased = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(biased, 23));
  const mantissa = i32x4.add(v128.and(biased, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const m = f32x4.sub(mantissa, f32x4.splat(1));
  const square = f32x4.mul(m, m);
  let p = madd(f32x4.splat(7.0376836292e-2), m, f32x4.splat(-1.1514610310e-1));
  p = madd(p, m, f32x4.splat(1.1676998740e-1));
  p = madd(p, m, f32x4.splat(-1.2420140846e-1));
  p = madd(p, m, f32x4.splat(1.4249322787e-1));
  p = madd(p, m, f32x4.splat(-1.6668057665e-1));
  p = madd(p, m, f32x4.splat(2.0000714765e-1));
  p = madd(p, m, f32x4.splat(-2.4999993993e-1));
  p = madd(p, m, f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, m), square);
  y = madd(e, f32x4.splat(-2.12194440e-4), y);
  y = nmadd(square, f32x4.splat(0.5), y);
  return madd(e, f32x4.splat(0.693359375), f32x4.add(m, y));
}
