// CPU kernels of volume rendering (volume-rendering.ts): densities, weights, colour, depth. Rays are rows; euclid is
// [R, S + 1]. The colour network's raw output may lie in wider rows, `rawStride` floats apart.
import { exp4, expExponent, expFraction, expRange, powerOfTwo, sigmoid4 } from '../simd/exponential.as';
import { loadLanes, loadPoint, loadStrided, storeLanes, storePoint, storeStrided } from '../simd/lanes.as';
import { laneSum, madd, nmadd } from '../simd/simd.as';

/** density [n] = initDensity e^raw selector; raw [n] lies `rawStride` floats apart. Exponents beyond 88 saturate. */
export function densityActivation(
  n: i32,
  raw: usize,
  rawStride: i32,
  selector: usize,
  initDensity: f32,
  density: usize,
): void {
  const scale = f32x4.splat(initDensity);
  for (let i = 0; i < n; i += 4) {
    const left = n - i;
    const x = loadStrided(raw + ((<usize>i * rawStride) << 2), rawStride, left);
    const selected = f32x4.mul(scale, loadLanes(selector + (i << 2), left));
    storeLanes(density + (i << 2), f32x4.mul(exp4(x), selected), left);
  }
}

/** WRITES gradRaw [n], `gradRawStride` floats apart; the exponent is clamped to +-15 here only. */
export function densityActivationBackward(
  n: i32,
  raw: usize,
  rawStride: i32,
  selector: usize,
  initDensity: f32,
  gradDensity: usize,
  gradRaw: usize,
  gradRawStride: i32,
): void {
  const scale = f32x4.splat(initDensity);
  const limit = f32x4.splat(15);
  for (let i = 0; i < n; i += 4) {
    const left = n - i;
    let x = loadStrided(raw + ((<usize>i * rawStride) << 2), rawStride, left);
    x = f32x4.pmax(f32x4.pmin(x, limit), f32x4.neg(limit));
    const selected = f32x4.mul(scale, loadLanes(selector + (i << 2), left));
    const grad = f32x4.mul(f32x4.mul(exp4(x), selected), loadLanes(gradDensity + (i << 2), left));
    storeStrided(gradRaw + ((<usize>i * gradRawStride) << 2), gradRawStride, grad, left);
  }
}

/** tau of up to four samples; lanes beyond the row are 0. */
// @ts-ignore: decorator
@inline
function opticalDepth4(density: usize, euclid: usize, left: i32): v128 {
  return f32x4.mul(loadLanes(density, left), f32x4.sub(loadLanes(euclid + 4, left), loadLanes(euclid, left)));
}

/** Running product over the lanes: (a, ab, abc, abcd). */
// @ts-ignore: decorator
@inline
function runningProduct(v: v128): v128 {
  const one = f32x4.splat(1);
  const pairs = f32x4.mul(v, v128.shuffle<f32>(one, v, 0, 4, 5, 6));
  return f32x4.mul(pairs, v128.shuffle<f32>(one, pairs, 0, 1, 4, 5));
}

/** Transmittance below this is 0: it cannot be seen, and denormal numbers are slow. */
// @ts-ignore: decorator
@inline
function lastTransmittance(t: f32): f32 {
  return t < 1e-30 ? 0 : t;
}

// @ts-ignore: decorator
@inline
function notNaN(v: v128): v128 {
  return v128.and(v, f32x4.eq(v, v));
}

/** weights [R, S] of density [R, S]: alpha and 1 - alpha come from one exponential, both to full precision. */
export function compositeWeights(rays: i32, samples: i32, density: usize, euclid: usize, weights: usize): void {
  for (let r = 0; r < rays; r++) {
    let transmittance: f32 = 1;
    for (let s = 0; s < samples; s += 4) {
      const left = samples - s;
      const x = expRange(f32x4.neg(opticalDepth4(density + (s << 2), euclid + (s << 2), left)));
      const k = expExponent(x);
      const scale = powerOfTwo(k);
      const fraction = expFraction(x, k);
      const alpha = nmadd(scale, fraction, f32x4.sub(f32x4.splat(1), scale));
      const product = runningProduct(madd(scale, fraction, scale));
      const before = v128.shuffle<f32>(f32x4.splat(1), product, 0, 4, 5, 6);
      const w = f32x4.mul(f32x4.mul(alpha, before), f32x4.splat(transmittance));
      storeLanes(weights + (s << 2), notNaN(w), left);
      transmittance = lastTransmittance(transmittance * f32x4.extract_lane(product, 3));
    }
    density += samples << 2;
    euclid += (samples + 1) << 2;
    weights += samples << 2;
  }
}

/**
 * WRITES gradDensity [R, S] = delta_i (gradWeights_i T_{i+1} - sum_{j>i} gradWeights_j w_j); undefined values become 0.
 * The first pass leaves gradWeights_i T_{i+1} there, the second adds the suffix sum from the far end.
 */
