/**
 * Volume rendering of one ray (spec §4.1, §4.6): density activation, weights from densities, colour with the last
 * sample as background, depth, accumulation; each with its backward. S samples have S + 1 euclidean edges.
 *
 *   τ_i = σ_i δ_i,  T_i = exp(−Σ_{j<i} τ_j),  w_i = (1 − e^{−τ_i}) T_i,  NaN → 0
 */

/** σ = initial · exp(raw) · selector, all [n]. */
export function densityActivation(
  raw: ArrayLike<number>,
  selector: ArrayLike<number>,
  initialDensity: number,
): Float64Array {
  return Float64Array.from(raw, (x, i) => (selector[i] === 0 ? 0 : initialDensity * Math.exp(x) * selector[i]));
}

/** gradRaw [n]; the exponent is clamped to ±15 in the backward only, which keeps steep densities trainable. */
export function densityActivationBackward(
  raw: ArrayLike<number>,
  selector: ArrayLike<number>,
  initialDensity: number,
  gradDensity: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(raw, (x, i) =>
    selector[i] === 0 ? 0 : gradDensity[i] * initialDensity * Math.exp(Math.min(15, Math.max(-15, x))) * selector[i],
  );
}

/** w [S] of densities [S] (1 / scene unit) and euclidean edges [S + 1]. */
export function compositeWeights(density: ArrayLike<number>, euclid: ArrayLike<number>): Float64Array {
  let opticalDepth = 0;
  return Float64Array.from(density, (sigma, i) => {
    const tau = sigma * (euclid[i + 1] - euclid[i]);
    const weight = -Math.expm1(-tau) * Math.exp(-opticalDepth);
    opticalDepth += tau;
    return Number.isNaN(weight) ? 0 : weight;
  });
}

/** gradDensity [S]:  δ_i (gradWeights_i T_{i+1} − Σ_{j>i} gradWeights_j w_j). */
export function compositeWeightsBackward(
  density: ArrayLike<number>,
  euclid: ArrayLike<number>,
  gradWeights: ArrayLike<number>,
): Float64Array {
  const weights = compositeWeights(density, euclid);
  const after = new Float64Array(density.length); // T_{i+1}
  let opticalDepth = 0;
  for (let i = 0; i < density.length; i++) {
    opticalDepth += density[i] * (euclid[i + 1] - euclid[i]);
    after[i] = Math.exp(-opticalDepth);
  }
  const gradDensity = new Float64Array(density.length);
  let behind = 0;
  for (let i = density.length - 1; i >= 0; i--) {
    const grad = (euclid[i + 1] - euclid[i]) * (gradWeights[i] * after[i] - behind);
    gradDensity[i] = Number.isNaN(grad) ? 0 : grad;
    behind += gradWeights[i] * weights[i];
  }
  return gradDensity;
}

/** Σ w. */
export function accumulation(weights: ArrayLike<number>): number {
  return Array.from(weights).reduce((sum, w) => sum + w, 0);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** rgb [3] = Σ w_i c_i + (1 − Σ w) c_last of weights [S] and colours [S, 3]; black for a ray without samples. */
export function compositeColour(weights: ArrayLike<number>, colours: ArrayLike<number>): Float64Array {
  const rgb = new Float64Array(3);
  const last = weights.length - 1;
  if (last < 0) return rgb;
  const background = 1 - accumulation(weights);
  for (let k = 0; k < 3; k++) {
    for (let i = 0; i <= last; i++) rgb[k] += weights[i] * colours[3 * i + k];
    rgb[k] += background * colours[3 * last + k];
  }
  return rgb;
}

/** Cotangents of weights [S] and colours [S, 3] for gradRgb [3]; the last sample also carries the background. */
export function compositeColourBackward(
  weights: ArrayLike<number>,
  colours: ArrayLike<number>,
  gradRgb: ArrayLike<number>,
): { gradWeights: Float64Array; gradColours: Float64Array } {
  const gradWeights = new Float64Array(weights.length);
  const gradColours = new Float64Array(weights.length * 3);
  const last = weights.length - 1;
  const background = 1 - accumulation(weights);
  for (let i = 0; i <= last; i++) {
    for (let k = 0; k < 3; k++) {
      gradWeights[i] += gradRgb[k] * (colours[3 * i + k] - colours[3 * last + k]);
      gradColours[3 * i + k] = gradRgb[k] * (weights[i] + (i === last ? background : 0));
    }
  }
  return { gradWeights, gradColours };
}

/** What a picture shows: NaN → 0, clamped to [0, 1] (evaluation only). */
export function displayColour(rgb: ArrayLike<number>): Float64Array {
  return Float64Array.from(rgb, (c) => (Number.isNaN(c) ? 0 : Math.min(1, Math.max(0, c))));
}

/** Mid-point of the first sample whose cumulative weight reaches one half; the last one if none does. 0 without samples. */
export function medianDepth(weights: ArrayLike<number>, euclid: ArrayLike<number>): number {
  if (weights.length === 0) return 0;
  let cumulative = 0;
  let i = -1;
  do cumulative += weights[++i];
  while (cumulative < 0.5 && i < weights.length - 1);
  return (euclid[i] + euclid[i + 1]) / 2;
}

/** Σ w t / (Σ w + 1e-10) over the mid-points t, before any clipping to a range of the whole picture. */
export function expectedDepth(weights: ArrayLike<number>, euclid: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] * (euclid[i] + euclid[i + 1])) / 2;
  return sum / (accumulation(weights) + 1e-10);
}
