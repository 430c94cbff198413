/**
 * What an evaluation found, as numbers (the JSON) and as tables. Averages are over label-view pairs (spec §5.3 #21).
 */
import { type TableStyle, textTable } from '../formats/text-table.ts';
import {
  type DetectorOutcome,
  type DetectorReport,
  detectorNotes,
  detectorPairTable,
  detectorReport,
  detectorRows,
} from './detector-report.ts';
import { type RecallRule, recallRules } from './recall.ts';
import type { MapTransform } from './relevancy-scores.ts';
import { baselines, type MapScores, type PairScore } from './score-labels.ts';
import { meanOf, type PhotoScore } from './score-photos.ts';

/** Means over pairs; a score that is undefined everywhere is null, so that JSON can carry it. */
export type MeanScores = { [K in keyof MapScores]: number | null } & { pairs: number };

export interface FieldScores extends MeanScores {
  phrases: Record<string, MeanScores>;
}

export interface EvaluationReport {
  /** Means over the held-out photos; null when there are none or they were not asked for. */
  psnr: number | null;
  ssim: number | null;
  photos: PhotoScore[];
  /** Scores of the first language field; null without labels. */
  dRelevancy: number | null;
  ratioAcc: number | null;
  recall: number | null;
  localisation: number | null;
  phrases: Record<string, MeanScores>;
  /** By language field. */
  fields: Record<string, FieldScores>;
  /** By trivial map. */
  baselines: Record<string, MeanScores>;
  /** The 2D baseline; null when none was asked for. */
  detector: DetectorReport | null;
  settings: { labels?: string; recallRule: RecallRule; map: MapTransform };
  pairs: PairScore[];
}

export function evaluationReport(
  photos: PhotoScore[],
  scores: readonly PairScore[],
  settings: EvaluationReport['settings'],
  detector?: DetectorOutcome,
): EvaluationReport {
  const of = (name: string) => scores.filter(({ field }) => field === name);
  const pairs = scores.filter(({ field }) => !(field in baselines));
  const names = [...new Set(pairs.map(({ field }) => field))];
  const fields = Object.fromEntries(names.map((name) => [name, fieldScores(of(name))]));
  const first: FieldScores = fields[names[0]] ?? fieldScores([]);
  return {
    psnr: numberOrNull(meanOf(photos.map((score) => score.psnr))),
    ssim: numberOrNull(meanOf(photos.map((score) => score.ssim))),
    photos,
    dRelevancy: first.dRelevancy,
    ratioAcc: first.ratioAcc,
    recall: first.recall,
    localisation: first.localisation,
    phrases: first.phrases,
    fields,
    baselines: scores.length > 0 ? baselineScores(of) : {},
    detector: detector ? detectorReport(detector, pairs) : null,
    settings,
    pairs,
  };
}

function baselineScores(of: (name: string) => PairScore[]): Record<string, MeanScores> {
  return Object.fromEntries(Object.keys(baselines).map((name) => [name, meanScores(of(name))]));
}

function fieldScores(scores: readonly PairScore[]): FieldScores {
  const phrases = [...new Set(scores.map(({ phrase }) => phrase))];
  const byPhrase = phrases.map((phrase) => [phrase, meanScores(scores.filter((each) => each.phrase === phrase))]);
  return { ...meanScores(scores), phrases: Object.fromEntries(byPhrase) };
}

function meanScores(scores: readonly MapScores[]): MeanScores {
  const mean = (key: keyof MapScores) => numberOrNull(meanOf(scores.map((score) => score[key])));
  return {
    dRelevancy: mean('dRelevancy'),
    ratioAcc: mean('ratioAcc'),
    recall: mean('recall'),
    localisation: mean('localisation'),
    pairs: scores.length,
  };
}

/** JSON has no NaN and no infinity. */
function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

const scoreColumns = [
  { title: 'D_relevancy', decimals: 4 },
  { title: 'Ratio_acc' },
  { title: 'recall' },
  { title: 'localised' },
];

