/**
 * Scores of relevancy maps against labels: every phrase in every view where it is labelled, through the photo's own
 * camera, with the exhaustive choice of scale. Three trivial maps (all 0, all 0.5, all 1) are scored by the same code:
 * a D that does not beat them says nothing.
 */
import type { Engine } from '../engines/engine.ts';
import { LangfieldError } from '../errors.ts';
import { resizeCamera } from '../math/views.ts';
import type { Progress } from '../platform/platform.ts';
import { answerView, type PhraseAnswer, type ViewAnswer } from '../query/answer-view.ts';
import type { TextVectors } from '../query/text-vectors.ts';
import { fitSize } from '../query/views.ts';
import { labelBoxes, labelMask } from './labels/labels.ts';
import type { LabelledPhoto } from './labels/read-labels.ts';
import { localised } from './localisation.ts';
import { type RecallRule, recallHit } from './recall.ts';
import { dRelevancy, type MapTransform, ratioAcc, transformMap } from './relevancy-scores.ts';

/** Scores of one map; recall and localisation are 1 or 0. */
export interface MapScores {
  dRelevancy: number;
  /** NaN where it is undefined. */
  ratioAcc: number;
  recall: number;
  localisation: number;
}

/** One phrase in one view. */
export interface PairScore extends MapScores {
  phrase: string;
  photo: string;
  split: 'train' | 'test';
  /** Language field, or name of the trivial baseline. */
  field: string;
  scale?: number;
  maxRelevancy: number;
  /** Share of the picture that the object covers. */
  area: number;
  width: number;
  height: number;
}

export interface LabelSettings {
  rule: RecallRule;
  transform: MapTransform;
  /** Evaluate at this size instead of the label's own, shrunk to `longSide`. */
  size?: { width: number; height: number };
  longSide: number;
}

export const baselines = { zeros: 0, halves: 0.5, ones: 1 } as const;

/** What a caller may want to draw of an evaluated view. */
export interface EvaluatedView {
  pair: LabelledPhoto;
  answer: ViewAnswer;
  /** Per phrase: [height, width] 0/1. */
  masks: Map<string, Uint8Array>;
  scores: PairScore[];
}

/**
 * @param texts vectors of all phrases that are evaluated
 * @param onView called with every finished view while its maps are at hand
 */
export async function scoreLabels(
  engine: Engine,
  pairs: readonly LabelledPhoto[],
  texts: TextVectors,
  fields: readonly number[],
  settings: LabelSettings,
  progress: Progress,
  onView: (view: EvaluatedView) => Promise<void>,
): Promise<PairScore[]> {
  const sizes = pairs.map((pair) => evaluationSize(pair, settings));
  progress.start('evaluating labelled views', fields.length * sizes.reduce((sum, s) => sum + s.width * s.height, 0));
  let done = 0;
  const all: PairScore[] = [];
  for (const [index, pair] of pairs.entries()) {
    const { width, height } = sizes[index];
    const masks = masksOf(pair, texts.phrases, width, height, progress);
    const onRays = (count: number) => progress.update((done += count), pair.photo.name);
    if (masks.size === 0) {
      onRays(fields.length * width * height);
      continue;
    }
    const asked = subsetOf(texts, [...masks.keys()]);
    const answer = await answerView(engine, resizeCamera(pair.photo.camera, width, height), asked, fields, { onRays });
    const scores = scoreView(pair, answer, masks, settings);
    all.push(...scores);
    await onView({ pair, answer, masks, scores });
  }
  progress.finish();
  return all;
}

/** Scores of a map against a mask. */
export function scoreMap(
  relevancy: Float32Array,
  mask: Uint8Array,
  boxes: Parameters<typeof localised>[2],
  width: number,
  { rule, transform }: Pick<LabelSettings, 'rule' | 'transform'>,
): MapScores {
  const shown = transformMap(relevancy, transform);
  return {
    dRelevancy: dRelevancy(shown, mask),
    ratioAcc: ratioAcc(shown, mask),
    recall: recallHit(relevancy, mask, rule) ? 1 : 0,
    localisation: localised(relevancy, width, boxes) ? 1 : 0,
  };
}

function scoreView(
  { label, photo }: LabelledPhoto,
  answer: ViewAnswer,
  masks: Map<string, Uint8Array>,
  settings: LabelSettings,
): PairScore[] {
  const { width, height, fields } = answer;
  const score = (field: string, phrase: string, map: Float32Array, found?: PhraseAnswer): PairScore => {
    const mask = masks.get(phrase)!;
    return {
      phrase,
      photo: photo.name,
      split: photo.split,
      field,
      scale: found?.scale,
      maxRelevancy: found?.peak.relevancy ?? map[0],
      area: mask.reduce((sum, inside) => sum + inside, 0) / mask.length,
      width,
      height,
      ...scoreMap(map, mask, labelBoxes(label, phrase, width, height), width, settings),
    };
  };
  const real = fields.flatMap(({ field, phrases }) =>
    phrases.map((found) => score(field, found.phrase, found.relevancy, found)),
  );
  // The trivial maps are scored as they are: stretching a constant would make another one of it.
  const trivial = Object.entries(baselines).flatMap(([name, value]) =>
    [...masks.keys()].map((phrase) => {
      const map = new Float32Array(width * height).fill(value);
      const mask = masks.get(phrase)!;
      const scores = scoreMap(map, mask, labelBoxes(label, phrase, width, height), width, {
        ...settings,
        transform: 'raw',
      });
      return { ...score(name, phrase, map), ...scores };
    }),
  );
  return [...real, ...trivial];
}

/** Masks of the phrases that are labelled here; objects too small for the size are left out with a warning. */
function masksOf(
  { label }: LabelledPhoto,
  phrases: readonly string[],
  width: number,
  height: number,
  progress: Pick<Progress, 'warn'>,
): Map<string, Uint8Array> {
  const masks = new Map<string, Uint8Array>();
  for (const phrase of phrases) {
    if (!label.categories.has(phrase)) continue;
    const mask = labelMask(label, phrase, width, height);
    if (mask.includes(1)) masks.set(phrase, mask);
    else progress.warn(`"${phrase}" covers no pixel of ${label.image} at ${width}×${height}; it is left out there`);
  }
  return masks;
}

function evaluationSize(
  { label }: LabelledPhoto,
  { size, longSide }: LabelSettings,
): { width: number; height: number } {
  if (size === undefined) return fitSize(label, longSide);
  const ratio = (size.width * label.height) / (size.height * label.width);
  if (Math.abs(ratio - 1) > 0.02)
    throw new LangfieldError({
      file: label.file,
      problem: 'the size of the evaluation does not have the shape of the labelled image',
      found: `${size.width}×${size.height}`,
      expected: `the aspect of ${label.width}×${label.height}`,
      advice: 'Correct --size, or leave it out',
    });
  return size;
}

function subsetOf({ phrases, positives, negatives }: TextVectors, wanted: readonly string[]): TextVectors {
  const dim = positives.length / phrases.length;
  const rows = wanted.map((phrase) => {
    const index = phrases.indexOf(phrase);
    return positives.subarray(index * dim, (index + 1) * dim);
  });
  const chosen = new Float32Array(dim * wanted.length);
  rows.forEach((row, index) => {
    chosen.set(row, index * dim);
  });
  return { phrases: wanted, positives: chosen, negatives };
}