export function compositeWeightsBackward(
  rays: i32,
  samples: i32,
  density: usize,
  euclid: usize,
  weights: usize,
  gradWeights: usize,
  gradDensity: usize,
): void {
  for (let r = 0; r < rays; r++) {
    let transmittance: f32 = 1;
    for (let s = 0; s < samples; s += 4) {
      const left = samples - s;
      const tau = opticalDepth4(density + (s << 2), euclid + (s << 2), left);
      const product = runningProduct(exp4(f32x4.neg(tau)));
      const after = f32x4.mul(product, f32x4.splat(transmittance));
      storeLanes(gradDensity + (s << 2), f32x4.mul(loadLanes(gradWeights + (s << 2), left), after), left);
      transmittance = lastTransmittance(transmittance * f32x4.extract_lane(product, 3));
    }
    let behind: f32 = 0;
    for (let s = samples - 1; s >= 0; s--) {
      const p = <usize>s << 2;
      const delta = load<f32>(euclid + p, 4) - load<f32>(euclid + p);
      const grad = delta * (load<f32>(gradDensity + p) - behind);
      store<f32>(gradDensity + p, grad == grad ? grad : 0);
      behind += load<f32>(gradWeights + p) * load<f32>(weights + p);
    }
    density += samples << 2;
    euclid += (samples + 1) << 2;
    weights += samples << 2;
    gradWeights += samples << 2;
    gradDensity += samples << 2;
  }
}

/**
 * Colours and composited colour with the last sample as background.
 * weights [R, S]; raw: first three floats of R S rows; out: colours [R, S, 3] = sigmoid(raw), rgb [R, 3]
 */
export function compositeColour(
  rays: i32,
  samples: i32,
  weights: usize,
  raw: usize,
  rawStride: i32,
  colours: usize,
  rgb: usize,
): void {
  for (let r = 0; r < rays; r++) {
    let sum = f32x4.splat(0);
    let colour = f32x4.splat(0);
    let accumulation: f32 = 0;
    for (let s = 0; s < samples; s++) {
      const w = load<f32>(weights);
      colour = sigmoid4(loadPoint(raw));
      storePoint(colours, colour);
      sum = madd(f32x4.splat(w), colour, sum);
      accumulation += w;
      weights += 4;
      colours += 12;
      raw += <usize>rawStride << 2;
    }
    storePoint(rgb, madd(f32x4.splat(1 - accumulation), colour, sum));
    rgb += 12;
  }
}

/** Zeroes the floats from `from` on in a row of `length`. */
// @ts-ignore: decorator
@inline
function clearRow(row: usize, from: i32, length: i32): void {
  let k = from;
  for (; k + 4 <= length; k += 4) v128.store(row + (k << 2), f32x4.splat(0));
  for (; k < length; k++) store<f32>(row + (k << 2), 0);
}

/**
 * Gradient of scale * sum (rgb - target)^2: WRITES gradRaw rows (through the sigmoid; columns from 3 on are 0), ADDS to
 * gradWeights [R, S], and adds the unscaled sum of squares to the f64 at `sumSquared`.
 * weights [R, S]; colours [R, S, 3]; rgb, target [R, 3]
 */
export function compositeColourLoss(
  rays: i32,
  samples: i32,
  weights: usize,
  colours: usize,
  rgb: usize,
  target: usize,
  scale: f32,
  gradRaw: usize,
  gradRawStride: i32,
  gradWeights: usize,
  sumSquared: usize,
): void {
  const one = f32x4.splat(1);
  const factor = f32x4.splat(2 * scale);
  let squares: f64 = 0;
  for (let r = 0; r < rays; r++) {
    const error = f32x4.sub(loadPoint(rgb), loadPoint(target));
    squares += <f64>laneSum(f32x4.mul(error, error));
    const gradRgb = f32x4.mul(error, factor);
    const last = samples > 0 ? loadPoint(colours + (samples - 1) * 12) : one;
    let background: f32 = 1;
    for (let s = 0; s < samples; s++) {
      let w = load<f32>(weights);
      background -= w;
      const colour = loadPoint(colours);
      const gradWeight = laneSum(f32x4.mul(gradRgb, f32x4.sub(colour, last)));
      store<f32>(gradWeights, load<f32>(gradWeights) + gradWeight);
      if (s == samples - 1) w += background;
      const slope = f32x4.mul(colour, f32x4.sub(one, colour));
      storePoint(gradRaw, f32x4.mul(f32x4.mul(gradRgb, slope), f32x4.splat(w)));
      clearRow(gradRaw, 3, gradRawStride);
      weights += 4;
      gradWeights += 4;
      colours += 12;
      gradRaw += <usize>gradRawStride << 2;
    }
    rgb += 12;
    target += 12;
  }
  store<f64>(sumSquared, load<f64>(sumSquared) + squares);
}

/** out: depth [R] median, accumulation [R]; both 0 for rays without samples */
export function rayDepth(
  rays: i32,
  samples: i32,
  weights: usize,
  euclid: usize,
  depth: usize,
  accumulation: usize,
): void {
  for (let r = 0; r < rays; r++) {
    let sum: f32 = 0;
    let median = samples - 1;
    for (let s = 0; s < samples; s++) {
      const w = load<f32>(weights + (s << 2));
      if (sum < 0.5 && sum + w >= 0.5) median = s;
      sum += w;
    }
    const bin = euclid + (median << 2);
    store<f32>(depth, samples > 0 ? 0.5 * (load<f32>(bin) + load<f32>(bin, 4)) : 0);
    store<f32>(accumulation, sum);
    weights += samples << 2;
    euclid += (samples + 1) << 2;
    depth += 4;
    accumulation += 4;
  }
}