const mapNames: Record<MapTransform, string> = {
  raw: 'relevancy as it is',
  clip05: 'relevancy, 0 below 0.5',
  normalised: 'relevancy stretched to [0, 1]',
};

/** The report as lines of text. */
export function reportTables(report: EvaluationReport, style: TableStyle = 'plain'): string[] {
  const lines: string[] = [];
  if (report.photos.length > 0) lines.push(...photoTable(report, style), '');
  if (report.pairs.length > 0) lines.push(...labelTables(report, style));
  else if (report.detector) lines.push(...detectorTables(report.detector, style));
  return lines;
}

const meanColumns = [{ title: 'field' }, { title: 'phrase' }, { title: 'views' }, ...scoreColumns];

/** For a run without a language field. */
function detectorTables(detector: DetectorReport, style: TableStyle): string[] {
  const means = textTable(meanColumns, detectorRows(detector), style);
  return [...detectorPairTable(detector, style), '', ...means, '', ...detectorNotes(detector)];
}

function photoTable({ photos, psnr, ssim }: EvaluationReport, style: TableStyle): string[] {
  const columns = [
    { title: 'held-out photo' },
    { title: 'size' },
    { title: 'PSNR (dB)', decimals: 2 },
    { title: 'SSIM' },
  ];
  const rows = photos.map((score) => [score.photo, `${score.width}×${score.height}`, score.psnr, score.ssim]);
  return textTable(columns, [...rows, ['mean', '', psnr ?? undefined, ssim ?? undefined]], style);
}

function labelTables(report: EvaluationReport, style: TableStyle): string[] {
  const { fields, baselines: trivial, detector, pairs, settings } = report;
  const cells = ({ dRelevancy, ratioAcc, recall, localisation }: MeanScores) =>
    [dRelevancy, ratioAcc, recall, localisation].map((value) => value ?? undefined);
  const [{ width, height }] = pairs;
  const perPair = textTable(
    [
      { title: 'photo' },
      { title: 'split' },
      { title: 'phrase' },
      { title: 'field' },
      { title: 'scale', decimals: 2 },
      { title: 'max' },
      { title: 'area' },
      ...scoreColumns,
    ],
    pairs.map((pair) => [
      pair.photo,
      pair.split === 'test' ? 'held out' : 'trained',
      pair.phrase,
      pair.field,
      pair.scale,
      pair.maxRelevancy,
      pair.area,
      pair.dRelevancy,
      pair.ratioAcc,
      hit(pair.recall),
      hit(pair.localisation),
    ]),
    style,
  );
  const perPhrase = Object.entries(fields).flatMap(([field, scores]) => [
    ...Object.entries(scores.phrases).map(([phrase, means]) => [field, phrase, `${means.pairs}`, ...cells(means)]),
    [field, 'mean', `${scores.pairs}`, ...cells(scores)],
  ]);
  const constants = Object.entries(trivial).map(([name, scores]) => [
    `all ${baselines[name as keyof typeof baselines]}`,
    'baseline',
    `${scores.pairs}`,
    ...cells(scores),
  ]);
  const means = textTable(
    meanColumns,
    [...perPhrase, ...(detector ? detectorRows(detector) : []), ...constants],
    style,
  );
  return [
    ...perPair,
    '',
    ...(detector ? [...detectorPairTable(detector, style), ''] : []),
    ...means,
    '',
    `D_relevancy (lower is better) and Ratio_acc of ${mapNames[settings.map]}, at ${width}×${height} for the first view.`,
    `Recall rule "${settings.recallRule}": 90 % of ${recallRules[settings.recallRule]} lie on the object.`,
    'Localised: the highest pixel lies in a box of the phrase. The scale is chosen among 30 by the highest pixel.',
    ...(detector ? detectorNotes(detector) : []),
  ];
}

function hit(value: number): string {
  return value === 1 ? 'yes' : 'no';
}
