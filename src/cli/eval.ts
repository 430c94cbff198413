/** `langfield eval`: how good a trained scene is, against held-out photos and against labels. */
import { type Command, Option } from 'commander';
import type { Detector } from '../detectors/detector.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openDetector } from '../detectors/open-detector.ts';
import { LangfieldError } from '../errors.ts';
import { runBaseline } from '../evaluate/detector-baseline.ts';
import { drawEvaluationSheet, type EvaluationRow, evaluationRow } from '../evaluate/evaluation-sheet.ts';
import { choosePhrases } from '../evaluate/label-phrases.ts';
import { type LabelledPhoto, matchLabels, readLabels } from '../evaluate/labels/read-labels.ts';
import { loadPhotoTarget, trainingDownscale } from '../evaluate/photo-target.ts';
import { type RecallRule, recallRules } from '../evaluate/recall.ts';
import type { MapTransform } from '../evaluate/relevancy-scores.ts';
import { evaluationReport, reportTables } from '../evaluate/report.ts';
import { type PairScore, scoreLabels } from '../evaluate/score-labels.ts';
import { type PhotoScore, scorePhotos } from '../evaluate/score-photos.ts';
import { loadFonts } from '../pictures/captions.ts';
import { joinPath } from '../platform/platform.ts';
import { photoPicture } from '../query/photo-picture.ts';
import { parsePhrases } from '../query/phrases.ts';
import { selectFields } from '../query/text-vectors.ts';
import { parseSize } from '../query/views.ts';
import type { CliContext } from './context.ts';
import type { OpenScene } from './open-scene.ts';
import { addEngineOptions, type EngineFlags, phraseVectors, positiveInteger, withScene } from './open-scene.ts';

/** More rows make a sheet that no viewer opens. */
const mostSheetRows = 24;

interface EvalFlags extends EngineFlags {
  labels?: string;
  baseline?: string;
  phrases?: string;
  field: string;
  rule: RecallRule;
  clip05?: boolean;
  normalise?: boolean;
  size?: { width: number; height: number };
  longSide: number;
  photos: boolean;
  encoder?: string;
  markdown?: boolean;
  json?: boolean;
}

export function addEvalCommand(program: Command, context: CliContext): void {
  const rules = Object.entries(recallRules).map(([name, meaning]) => `${name}: ${meaning}`);
  const command = program
    .command('eval')
    .description('Score a trained scene: PSNR and SSIM of held-out photos; relevancy against labels.')
    .argument('<run>', 'folder that "langfield train" wrote')
    .option('--labels <folder>', 'LERF-OVS JSON files, or folders <image>/<phrase>.png')
    .option('--baseline <folder>', 'detector folder: score its best boxes in the labelled photos beside the fields')
    .option('--phrases <phrases>', 'only these labelled phrases, separated by semicolons')
    .option('--field <name>', 'language field to score: its name or all', 'all')
    .addOption(
      new Option('--rule <name>', `what counts as recall, 90 % of … on the object (${rules.join('; ')})`)
        .choices(Object.keys(recallRules))
        .default('highlighted'),
    )
    .addOption(new Option('--clip05', 'score D and Ratio_acc with relevancy below 0.5 set to 0').conflicts('normalise'))
    .option('--normalise', 'score D and Ratio_acc with relevancy stretched to [0, 1]')
    .option('--size <WxH>', "size of the labelled views; must have the labels' shape", parseSize)
    .option('--long-side <pixels>', 'longest side of the labelled views when no size is given', positiveInteger, 320)
    .option('--no-photos', 'leave out PSNR and SSIM')
    .option('--encoder <folder>', 'folder of the encoder, when it is no longer where it was at training time')
    .option('--markdown', 'print the tables as Markdown')
    .option('--json', 'print the scores as one JSON object in the last line');
  addEngineOptions(command).action((folder: string, flags: EvalFlags) => evaluate(folder, flags, context));
}

async function evaluate(folder: string, flags: EvalFlags, context: CliContext): Promise<void> {
  const { platform, print } = context;
  const map: MapTransform = flags.clip05 ? 'clip05' : flags.normalise ? 'normalised' : 'raw';
  const detector = await baselineDetector(flags, context);
  const { photos, pairs, baseline } = await withScene(folder, flags, context, async (scene) => {
    const labels = flags.labels === undefined ? undefined : await labelledPhotos(scene, flags.labels, flags, context);
    return {
      pairs: labels ? await labelScores(scene, labels, map, flags, context) : [],
      photos: flags.photos ? await photoScores(scene, context) : [],
      baseline: labels && detector ? await baselineScores(scene, detector, labels, flags, context) : undefined,
    };
  }).finally(() => detector?.close());
  const settings = { labels: flags.labels, recallRule: flags.rule, map };
  const report = evaluationReport(photos, pairs, settings, baseline);
  if (photos.length === 0 && pairs.length === 0 && !baseline?.scores.length)
    throw baseline?.failure ?? nothingToScore(folder, flags);
  const path = joinPath(folder, 'eval.json');
  await platform.files.writeAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
  for (const line of reportTables(report, flags.markdown ? 'markdown' : 'plain')) print(line);
  print(`scores: ${path}`);
  if (flags.json) print(JSON.stringify(report));
  // Only now: the scores of the scene are saved and shown.
  if (baseline?.failure !== undefined) throw baseline.failure;
}

