/**
 * Rendering of embeddings and the CLIP loss in the hidden space of the CLIP head (savings A1-A5, A8), float64
 * reference. With the last layer y = h W, W [width, dim], and G = W Wᵀ:
 *   ‖y‖ = √(h G hᵀ);  H = Σ_j (w_j/‖y_j‖) h_j;  Σ_j w_j y_j/‖y_j‖ = H W;  E = ‖H W‖ = √(H G Hᵀ);  φ = H W / E
 * so neither the loss nor any gradient needs a dim-wide vector per sample. With targets g, q = W gᵀ and p = q·H/E
 * the loss of a ray is 0.05 (1 + ‖g‖² − 2p).
 *
 * It is the quadratic branch of the Huber loss, exact while |φ_c − g_c| ≤ 1.25 in every channel, which holds for
 * ‖g‖ ≤ 1 in practice (spec §2.6). Guards and left-out rays are those of `language-rendering.ts`.
 */
import { clipLossWeight, zeroNorm } from './language-rendering.ts';

export interface FactoredShape {
  rays: number;
  /** Samples per ray. */
  samples: number;
  /** Width of the last hidden layer. */
  width: number;
  /** Width of the embedding. */
  dim: number;
}

export interface HiddenRendering {
  /** [rays, width] H */
  hidden: Float64Array;
  /** [rays] E = ‖H W‖; φ = H W / E */
  norms: Float64Array;
  /** [rays, samples] ‖h W‖ per sample */
  sampleNorms: Float64Array;
}

export interface FactoredClipLoss {
  /** Mean over the rays that count; NaN when none does. */
  loss: number;
  /** [rays, samples, width] gradient to the last hidden activations (after their ReLU) */
  gradHidden: Float64Array;
  /** [width, dim] gradient to the last layer */
  gradLastWeight: Float64Array;
}

/** G = W Wᵀ, [width, width], for `lastWeight` [width, dim]. */
export function gramMatrix(lastWeight: ArrayLike<number>, width: number): Float64Array {
  const dim = lastWeight.length / width;
  const gram = new Float64Array(width * width);
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) {
      let sum = 0;
      for (let c = 0; c < dim; c++) sum += lastWeight[a * dim + c] * lastWeight[b * dim + c];
      gram[a * width + b] = sum;
    }
  return gram;
}

/** G v for v = values[start …]. */
function gramTimes(gram: Float64Array, values: ArrayLike<number>, start: number, width: number): Float64Array {
  const product = new Float64Array(width);
  for (let a = 0; a < width; a++) for (let b = 0; b < width; b++) product[a] += gram[a * width + b] * values[start + b];
  return product;
}

function dot(a: ArrayLike<number>, startA: number, b: ArrayLike<number>, startB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[startA + i] * b[startB + i];
  return sum;
}

/** Rounding can make hGh of a near-zero vector slightly negative. */
const gramNorm = (gram: Float64Array, values: ArrayLike<number>, start: number, width: number): number =>
  Math.sqrt(Math.max(0, dot(gramTimes(gram, values, start, width), 0, values, start, width)));

/**
 * H and E of every ray (A1, A2).
 * @param sampleHidden [rays, samples, width] last hidden activations
 * @param weights [rays, samples]
 */
export function renderHidden(
  { rays, samples, width }: FactoredShape,
  sampleHidden: ArrayLike<number>,
  weights: ArrayLike<number>,
  gram: Float64Array,
): HiddenRendering {
  const hidden = new Float64Array(rays * width);
  const norms = new Float64Array(rays);
  const sampleNorms = new Float64Array(rays * samples);
  for (let ray = 0; ray < rays; ray++) {
    for (let j = ray * samples; j < (ray + 1) * samples; j++) {
      sampleNorms[j] = gramNorm(gram, sampleHidden, j * width, width);
      if (sampleNorms[j] <= zeroNorm) continue;
      const share = weights[j] / sampleNorms[j];
      for (let i = 0; i < width; i++) hidden[ray * width + i] += share * sampleHidden[j * width + i];
    }
    norms[ray] = gramNorm(gram, hidden, ray * width, width);
  }
  return { hidden, norms, sampleNorms };
}

/** M += factor · v vᵀ for v = values[start …], M [width, width]. */
function addOuter(matrix: Float64Array, factor: number, values: ArrayLike<number>, start: number, width: number): void {
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) matrix[a * width + b] += factor * values[start + a] * values[start + b];
}

