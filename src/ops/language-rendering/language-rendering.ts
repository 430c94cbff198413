/**
 * Rendering of embeddings along rays and the language losses (spec §2.3-§2.6), direct form, float64 reference.
 *
 * CLIP: φ = normalise(Σ_j w_j y_j/‖y_j‖), loss = mean over rays of Σ_c 0.1·huber_1.25(φ_c − g_c).
 * DINO: δ = Σ_j w_j d_j, loss = mean over rays of Σ_c (δ_c − t_c)².
 * The weights w are constants here: no gradient reaches geometry (§2.7).
 * The form that never makes a D-wide vector per sample is in `factored.ts`; both give the same numbers.
 *
 * Zero vectors, which are 0/0 in the original: a sample of norm ≤ 1e-12 counts as the zero vector and gets no
 * gradient; a ray whose sum has norm ≤ 1e-12 renders as the zero vector and takes no part in the loss. Rays without
 * a usable target (not valid, or any NaN in it) take no part in the loss, its mean or its gradient.
 */

/** Norms up to this count as zero; squared norms up to its square. */
export const zeroNorm = 1e-12;

/** Spec §2.6. */
export const clipLossWeight = 0.1;
export const huberDelta = 1.25;

export interface RenderShape {
  rays: number;
  /** Samples per ray. */
  samples: number;
  /** Width of the rendered vectors. */
  dim: number;
}

export interface LanguageLoss {
  /** Mean over the rays that count; NaN when none does. */
  loss: number;
  /** [rays, dim]; zero for rays that do not count. */
  gradRendered: Float64Array;
}

function norm(values: ArrayLike<number>, start: number, length: number): number {
  let sum = 0;
  for (let c = start; c < start + length; c++) sum += values[c] ** 2;
  return Math.sqrt(sum);
}

/** Σ_j w_j features_j per ray: [rays, samples, dim] to [rays, dim]. */
export function renderFeatures(
  { rays, samples, dim }: RenderShape,
  features: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float64Array {
  const rendered = new Float64Array(rays * dim);
  for (let ray = 0; ray < rays; ray++)
    for (let j = ray * samples; j < (ray + 1) * samples; j++)
      for (let c = 0; c < dim; c++) rendered[ray * dim + c] += weights[j] * features[j * dim + c];
  return rendered;
}

/** Gradient of `renderFeatures` to the features, [rays, samples, dim]. */
export function renderFeaturesBackward(
  { rays, samples, dim }: RenderShape,
  weights: ArrayLike<number>,
  gradRendered: ArrayLike<number>,
): Float64Array {
  const gradFeatures = new Float64Array(rays * samples * dim);
  for (let j = 0; j < rays * samples; j++) {
    const ray = Math.floor(j / samples);
    for (let c = 0; c < dim; c++) gradFeatures[j * dim + c] = weights[j] * gradRendered[ray * dim + c];
  }
  return gradFeatures;
}

/** Rows [rows, dim] divided by their norms. */
export function normaliseRows(rows: ArrayLike<number>, dim: number): Float64Array {
  const unit = new Float64Array(rows.length);
  for (let start = 0; start < rows.length; start += dim) {
    const length = norm(rows, start, dim);
    if (length > zeroNorm) for (let c = start; c < start + dim; c++) unit[c] = rows[c] / length;
  }
  return unit;
}

/** Gradient of `normaliseRows`: (g − u (u·g)) / ‖row‖. */
export function normaliseRowsBackward(rows: ArrayLike<number>, dim: number, gradUnit: ArrayLike<number>): Float64Array {
  const gradRows = new Float64Array(rows.length);
  for (let start = 0; start < rows.length; start += dim) {
    const length = norm(rows, start, dim);
    if (length <= zeroNorm) continue;
    let along = 0;
    for (let c = start; c < start + dim; c++) along += (rows[c] / length) * gradUnit[c];
    for (let c = start; c < start + dim; c++) gradRows[c] = (gradUnit[c] - (rows[c] / length) * along) / length;
  }
  return gradRows;
}

/**
 * φ per ray.
 * @param raw [rays, samples, dim] outputs of the CLIP head
 * @param weights [rays, samples]
 * @returns [rays, dim] unit vectors, zero where nothing was rendered
 */
export function renderEmbeddings(shape: RenderShape, raw: ArrayLike<number>, weights: ArrayLike<number>): Float64Array {
  return normaliseRows(renderFeatures(shape, normaliseRows(raw, shape.dim), weights), shape.dim);
}

/** Gradient of `renderEmbeddings` to `raw`, [rays, samples, dim]. */
export function renderEmbeddingsBackward(
  shape: RenderShape,
  raw: ArrayLike<number>,
  weights: ArrayLike<number>,
  gradEmbeddings: ArrayLike<number>,
): Float64Array {
  const sums = renderFeatures(shape, normaliseRows(raw, shape.dim), weights);
  const gradSums = normaliseRowsBackward(sums, shape.dim, gradEmbeddings);
  return normaliseRowsBackward(raw, shape.dim, renderFeaturesBackward(shape, weights, gradSums));
}

function hasNaN(values: ArrayLike<number>, start: number, length: number): boolean {
  for (let c = start; c < start + length; c++) if (Number.isNaN(values[c])) return true;
  return false;
}

/** Mean over the rays for which `counts` holds of Σ_c of a per-channel loss; its value and derivative by difference. */
function meanOverRays(
  dim: number,
  rendered: ArrayLike<number>,
  targets: ArrayLike<number>,
  counts: (ray: number) => boolean,
  perChannel: (difference: number) => { value: number; slope: number },
): LanguageLoss {
  const rays = rendered.length / dim;
  const gradRendered = new Float64Array(rendered.length);
  const counted = Array.from({ length: rays }, (_, ray) => ray).filter(
    (ray) => counts(ray) && !hasNaN(targets, ray * dim, dim),
  );
  let sum = 0;
  for (const ray of counted)
    for (let c = ray * dim; c < (ray + 1) * dim; c++) {
      const { value, slope } = perChannel(rendered[c] - targets[c]);
      sum += value;
      gradRendered[c] = slope / counted.length;
    }
  return { loss: counted.length > 0 ? sum / counted.length : Number.NaN, gradRendered };
}

/**
 * CLIP loss of rendered embeddings, including its weight 0.1.
 * @param embeddings [rays, dim] from `renderEmbeddings`
 * @param targets [rays, dim]
 * @param valid [rays] 1 = the ray has a target
 */
export function clipLoss(
  dim: number,
  embeddings: ArrayLike<number>,
  targets: ArrayLike<number>,
  valid: ArrayLike<number>,
): LanguageLoss {
  const counts = (ray: number) => valid[ray] !== 0 && norm(embeddings, ray * dim, dim) > zeroNorm;
  return meanOverRays(dim, embeddings, targets, counts, (difference) => {
    const size = Math.abs(difference);
    if (size <= huberDelta)
      return { value: clipLossWeight * 0.5 * difference ** 2, slope: clipLossWeight * difference };
    return {
      value: clipLossWeight * huberDelta * (size - 0.5 * huberDelta),
      slope: clipLossWeight * huberDelta * Math.sign(difference),
    };
  });
}

/** DINO loss of rendered features [rays, dim] against `targets` [rays, dim]. */
export function dinoLoss(dim: number, features: ArrayLike<number>, targets: ArrayLike<number>): LanguageLoss {
  return meanOverRays(
    dim,
    features,
    targets,
    () => true,
    (difference) => ({ value: difference ** 2, slope: 2 * difference }),
  );
}