function nothingToScore(folder: string, flags: EvalFlags): LangfieldError {
  return new LangfieldError({
    problem: 'there is nothing to score: no held-out photo and no labels',
    file: folder,
    advice: flags.photos
      ? 'Give --labels <folder>, or train with a --train-fraction that holds some photos out'
      : 'Give --labels <folder>, or leave --no-photos out',
  });
}

/** Opened before the long work, so that a folder that cannot be used is refused at once. */
async function baselineDetector(
  { baseline, labels, threads }: EvalFlags,
  { platform }: CliContext,
): Promise<Detector | undefined> {
  if (baseline === undefined) return undefined;
  if (labels === undefined)
    throw new LangfieldError({
      field: '--baseline',
      problem: 'a detector is scored against labels, and none are given',
      advice: 'Give --labels <folder> too',
    });
  return openDetector(baseline, platform.files, await loadNodeRuntime(), { threads });
}

async function photoScores({ run, engine }: OpenScene, { platform, progress }: CliContext): Promise<PhotoScore[]> {
  const heldOut = run.photos.filter(({ split }) => split === 'test');
  if (heldOut.length === 0) {
    progress.warn('no photo of the run is held out: PSNR and SSIM are left out');
    return [];
  }
  const downscale = trainingDownscale(run.config);
  return scorePhotos(engine, heldOut, (photo) => loadPhotoTarget(photo, downscale, platform), progress);
}

interface Labelled {
  folder: string;
  photos: LabelledPhoto[];
  /** The phrases to ask. */
  phrases: string[];
}

async function labelledPhotos(
  { run }: OpenScene,
  folder: string,
  flags: EvalFlags,
  { platform }: CliContext,
): Promise<Labelled> {
  const { views } = await readLabels(platform.files, platform.images, folder);
  const photos = matchLabels(views, run.photos, folder);
  const phrases = choosePhrases(views, flags.phrases === undefined ? undefined : parsePhrases(flags.phrases).phrases);
  return { folder, photos, phrases };
}

async function baselineScores(
  { run }: OpenScene,
  detector: Detector,
  { photos: labelled, phrases }: Labelled,
  { baseline: folder = '' }: EvalFlags,
  { platform, progress, print }: CliContext,
) {
  return runBaseline({ detector, folder, labelled, phrases }, run.folder, platform, progress, print);
}

async function labelScores(
  { run, engine }: OpenScene,
  { folder: labels, photos: labelled, phrases }: Labelled,
  transform: MapTransform,
  flags: EvalFlags,
  context: CliContext,
): Promise<PairScore[]> {
  const { platform, progress, print } = context;
  if (flags.baseline !== undefined && run.config.scene.languages.length === 0) {
    progress.warn('the run has no language field: only the baseline is scored against the labels');
    return [];
  }
  const fields = selectFields(run, flags.field);
  const texts = await phraseVectors(run, phrases, flags.encoder, context);
  const columns = fields
    .map((field) => run.config.scene.languages[field].name)
    .flatMap((field) => phrases.map((phrase) => ({ phrase, field })));
  const rows: EvaluationRow[] = [];
  const settings = { rule: flags.rule, transform, size: flags.size, longSide: flags.longSide };
  const scores = await scoreLabels(engine, labelled, texts, fields, settings, progress, async (view) => {
    if (rows.length >= mostSheetRows) return;
    rows.push(await evaluationRow(view, await photoPicture(view.pair.photo, platform), columns, platform.images));
  });
  if (rows.length > 0) {
    const subtitle = `${folderLine(run.folder, labels)} Coloured where relevancy exceeds 0.5; outlines are the labels.`;
    const sheet = await drawEvaluationSheet(rows, columns, subtitle, await loadFonts(platform), platform.images);
    const path = joinPath(run.folder, 'eval-sheet.png');
    await platform.files.writeAtomic(path, await platform.images.encodePng(sheet));
    print(`contact sheet: ${path}`);
  }
  return scores;
}

function folderLine(run: string, labels: string): string {
  return `Run ${run}, labels ${labels}.`;
}
