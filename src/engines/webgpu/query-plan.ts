/**
 * What a query needs once per set of phrases: the last layer and the texts in the row space of that layer, the scales,
 * and which map belongs to which phrase at which scale. Made on the CPU in float64, then placed on the GPU.
 */
import type { LanguageConfig } from '../../field/config.ts';
import { maxRank, noMap } from '../../ops/language-rendering/language-query.wgsl.ts';
import { type RowSpace, reduceTexts, rowSpace } from '../../ops/language-rendering/row-space.ts';
import { maximumTexts, type PhraseQuery } from '../engine.ts';
import { Arena, type Arrays, upload } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { ArrayRequest } from './memory-plan.ts';

type PlanArrays = Arrays<{
  /** [hidden width, 4 · vectors] */
  reduced: ArrayRequest<'f32'>;
  /** [canonical + phrases, 4 · vectors] */
  texts: ArrayRequest<'f32'>;
  /** [scales] */
  scales: ArrayRequest<'f32'>;
  /** [scales, phrases] */
  slots: ArrayRequest<'u32'>;
}>;

export interface QueryPlan {
  field: number;
  phrases: number;
  /** 0: the answers are projections onto the phrases' vectors, not relevancies. */
  canonical: number;
  /** Scales at which the head is evaluated: with kept scales, each different one once. */
  scales: number;
  /** Maps of a ray: [scales, phrases] of a sweep, [phrases] of kept scales. */
  maps: number;
  /** Row vectors of four numbers; the rank padded with zeros. */
  vectors: number;
  arrays: PlanArrays;
  free(): void;
}

/** [rows, rank] in rows of 4 · vectors. */
function inVectors(values: Float64Array, rank: number, vectors: number): Float32Array {
  const stride = 4 * vectors;
  const rows = rank > 0 ? values.length / rank : 0;
  const padded = new Float32Array(Math.max(1, rows) * stride);
  for (let row = 0; row < rows; row++) for (let c = 0; c < rank; c++) padded[row * stride + c] = values[row * rank + c];
  return padded;
}

function mapSlots({ mode, scales }: PhraseQuery, different: readonly number[], phrases: number): Uint32Array {
  return Uint32Array.from({ length: different.length * phrases }, (_, i) => {
    if (mode === 'sweep') return i;
    return scales[i % phrases] === different[Math.floor(i / phrases)] ? i % phrases : noMap;
  });
}

function checkQuery({ mode, scales, positives, negatives }: PhraseQuery, { clipDim }: LanguageConfig): void {
  const [phrases, canonical] = [positives.length / clipDim, negatives.length / clipDim];
  if (!Number.isInteger(phrases) || !Number.isInteger(canonical) || phrases === 0)
    throw new RangeError(`a query needs phrases and canonical phrases of ${clipDim} numbers each`);
  if (phrases + canonical > maximumTexts)
    throw new RangeError(
      `a query takes at most ${maximumTexts} phrases, canonical ones included; got ${phrases + canonical}`,
    );
  if (mode === 'kept' && scales.length !== phrases)
    throw new RangeError(`${phrases} phrases need as many kept scales, not ${scales.length}`);
}

/** The row space of a field's last layer; valid as long as the parameters are. */
export function fieldRowSpace({ hiddenWidth }: LanguageConfig, lastWeight: Float32Array): RowSpace {
  const space = rowSpace(lastWeight, hiddenWidth);
  if (space.rank > maxRank)
    throw new RangeError(`a head of ${space.rank} independent outputs; ${maxRank} are possible`);
  return space;
}

export async function planQuery(
  opened: OpenDevice,
  query: PhraseQuery,
  config: LanguageConfig,
  space: RowSpace,
): Promise<QueryPlan> {
  checkQuery(query, config);
  const { clipDim, hiddenWidth } = config;
  const [phrases, canonical] = [query.positives.length / clipDim, query.negatives.length / clipDim];
  const different = query.mode === 'sweep' ? Array.from(query.scales) : Array.from(new Set(query.scales));
  const vectors = Math.max(1, Math.ceil(space.rank / 4));
  const texts = new Float32Array(query.negatives.length + query.positives.length);
  texts.set(query.negatives);
  texts.set(query.positives, query.negatives.length);
  const host = {
    reduced: space.rank > 0 ? inVectors(space.reduced, space.rank, vectors) : new Float32Array(hiddenWidth * 4),
    texts:
      space.rank > 0
        ? inVectors(reduceTexts(space, texts, clipDim), space.rank, vectors)
        : new Float32Array((phrases + canonical) * 4),
    scales: Float32Array.from(different),
    slots: mapSlots(query, different, phrases),
  };
  const floats = (values: Float32Array) => ({ scalar: 'f32', length: values.length, purpose: 'batch' }) as const;
  const arena = await Arena.allocate(opened, {
    reduced: floats(host.reduced),
    texts: floats(host.texts),
    scales: floats(host.scales),
    slots: { scalar: 'u32', length: host.slots.length, purpose: 'batch' } as const,
  });
  const { arrays } = arena;
  upload(opened, arrays.reduced, host.reduced);
  upload(opened, arrays.texts, host.texts);
  upload(opened, arrays.scales, host.scales);
  upload(opened, arrays.slots, host.slots);
  const maps = query.mode === 'sweep' ? different.length * phrases : phrases;
  const { field } = query;
  return { field, phrases, canonical, scales: different.length, maps, vectors, arrays, free: () => arena.free() };
}
