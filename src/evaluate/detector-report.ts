/** What a detector scored, as numbers (the JSON) and as rows of the evaluation's tables. */
import { type TableStyle, type TableValue, textTable } from '../formats/text-table.ts';
import { leastIou } from './box-match.ts';
import type { DetectorPair } from './score-detector.ts';
import type { PairScore } from './score-labels.ts';

/** Means over label-view pairs. */
export interface DetectorMeans {
  recall: number | null;
  localisation: number | null;
  pairs: number;
}

export interface DetectorReport extends DetectorMeans {
  name: string;
  /** The detector folder. */
  folder: string;
  rule: string;
  /** By phrase; null for a phrase that the detector cannot express. */
  phrases: Record<string, DetectorMeans | null>;
  /** The phrases that it cannot express; they are in no mean. */
  notApplicable: string[];
  /** By language field, its means over the pairs that the detector was scored on as well. */
  fieldsOnSamePairs: Record<string, DetectorMeans>;
  /** One line when something failed; when it was the detector, there are no means, only the pairs before it. */
  failure?: string;
  scores: DetectorPair[];
}

export interface DetectorOutcome {
  name: string;
  folder: string;
  phrases: readonly string[];
  notApplicable: string[];
  scores: DetectorPair[];
  /** Whether `scores` are all there are. */
  complete: boolean;
  /** What was thrown when something failed; the other scores are worth keeping all the same. */
  failure?: unknown;
}

const rule = `the single best box overlaps a labelled box with IoU ≥ ${leastIou}, and so does every equally confident one`;

export function detectorReport(outcome: DetectorOutcome, fieldScores: readonly PairScore[]): DetectorReport {
  const { name, folder, phrases, notApplicable, complete, failure } = outcome;
  const scores = complete ? outcome.scores : [];
  const of = (phrase: string) => meansOf(scores.filter((score) => score.phrase === phrase));
  const keyOf = ({ photo, phrase }: { photo: string; phrase: string }) => JSON.stringify([photo, phrase]);
  const scored = new Set(scores.map(keyOf));
  const shared = fieldScores.filter((score) => scored.has(keyOf(score)));
  const fields = [...new Set(shared.map(({ field }) => field))];
  return {
    name,
    folder,
    rule,
    ...meansOf(scores),
    phrases: Object.fromEntries(phrases.map((each) => [each, notApplicable.includes(each) ? null : of(each)])),
    notApplicable,
    fieldsOnSamePairs: Object.fromEntries(
      fields.map((field) => [field, meansOf(shared.filter((score) => score.field === field))]),
    ),
    ...(failure === undefined ? {} : { failure: failure instanceof Error ? failure.message : String(failure) }),
    scores: outcome.scores,
  };
}

function meansOf(scores: readonly { recall: number; localisation: number }[]): DetectorMeans {
  const mean = (key: 'recall' | 'localisation') =>
    scores.length === 0 ? null : scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  return { recall: mean('recall'), localisation: mean('localisation'), pairs: scores.length };
}

/** Rows for the table of means: name, phrase, views, D_relevancy, Ratio_acc, recall, localised. */
export function detectorRows({ name, phrases, notApplicable, ...report }: DetectorReport): TableValue[][] {
  const row = (phrase: string, means: DetectorMeans | null): TableValue[] =>
    means === null
      ? [name, phrase, 'n/a', undefined, undefined, 'n/a', 'n/a']
      : [
          name,
          phrase,
          `${means.pairs}`,
          undefined,
          undefined,
          means.recall ?? undefined,
          means.localisation ?? undefined,
        ];
  return [...Object.entries(phrases).map(([phrase, means]) => row(phrase, means)), row('mean', report)];
}

/** Every pair: which box was best, and how well it fits. */
export function detectorPairTable({ name, scores }: DetectorReport, style: TableStyle): string[] {
  const columns = ['photo', 'split', 'phrase', 'detector', 'best box', 'score', 'IoU', 'recall', 'localised'];
  return textTable(
    columns.map((title) => ({ title })),
    scores.map((pair) => [
      pair.photo,
      pair.split === 'test' ? 'held out' : 'trained',
      pair.phrase,
      name,
      pair.box ? pair.box.map(Math.round).join(' ') : 'none',
      pair.score ?? undefined,
      pair.iou,
      pair.recall === 1 ? 'yes' : 'no',
      pair.localisation === 1 ? 'yes' : 'no',
    ]),
    style,
  );
}

/** What the rows mean, and what they leave out. */
export function detectorNotes(report: DetectorReport): string[] {
  const { name, notApplicable, phrases, fieldsOnSamePairs, pairs, failure } = report;
  if (failure !== undefined && pairs === 0) return [`${name} failed and has no scores: ${failure}`];
  const lines = [
    `${name} looks at the photos, not at renderings. Recalled: ${rule}. Localised: its centre lies in one.`,
  ];
  if (notApplicable.length === 0) return lines;
  const total = Object.keys(phrases).length;
  lines.push(`n/a: ${name} cannot express ${notApplicable.length} of ${total} phrases: ${notApplicable.join(', ')}.`);
  const fields = Object.entries(fieldsOnSamePairs).map(([field, { recall }]) => `${field} ${recall?.toFixed(3)}`);
  if (fields.length > 0) lines.push(`Recall on the ${pairs} pairs it was asked: ${fields.join(', ')}.`);
  return lines;
}
