/**
 * What a query needs once per phrase set, prepared on the main thread: the texts projected into the hidden space
 * (savings A6) and the lower triangular factor of G = W₅·W₅ᵀ (A1), both packed for the kernels.
 */
import type { LanguageConfig } from '../../field/config.ts';
import { maximumTexts, type PhraseQuery } from '../engine.ts';
import type { Kernels } from './kernels.ts';
import type { QueryPlan } from './language-query.ts';
import { padTo4 } from './layout.ts';
import type { KernelMemory } from './memory.ts';

/** Relevancy values of one rendering call at most; larger queries are rendered in smaller calls. */
const resultFloats = 30 * 16 * 4096;

/**
 * Lower triangular L with L·Lᵀ = gram, row-major [size, size]. Directions that the last layer ignores (pivot below
 * `tolerance` of the largest) get a zero column: an embedding narrower than the hidden layer makes G singular.
 */
export function choleskyFactor(gram: ArrayLike<number>, size: number, tolerance = 1e-9): Float64Array {
  const factor = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, gram[i * size + i]);
  for (let column = 0; column < size; column++) {
    let pivot = gram[column * size + column];
    for (let k = 0; k < column; k++) pivot -= factor[column * size + k] ** 2;
    if (pivot <= tolerance * largest) continue;
    const root = Math.sqrt(pivot);
    factor[column * size + column] = root;
    for (let row = column + 1; row < size; row++) {
      let sum = gram[row * size + column];
      for (let k = 0; k < column; k++) sum -= factor[row * size + k] * factor[column * size + k];
      factor[row * size + column] = sum / root;
    }
  }
  return factor;
}

/** G in float64: the factor is taken of it once per query, and float32 sums would cost it half its digits. */
function gramOf(last: Float32Array, hiddenWidth: number, columns: number): Float64Array {
  const gram = new Float64Array(hiddenWidth * hiddenWidth);
  for (let a = 0; a < hiddenWidth; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += last[a * columns + c] * last[b * columns + c];
      gram[a * hiddenWidth + b] = sum;
      gram[b * hiddenWidth + a] = sum;
    }
  return gram;
}

export class QueryMemory {
  private readonly memory: KernelMemory;
  private readonly kernels: Kernels;
  private readonly projected: number;
  private readonly texts: number;
  private readonly unpacked: number;
  private readonly factor: number;
  private readonly out: number;

  constructor(memory: KernelMemory, kernels: Kernels, languages: readonly LanguageConfig[]) {
    const widest = Math.max(0, ...languages.map(({ hiddenWidth }) => hiddenWidth));
    this.memory = memory;
    this.kernels = kernels;
    this.projected = memory.allocateFloats(widest * maximumTexts);
    this.texts = memory.allocateFloats(widest * maximumTexts + 16);
    this.unpacked = memory.allocateFloats(widest * widest);
    this.factor = memory.allocateFloats(widest * widest + 16);
    this.out = memory.allocateFloats(languages.length > 0 ? resultFloats : 0);
  }

  /** Rays per rendering call for which the result fits. */
  callRays(query: PhraseQuery, phrases: number, renderRays: number): number {
    const perRay = query.mode === 'sweep' ? query.scales.length * phrases : phrases;
    return Math.max(1, Math.min(renderRays, Math.floor(resultFloats / perRay)));
  }

  /** `last`: the CLIP head's last layer [h, padded clipDim]. */
  prepare(query: PhraseQuery, config: LanguageConfig, last: Float32Array): Omit<QueryPlan, 'outStride'> {
    const { hiddenWidth: h, clipDim } = config;
    const columns = padTo4(clipDim);
    const phrases = query.positives.length / clipDim;
    const canonical = query.negatives.length / clipDim;
    if (phrases + canonical > maximumTexts)
      throw new RangeError(
        `a query takes at most ${maximumTexts} phrases, canonical ones included; got ${phrases + canonical}`,
      );
    const textColumns = padTo4(phrases + canonical);
    const projected = this.memory.floats(this.projected, h * textColumns);
    for (let text = 0; text < phrases + canonical; text++) {
      const source = text < phrases ? query.positives : query.negatives;
      const start = (text < phrases ? text : text - phrases) * clipDim;
      for (let a = 0; a < h; a++) {
        let sum = 0;
        for (let c = 0; c < clipDim; c++) sum += last[a * columns + c] * source[start + c];
        projected[text * h + a] = sum;
      }
    }
    this.kernels.packPanelsTransposed(h, textColumns, phrases + canonical, this.projected, h, this.texts);
    this.memory.floats(this.unpacked, h * h).set(choleskyFactor(gramOf(last, h, columns), h));
    this.kernels.packPanels(h, h, this.unpacked, h, this.factor);
    const { field, mode } = query;
    const scales = Array.from(query.scales);
    return {
      field,
      phrases,
      canonical,
      textColumns,
      texts: this.texts,
      factor: this.factor,
      scales,
      mode,
      out: this.out,
    };
  }
}
