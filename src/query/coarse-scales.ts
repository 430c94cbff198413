/**
 * The choice of scale per phrase and view (spec §3.3) without rendering every pixel at every scale: a sweep over a coarse
 * grid of rays first, then an exact one over the blocks of pixels where the grid was most relevant. The winner is that of
 * the largest relevancy seen. It can differ from the exhaustive choice where a peak is narrower than a block; `scaleAgreement`
 * says how often it does, and what the difference is worth.
 */
import type { ScaleChoice } from '../ops/relevancy/relevancy.ts';

export interface PixelGrid {
  width: number;
  height: number;
}

export interface CoarseOptions {
  /** Pixels between rays of the coarse grid, along rows and columns. */
  stride?: number;
  /** Blocks of a phrase that are looked at pixel by pixel. */
  candidates?: number;
}

export const coarseDefaults = { stride: 4, candidates: 64 } as const;

/** Relevancy of some pixels (row-major numbers) at every scale, [scales, phrases, pixels]. */
export type SweepPixels = (pixels: Uint32Array) => Promise<Float32Array>;

export interface CoarseChoice extends ScaleChoice {
  /** What the grid alone would have chosen. */
  coarseIndex: number;
}

/** Largest relevancy of every scale and phrase, [scales, phrases]; NaN counts as nothing, no pixels as −∞. */
export function scalePeaks(maps: ArrayLike<number>, scales: number, phrases: number): Float32Array {
  const pixels = maps.length / (scales * phrases);
  const peaks = new Float32Array(scales * phrases).fill(Number.NEGATIVE_INFINITY);
  for (let map = 0; map < peaks.length; map++)
    for (let i = map * pixels; i < (map + 1) * pixels; i++) if (maps[i] > peaks[map]) peaks[map] = maps[i];
  return peaks;
}

/** Of equals the first. */
function bestScale(peaks: Float32Array, scales: number, phrases: number, phrase: number): number {
  let best = 0;
  for (let scale = 1; scale < scales; scale++)
    if (peaks[scale * phrases + phrase] > peaks[best * phrases + phrase]) best = scale;
  return best;
}

/** Blocks of stride × stride pixels, and the pixel in the middle of each. */
function coarsePixels({ width, height }: PixelGrid, stride: number): Uint32Array {
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const middle = (block: number, size: number) => Math.min(size - 1, block * stride + (stride >> 1));
  return Uint32Array.from(
    { length: rows * columns },
    (_, i) => middle(Math.floor(i / columns), height) * width + middle(i % columns, width),
  );
}

/** The blocks where any phrase is most relevant at any scale. */
function candidateBlocks(maps: Float32Array, scales: number, phrases: number, wanted: number): Set<number> {
  const blocks = maps.length / (scales * phrases);
  const chosen = new Set<number>();
  for (let phrase = 0; phrase < phrases; phrase++) {
    const best = new Float32Array(blocks).fill(Number.NEGATIVE_INFINITY);
    for (let scale = 0; scale < scales; scale++)
      for (let block = 0; block < blocks; block++) {
        const value = maps[(scale * phrases + phrase) * blocks + block];
        if (value > best[block]) best[block] = value;
      }
    const order = Array.from(best.keys()).sort((a, b) => best[b] - best[a]);
    for (const block of order.slice(0, wanted)) chosen.add(block);
  }
  return chosen;
}

function blockPixels({ width, height }: PixelGrid, stride: number, blocks: Iterable<number>): Uint32Array {
  const columns = Math.ceil(width / stride);
  const pixels: number[] = [];
  for (const block of blocks) {
    const [top, left] = [Math.floor(block / columns) * stride, (block % columns) * stride];
    for (let row = top; row < Math.min(height, top + stride); row++)
      for (let col = left; col < Math.min(width, left + stride); col++) pixels.push(row * width + col);
  }
  return Uint32Array.from(pixels);
}

/**
 * Whether a coarse choice and then every pixel at each phrase's scale is clearly less work than every pixel at all scales.
 * With many phrases it is not: each has candidates and a scale of its own, while a sweep serves them all.
 */
export function coarseIsCheaper(
  { width, height }: PixelGrid,
  scales: number,
  phrases: number,
  { stride = coarseDefaults.stride, candidates = coarseDefaults.candidates }: CoarseOptions = {},
): boolean {
  const pixels = width * height;
  const searched = pixels / stride ** 2 + Math.min(pixels, candidates * stride ** 2 * phrases);
  return scales * searched + Math.min(phrases, scales) * pixels < 0.75 * scales * pixels;
}

/** One scale per phrase, out of `scales` that `sweep` renders. */
export async function chooseScalesCoarsely(
  grid: PixelGrid,
  sweep: SweepPixels,
  scales: number,
  phrases: number,
  { stride = coarseDefaults.stride, candidates = coarseDefaults.candidates }: CoarseOptions = {},
): Promise<CoarseChoice[]> {
  const coarse = await sweep(coarsePixels(grid, stride));
  const coarsePeaks = scalePeaks(coarse, scales, phrases);
  const blocks = stride > 1 ? candidateBlocks(coarse, scales, phrases, candidates) : [];
  const exact = blockPixels(grid, stride, blocks);
  const exactPeaks = exact.length > 0 ? scalePeaks(await sweep(exact), scales, phrases) : coarsePeaks;
  const peaks = coarsePeaks.map((peak, i) => Math.max(peak, exactPeaks[i]));
  return Array.from({ length: phrases }, (_, phrase) => {
    const index = bestScale(peaks, scales, phrases, phrase);
    const coarseIndex = bestScale(coarsePeaks, scales, phrases, phrase);
    return { index, peak: peaks[index * phrases + phrase], coarseIndex };
  });
}

export interface ScaleAgreement {
  phrases: number;
  /** Phrases whose scale is not the exhaustive one. */
  differing: number;
  /** Phrases for which the grid alone would have been wrong. */
  coarseDiffering: number;
  /** Largest peak relevancy that was missed by it. */
  largestLoss: number;
}

/** @param exhaustive [scales, phrases] `scalePeaks` of every pixel */
export function scaleAgreement(choices: readonly CoarseChoice[], exhaustive: Float32Array): ScaleAgreement {
  const phrases = choices.length;
  const scales = exhaustive.length / phrases;
  const agreement = { phrases, differing: 0, coarseDiffering: 0, largestLoss: 0 };
  choices.forEach(({ index, coarseIndex }, phrase) => {
    const best = bestScale(exhaustive, scales, phrases, phrase);
    const loss = exhaustive[best * phrases + phrase] - exhaustive[index * phrases + phrase];
    // Scales of the same peak are as good as each other.
    if (loss > 0) agreement.differing++;
    if (exhaustive[best * phrases + phrase] > exhaustive[coarseIndex * phrases + phrase]) agreement.coarseDiffering++;
    agreement.largestLoss = Math.max(agreement.largestLoss, loss);
  });
  return agreement;
}