/** Accumulators of one step: everything that the gradient of W needs, none of it dim-wide per sample. */
interface StepSums {
  gram: Float64Array;
  /** [width, width] Σ of A5 */
  symmetric: Float64Array;
  gradHidden: Float64Array;
  gradLastWeight: Float64Array;
}

/** dH of one ray: −c (q/E − p G H/E²); adds the ray's part of dW. Returns dH [width]. */
function backwardThroughRay(
  sums: StepSums,
  { width, dim }: FactoredShape,
  rendering: HiddenRendering,
  ray: number,
  projected: Float64Array,
  targets: ArrayLike<number>,
  c: number,
): Float64Array {
  const { hidden, norms } = rendering;
  const E = norms[ray];
  const p = dot(projected, 0, hidden, ray * width, width) / E;
  const GH = gramTimes(sums.gram, hidden, ray * width, width);
  for (let a = 0; a < width; a++)
    for (let k = 0; k < dim; k++)
      sums.gradLastWeight[a * dim + k] -= ((c * targets[ray * dim + k]) / E) * hidden[ray * width + a];
  addOuter(sums.symmetric, (0.5 * c * p) / E ** 2, hidden, ray * width, width);
  return projected.map((q, a) => -c * (q / E - (p * GH[a]) / E ** 2));
}

/** dh of one sample: a dH − (w/n³)(h·dH) G h; adds the sample's part of Σ. */
function backwardThroughSample(
  sums: StepSums,
  { width }: FactoredShape,
  sampleHidden: ArrayLike<number>,
  sample: number,
  weight: number,
  sampleNorm: number,
  dH: Float64Array,
): void {
  const start = sample * width;
  const bend = (weight / sampleNorm ** 3) * dot(sampleHidden, start, dH, 0, width);
  const Gh = gramTimes(sums.gram, sampleHidden, start, width);
  for (let i = 0; i < width; i++) sums.gradHidden[start + i] = (weight / sampleNorm) * dH[i] - bend * Gh[i];
  addOuter(sums.symmetric, -0.5 * bend, sampleHidden, start, width);
}

/**
 * CLIP loss (with its weight 0.1) and all gradients of the head's end (A3-A5).
 * @param sampleHidden [rays, samples, width]
 * @param weights [rays, samples]
 * @param lastWeight [width, dim]
 * @param targets [rays, dim]
 * @param valid [rays]
 */
export function factoredClipLoss(
  shape: FactoredShape,
  sampleHidden: ArrayLike<number>,
  weights: ArrayLike<number>,
  lastWeight: ArrayLike<number>,
  targets: ArrayLike<number>,
  valid: ArrayLike<number>,
): FactoredClipLoss {
  const { rays, samples, width, dim } = shape;
  const gram = gramMatrix(lastWeight, width);
  const rendering = renderHidden(shape, sampleHidden, weights, gram);
  const sums: StepSums = {
    gram,
    symmetric: new Float64Array(width * width),
    gradHidden: new Float64Array(rays * samples * width),
    gradLastWeight: new Float64Array(width * dim),
  };
  const squaredTargets = Array.from({ length: rays }, (_, ray) => dot(targets, ray * dim, targets, ray * dim, dim));
  const counted = Array.from({ length: rays }, (_, ray) => ray).filter(
    (ray) => valid[ray] !== 0 && !Number.isNaN(squaredTargets[ray]) && rendering.norms[ray] > zeroNorm,
  );
  const c = clipLossWeight / counted.length;
  let loss = 0;
  for (const ray of counted) {
    const projected = new Float64Array(width).map((_, a) => dot(lastWeight, a * dim, targets, ray * dim, dim));
    const p = dot(projected, 0, rendering.hidden, ray * width, width) / rendering.norms[ray];
    loss += 0.5 * c * (1 + squaredTargets[ray] - 2 * p);
    const dH = backwardThroughRay(sums, shape, rendering, ray, projected, targets, c);
    for (let j = ray * samples; j < (ray + 1) * samples; j++)
      if (rendering.sampleNorms[j] > zeroNorm)
        backwardThroughSample(sums, shape, sampleHidden, j, weights[j], rendering.sampleNorms[j], dH);
  }
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++)
      for (let k = 0; k < dim; k++)
        sums.gradLastWeight[a * dim + k] += 2 * sums.symmetric[a * width + b] * lastWeight[b * dim + k];
  return {
    loss: counted.length > 0 ? loss : Number.NaN,
    gradHidden: sums.gradHidden,
    gradLastWeight: sums.gradLastWeight,
  };
}
