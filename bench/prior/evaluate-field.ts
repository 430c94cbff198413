/** Scores of one language field in the novel views, by the code of `langfield eval`, with the truth about parts. */
import type { ImageTextEncoder } from '../../src/encoders/encoder.ts';
import { createEngine } from '../../src/engines/create-engine.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { labelledPhrases } from '../../src/evaluate/label-phrases.ts';
import { type LabelledPhoto, matchLabels, readLabels } from '../../src/evaluate/labels/read-labels.ts';
import { baselines, type EvaluatedView, scoreLabels } from '../../src/evaluate/score-labels.ts';
import type { Run } from '../../src/field/run.ts';
import { openRun } from '../../src/field/run-folder.ts';
import { baseName, joinPath } from '../../src/platform/platform.ts';
import type { Prior } from '../../src/pyramid/prior.ts';
import { encodePhrases, selectFields, type TextVectors } from '../../src/query/text-vectors.ts';
import type { PriorBenchContext } from './context.ts';
import type { PairResult, Unit } from './results.ts';
import { maskOfParts, readTruth, relevancyMeans, type SceneTruth } from './truth.ts';

export interface Evaluation {
  run: Run;
  engine: Engine;
  labelled: LabelledPhoto[];
  texts: TextVectors;
  truth: SceneTruth;
}

/** The caller closes the engine. */
export async function openEvaluation(
  unit: Unit,
  folder: string,
  encoder: ImageTextEncoder,
  { work, options, platform }: PriorBenchContext,
): Promise<Evaluation> {
  const run = await openRun(folder, platform.files);
  const capture = work.capture(unit);
  const truth = await readTruth(capture, platform);
  const labels = joinPath(capture, 'labels/novel/polygons');
  const { views } = await readLabels(platform.files, platform.images, labels);
  const labelled = matchLabels(views, run.photos, labels);
  const phrases = labelledPhrases(views).filter((phrase) => options.stuff || truth.kinds.get(phrase) !== 'stuff');
  const texts = await encodePhrases(run, encoder, phrases);
  const { threads } = options;
  const engine = await createEngine('wasm', run.config.scene, run.parameters, platform, { threads, raysPerStep: 1 });
  return { run, engine, labelled, texts, truth };
}

export async function evaluateField(
  { run, engine, labelled, texts, truth }: Evaluation,
  prior: Prior,
  { options, progress }: PriorBenchContext,
): Promise<PairResult[]> {
  const { width, height } = options.evalSize;
  const settings = { rule: 'highlighted', transform: 'raw', size: options.evalSize, longSide: width } as const;
  const pairs: PairResult[] = [];
  progress.log(`scoring ${prior}, ${texts.phrases.length} phrases, ${labelled.length} views of ${width}x${height}`);
  await scoreLabels(engine, labelled, texts, selectFields(run, prior), settings, progress, async (view) => {
    pairs.push(...(await viewResults(view, truth)));
  });
  return pairs;
}

async function viewResults({ pair, answer, masks, scores }: EvaluatedView, truth: SceneTruth): Promise<PairResult[]> {
  const { width, height } = answer;
  const view = baseName(pair.photo.name).replace(/\.[^.]+$/, '');
  const partMap = await truth.partMap(view);
  return scores
    .filter(({ field }) => !(field in baselines))
    .map(({ phrase, scale, ratioAcc, area, dRelevancy, recall, localisation, maxRelevancy }) => {
      const { relevancy, peak } = answer.fields[0].phrases.find((found) => found.phrase === phrase)!;
      const mask = masks.get(phrase)!;
      const ids = truth.owners.get(phrase);
      const owner = ids && maskOfParts(partMap, ids, width, height);
      return {
        phrase,
        kind: truth.kinds.get(phrase) ?? 'thing',
        view,
        area,
        scale: scale ?? 0,
        dRelevancy,
        ratioAcc: Number.isNaN(ratioAcc) ? null : ratioAcc,
        recall,
        localisation,
        peakInside: mask[peak.row * width + peak.col],
        maxRelevancy,
        ...relevancyMeans(relevancy, mask, owner),
      };
    });
}
