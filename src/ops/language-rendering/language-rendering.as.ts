// The language field's rendering on the CPU, in the hidden space of the CLIP head (savings A1-A6, A8): no kernel here
// ever sees a vector of the embedding's width per sample. Names follow factored.ts, the float64 reference.
// Buffers are float32, row-major; `width` (the hidden width) is a multiple of 4.

import { laneSum, madd, root } from '../simd/simd.as';

/** Norms up to this count as zero. */
export const zeroNorm: f32 = 1e-12;

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, width: i32): f32 {
  // Four sums at a time: one alone would wait for its own last addition.
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  const bytes = <usize>width << 2;
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    s0 = madd(v128.load(a + i), v128.load(b + i), s0);
    s1 = madd(v128.load(a + i, 16), v128.load(b + i, 16), s1);
    s2 = madd(v128.load(a + i, 32), v128.load(b + i, 32), s2);
    s3 = madd(v128.load(a + i, 48), v128.load(b + i, 48), s3);
  }
  for (; i < bytes; i += 16) s0 = madd(v128.load(a + i), v128.load(b + i), s0);
  return laneSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/**
 * From the chosen sample indices [R, K] of rays with S samples: ray of each sample [R·K] (i32), its weight and the
 * distance of its mid-point.
 */
export function gatherSelected(R: i32, S: i32, K: i32, indices: usize, weights: usize, euclid: usize, rays: usize, outWeights: usize, outMids: usize): void {
  for (let r = 0; r < R; r++) {
    const edges = euclid + ((<usize>(r * (S + 1))) << 2);
    for (let k = 0; k < K; k++) {
      const at = (<usize>(r * K + k)) << 2;
      const s = load<i32>(indices + at);
      store<i32>(rays + at, r);
      store<f32>(outWeights + at, load<f32>(weights + ((<usize>(r * S + s)) << 2)));
      const edge = edges + (<usize>s << 2);
      store<f32>(outMids + at, 0.5 * (load<f32>(edge) + load<f32>(edge, 4)));
    }
  }
}

/** The scale input of every sample (spec §1.7): out[i·stride] = u of its ray · H0/fy0 · distance. */
export function writeScales(R: i32, K: i32, u: usize, heightOverFocal: f32, mids: usize, out: usize, stride: i32): void {
  for (let r = 0; r < R; r++) {
    const factor = load<f32>(u + (<usize>r << 2)) * heightOverFocal;
    for (let k = 0; k < K; k++) {
      const i = <usize>(r * K + k);
      store<f32>(out + i * (<usize>stride << 2), factor * load<f32>(mids + (i << 2)));
    }
  }
}

/** out [M] = √(h·Gh) of rows (A1). */
export function gramNorms(M: i32, width: i32, hidden: usize, gramHidden: usize, out: usize): void {
  const row = <usize>width << 2;
  for (let m = 0; m < M; m++) {
    const at = <usize>m * row;
    store<f32>(out + (<usize>m << 2), root(max<f32>(0, dot(hidden + at, gramHidden + at, width))));
  }
}

/** out [M] = Euclidean norm of rows. */
export function rowNorms(M: i32, width: i32, X: usize, ldx: i32, out: usize): void {
  const row = <usize>ldx << 2;
  for (let m = 0; m < M; m++) {
    const at = X + <usize>m * row;
    store<f32>(out + (<usize>m << 2), root(dot(at, at, width)));
  }
}

/** H [R, width] = Σ over a ray's K samples of (w/n) h (A2); samples of zero norm count as zero. */
export function renderHidden(R: i32, K: i32, width: i32, hidden: usize, weights: usize, norms: usize, H: usize): void {
  const row = <usize>width << 2;
  for (let r = 0; r < R; r++) {
    const to = H + <usize>r * row;
    memory.fill(to, 0, row);
    for (let k = 0; k < K; k++) {
      const i = <usize>(r * K + k);
      const n = load<f32>(norms + (i << 2));
      if (!(n > zeroNorm)) continue;
      const share = f32x4.splat(load<f32>(weights + (i << 2)) / n);
      const from = hidden + i * row;
      for (let b: usize = 0; b < row; b += 16) v128.store(to + b, madd(share, v128.load(from + b), v128.load(to + b)));
    }
  }
}

/**
 * CLIP loss of R rays from H, GH and q = W gᵀ [R, width] (A3), and the gradient to H. `scale` = 0.1 / (rays with a
 * target). valid: u8 [R]; squares: ‖g‖² [R]. Writes dH [R, width]; the coefficients of H Hᵀ in Σ (A5) and of the
 * target rows in dW; adds the loss (already times scale) to the f64 at `sum`.
 */
export function hiddenLoss(R: i32, width: i32, H: usize, GH: usize, q: usize, squares: usize, valid: usize, scale: f32, dH: usize, coefficients: usize, targetCoefficients: usize, sum: usize): void {
  const row = <usize>width << 2;
  let total: f64 = 0;
  for (let r = 0; r < R; r++) {
    const at = <usize>r * row;
    const word = <usize>r << 2;
    const E = root(max<f32>(0, dot(H + at, GH + at, width)));
    const square = load<f32>(squares + word);
    if (load<u8>(valid + <usize>r) == 0 || !(E > zeroNorm) || square != square) {
      memory.fill(dH + at, 0, row);
      store<f32>(coefficients + word, 0);
      store<f32>(targetCoefficients + word, 0);
      continue;
    }
    const p = dot(q + at, H + at, width) / E;
    total += <f64>(0.5 * scale * (1.0 + square - 2.0 * p));
    const a = f32x4.splat(-scale / E);
    const b = f32x4.splat((scale * p) / (E * E));
    for (let i: usize = 0; i < row; i += 16) {
      v128.store(dH + at + i, madd(b, v128.load(GH + at + i), f32x4.mul(a, v128.load(q + at + i))));
    }
    store<f32>(coefficients + word, (0.5 * scale * p) / (E * E));
    store<f32>(targetCoefficients + word, -scale / E);
  }
  store<f64>(sum, load<f64>(sum) + total);
}

