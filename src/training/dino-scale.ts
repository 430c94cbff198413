/**
 * How far dense targets are scaled down before training. LERF adds Σ(δ − t)² of dense features to a twentieth of that of
 * unit embeddings (spec §2.6), and both reach the same hash grids. Dense features do not agree from view to view, so what
 * is left of their loss keeps its size; where they are large, its gradients drown those of the CLIP loss, and in the few
 * steps of a small scene its grids learn little else.
 */
import type { LanguageSupervision } from '../pyramid/supervision.ts';

/** Photos, and rows and columns of each, at which features are measured. */
const measuredPhotos = 64;
const measuredLines = 8;

/**
 * @param photos how many the supervision has
 * @param limit largest spread (the root of the summed variance of the dense features over the photos); 0 = none
 * @returns the factor, at most 1
 */
export function dinoScale(supervision: LanguageSupervision, photos: number, limit: number): number {
  if (supervision.dinoDim === 0 || limit === 0) return 1;
  const spread = dinoSpread(supervision, photos);
  return spread > limit ? limit / spread : 1;
}

/** The root of the summed variance of dense features, at a grid of pixels in photos spread over the capture. */
export function dinoSpread(supervision: LanguageSupervision, photos: number): number {
  const { dinoDim } = supervision;
  const features = new Float32Array(dinoDim);
  const sums = new Float64Array(dinoDim);
  let [squares, count] = [0, 0];
  const chosen = Math.min(photos, measuredPhotos);
  for (let index = 0; index < chosen; index++) {
    const photo = Math.floor(((index + 0.5) * photos) / chosen);
    const { width, height } = supervision.photoSize(photo);
    for (let line = 0; line < measuredLines ** 2; line++) {
      const row = Math.floor(((Math.floor(line / measuredLines) + 0.5) * height) / measuredLines);
      const col = Math.floor((((line % measuredLines) + 0.5) * width) / measuredLines);
      supervision.lookupDino(photo, row, col, features, 0);
      for (let d = 0; d < dinoDim; d++) {
        sums[d] += features[d];
        squares += features[d] ** 2;
      }
      count++;
    }
  }
  const mean = sums.reduce((total, sum) => total + (sum / count) ** 2, 0);
  return Math.sqrt(Math.max(0, squares / count - mean));
}
