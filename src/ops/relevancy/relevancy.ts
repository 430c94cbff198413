/**
 * Relevancy of rendered embeddings for phrases (spec §3.2), the same in the hidden space of the CLIP head
 * (savings A6), their projections onto directions, and the choice of one scale per phrase and view (spec §3.3). Float64 reference.
 *
 * R = min_k softmax(10 [φ·q, φ·n_k])_0 = sigmoid(10 (φ·q − max_k φ·n_k)), in (0, 1); 0.5 = as likely as the best
 * canonical phrase. Other positives are never negatives.
 */

/** Inverse temperature of the pairwise softmax. */
export const inverseTemperature = 10;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function dot(a: ArrayLike<number>, startA: number, b: ArrayLike<number>, startB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[startA + i] * b[startB + i];
  return sum;
}

/**
 * φ·d of every ray and direction.
 * @param embeddings [rays, dim] φ, unit or zero
 * @param directions [directions, dim]
 * @returns [directions, rays]
 */
export function projections(dim: number, embeddings: ArrayLike<number>, directions: ArrayLike<number>): Float64Array {
  const rays = embeddings.length / dim;
  return Float64Array.from({ length: (directions.length / dim) * rays }, (_, i) =>
    dot(embeddings, (i % rays) * dim, directions, Math.floor(i / rays) * dim, dim),
  );
}

/**
 * @param embeddings [rays, dim] φ, unit or zero
 * @param positives [phrases, dim]
 * @param negatives [canonical, dim]
 * @returns [phrases, rays]
 */
export function relevancy(
  dim: number,
  embeddings: ArrayLike<number>,
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
): Float64Array {
  const rays = embeddings.length / dim;
  const phrases = positives.length / dim;
  const canonical = negatives.length / dim;
  const scores = new Float64Array(phrases * rays);
  for (let ray = 0; ray < rays; ray++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < canonical; k++) best = Math.max(best, dot(embeddings, ray * dim, negatives, k * dim, dim));
    for (let phrase = 0; phrase < phrases; phrase++) {
      const cosine = dot(embeddings, ray * dim, positives, phrase * dim, dim);
      scores[phrase * rays + ray] = sigmoid(inverseTemperature * (cosine - best));
    }
  }
  return scores;
}

/**
 * Text vectors in the hidden space of the head: V = W tᵀ, so that φ·t = (H·V_t)/E (A6).
 * @param lastWeight [width, dim] last layer of the CLIP head
 * @param texts [texts, dim]
 * @returns [texts, width]
 */
export function projectTexts(dim: number, lastWeight: ArrayLike<number>, texts: ArrayLike<number>): Float64Array {
  const width = lastWeight.length / dim;
  const count = texts.length / dim;
  const projected = new Float64Array(count * width);
  for (let text = 0; text < count; text++)
    for (let a = 0; a < width; a++) projected[text * width + a] = dot(lastWeight, a * dim, texts, text * dim, dim);
  return projected;
}

/**
 * Relevancy without any dim-wide vector (A6); a ray whose E is zero has relevancy 0.5, as its φ is the zero vector.
 * @param hidden [rays, width] H of `renderHidden`
 * @param norms [rays] E of `renderHidden`
 * @param positives [phrases, width] and
 * @param negatives [canonical, width] from `projectTexts`
 * @returns [phrases, rays]
 */
export function factoredRelevancy(
  width: number,
  hidden: ArrayLike<number>,
  norms: ArrayLike<number>,
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
): Float64Array {
  const unit = Float64Array.from(hidden, (value, index) => {
    const length = norms[Math.floor(index / width)];
    return length > 1e-12 ? value / length : 0;
  });
  return relevancy(width, unit, positives, negatives);
}

/** The winning scale of one phrase in one view. */
export interface ScaleChoice {
  /** Index into the scales. */
  index: number;
  /** The largest relevancy of any ray at that scale. */
  peak: number;
}

/**
 * Per phrase the scale whose largest relevancy over all rays is largest; of equals the first (spec §3.3). NaN never
 * wins.
 * @param maps [scales, phrases, rays]
 */
export function chooseScales(maps: ArrayLike<number>, scales: number, phrases: number): ScaleChoice[] {
  const rays = maps.length / (scales * phrases);
  return Array.from({ length: phrases }, (_, phrase) => {
    const choice: ScaleChoice = { index: 0, peak: Number.NEGATIVE_INFINITY };
    for (let scale = 0; scale < scales; scale++)
      for (let ray = 0; ray < rays; ray++) {
        const value = maps[(scale * phrases + phrase) * rays + ray];
        if (value > choice.peak) Object.assign(choice, { index: scale, peak: value });
      }
    return choice;
  });
}