/**
 * Gradient to the last hidden activations of every sample, through their ReLU (A4): dh = (w/n) dH − (w/n³)(h·dH) Gh.
 * gramHidden is read as Gh and OVERWRITTEN by −½ (w/n³)(h·dH) h, the left factor of the sample's part of Σ (A5).
 */
export function hiddenBackward(R: i32, K: i32, width: i32, hidden: usize, gramHidden: usize, weights: usize, norms: usize, dH: usize, gradHidden: usize): void {
  const row = <usize>width << 2;
  const zero = f32x4.splat(0);
  for (let r = 0; r < R; r++) {
    const ray = dH + <usize>r * row;
    for (let k = 0; k < K; k++) {
      const i = <usize>(r * K + k);
      const h = hidden + i * row;
      const g = gramHidden + i * row;
      const to = gradHidden + i * row;
      const n = load<f32>(norms + (i << 2));
      const w = load<f32>(weights + (i << 2));
      let share: f32 = 0;
      let bend: f32 = 0;
      if (n > zeroNorm) {
        share = w / n;
        bend = (share / (n * n)) * dot(h, ray, width);
      }
      const vShare = f32x4.splat(share);
      const vBend = f32x4.splat(-bend);
      const vHalf = f32x4.splat(-0.5 * bend);
      for (let b: usize = 0; b < row; b += 16) {
        const vh = v128.load(h + b);
        const gradient = madd(vBend, v128.load(g + b), f32x4.mul(vShare, v128.load(ray + b)));
        v128.store(to + b, v128.and(gradient, f32x4.gt(vh, zero)));
        v128.store(g + b, f32x4.mul(vHalf, vh));
      }
    }
  }
}

/** out [M, N] = coefficient of the row · X. */
export function scaleRows(M: i32, N: i32, coefficients: usize, X: usize, ldx: i32, out: usize, ldo: i32): void {
  for (let m = 0; m < M; m++) {
    const c = f32x4.splat(load<f32>(coefficients + (<usize>m << 2)));
    const from = X + ((<usize>(m * ldx)) << 2);
    const to = out + ((<usize>(m * ldo)) << 2);
    for (let b: usize = 0; b < <usize>N << 2; b += 16) v128.store(to + b, f32x4.mul(c, v128.load(from + b)));
  }
}

/** out [R, width] = Σ over a ray's K samples of w · X (A8). */
export function weightedSums(R: i32, K: i32, width: i32, X: usize, weights: usize, out: usize): void {
  const row = <usize>width << 2;
  for (let r = 0; r < R; r++) {
    const to = out + <usize>r * row;
    memory.fill(to, 0, row);
    for (let k = 0; k < K; k++) {
      const i = <usize>(r * K + k);
      const w = f32x4.splat(load<f32>(weights + (i << 2)));
      const from = X + i * row;
      for (let b: usize = 0; b < row; b += 16) v128.store(to + b, madd(w, v128.load(from + b), v128.load(to + b)));
    }
  }
}

/** Gradient of weightedSums through the ReLU of X: gradX = w · gradOut where X > 0. */
export function weightedSumsBackward(R: i32, K: i32, width: i32, X: usize, weights: usize, gradOut: usize, gradX: usize): void {
  const row = <usize>width << 2;
  const zero = f32x4.splat(0);
  for (let r = 0; r < R; r++) {
    const ray = gradOut + <usize>r * row;
    for (let k = 0; k < K; k++) {
      const i = <usize>(r * K + k);
      const w = f32x4.splat(load<f32>(weights + (i << 2)));
      const x = X + i * row;
      const to = gradX + i * row;
      for (let b: usize = 0; b < row; b += 16)
        v128.store(to + b, v128.and(f32x4.mul(w, v128.load(ray + b)), f32x4.gt(v128.load(x + b), zero)));
    }
  }
}

/**
 * DINO loss of R rays: adds scale · Σ (rendered − target)² to the f64 at `sum`, writes gradOut = 2·scale·(rendered −
 * target). A ray with a NaN in its target is left out. dim is a multiple of 4; rows have ld floats (target: dim).
 */
export function dinoLoss(R: i32, dim: i32, rendered: usize, ld: i32, target: usize, scale: f32, gradOut: usize, sum: usize): void {
  let total: f64 = 0;
  const twice = f32x4.splat(2.0 * scale);
  const bytes = <usize>dim << 2;
  for (let r = 0; r < R; r++) {
    const a = rendered + ((<usize>(r * ld)) << 2);
    const t = target + <usize>r * bytes;
    const g = gradOut + ((<usize>(r * ld)) << 2);
    let squares = f32x4.splat(0);
    for (let b: usize = 0; b < bytes; b += 16) {
      const d = f32x4.sub(v128.load(a + b), v128.load(t + b));
      squares = madd(d, d, squares);
      v128.store(g + b, f32x4.mul(twice, d));
    }
    const s = laneSum(squares);
    if (s == s) total += <f64>s;
    else memory.fill(g, 0, bytes);
  }
  store<f64>(sum, load<f64>(sum) + total * <f64>scale);
}
