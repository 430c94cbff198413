/**
 * What the results come to, per language field. Scores are means over label-view pairs, then over the scenes, then over
 * the seeds with their spread; changes against LERF are of the same pairs on both sides.
 */
import {
  type ComparedPair,
  compare,
  type Metric,
  type PhraseChange,
  pairedValues,
  phraseChanges,
  resultsOf,
} from './compare.ts';
import { type Column, columnName, type FieldResult, type PairResult, type Unit } from './results.ts';
import {
  bootstrapInterval,
  groupBy,
  type Interval,
  meanDifference,
  meanOf,
  type Paired,
  type PairedStatistic,
  relativeChange,
  type Spread,
  spreadOf,
  sumOf,
  sumsByGroup,
} from './statistics.ts';
import { unitName } from './work-folder.ts';

export const metrics: readonly Metric[] = ['dRelevancy', 'ratioAcc', 'recall', 'localisation', 'peakInside'];

/** Those whose change comes with intervals. */
export const comparedMetrics = ['dRelevancy', 'recall', 'localisation'] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];

/** How each metric is compared: 0 or 1 per pair by the difference of the means, others in proportion. */
const statistics: Record<Metric, PairedStatistic> = {
  dRelevancy: relativeChange,
  ratioAcc: relativeChange,
  recall: meanDifference,
  localisation: meanDifference,
  peakInside: meanDifference,
};

/** A metric over all seeds. */
export interface Score extends Spread {
  /** Against LERF, of the means over all seeds. */
  change: number;
  changePerSeed: Spread;
}

export type Scores = Record<Metric, Score>;

export interface Change {
  /** Of the means over scenes: how the paper's tables are compared. */
  scenes: number;
  /** Of all pairs together. */
  pairs: number;
  /** 95 %, drawing label-view pairs. */
  pairInterval: Interval;
  /** 95 %, drawing scenes with a seed: pairs of one radiance field are not independent. */
  unitInterval: Interval;
}

export interface KindScores {
  pairs: number;
  scores: Record<Metric, number>;
  changes: Record<ComparedMetric, Omit<Change, 'scenes'>>;
  /** Pairs whose highest relevancy exceeds 0.5, nearer to the phrase than to every canonical one; otherwise the answer is "not found". */
  found: { share: number; localisation: number; recall: number };
  /** Mean relevancy. */
  inside: number;
  ownerRest: number;
  elsewhere: number;
}

export interface ColumnSummary extends Column {
  name: string;
  /** Scenes times seeds. */
  units: number;
  pairs: number;
  scenes: Record<string, Scores>;
  all: Scores;
  changes: Record<ComparedMetric, Change>;
  /** Share of the pairs whose D_relevancy fell. */
  better: number;
  kinds: Partial<Record<PairResult['kind'], KindScores>>;
  phrases: PhraseChange[];
}

export function summarise(results: readonly FieldResult[], columns: readonly Column[]): ColumnSummary[] {
  const lerf = resultsOf(results, { prior: 'none', regions: null });
  return columns.map((column) => summariseColumn(column, resultsOf(results, column), lerf));
}

function summariseColumn(column: Column, own: FieldResult[], lerf: readonly FieldResult[]): ColumnSummary {
  const compared = compare(lerf, own);
  const scenes = distinct(own.map(({ scene }) => scene));
  const kinds = distinct(own.flatMap(({ pairs }) => pairs.map(({ kind }) => kind)));
  const ofScene = (scene: string) =>
    scoresOf(
      own.filter((result) => result.scene === scene),
      compared.filter((pair) => pair.scene === scene),
    );
  const fallen = compared.filter(({ before, after }) => after.dRelevancy < before.dRelevancy);
  return {
    ...column,
    name: columnName(column),
    units: own.length,
    pairs: own.reduce((sum, { pairs }) => sum + pairs.length, 0),
    scenes: Object.fromEntries(scenes.map((scene) => [scene, ofScene(scene)])),
    all: scoresOf(own, compared),
    changes: perComparedMetric((metric) => {
      const paired = pairedValues(compared, metric);
      return { scenes: changeOfScenes(paired, metric), ...changeOfPairs(paired, metric) };
    }),
    better: fallen.length / compared.length,
    kinds: Object.fromEntries(kinds.map((kind) => [kind, kindScores(kind, own, compared)])),
    phrases: phraseChanges(compared),
  };
}

function scoresOf(own: readonly FieldResult[], compared: readonly ComparedPair[]): Scores {
  return perMetric((metric) => {
    const seeds = wholeSeeds(own);
    const value = (seed: number) =>
      sceneMean(
        own.filter((result) => result.seed === seed),
        ({ pairs }) => meanOf(pairs.map((pair) => pair[metric])),
      );
    const paired = pairedValues(compared, metric);
    const changeIn = (seed: number) =>
      changeOfScenes(
        paired.filter((pair) => pair.seed === seed),
        metric,
      );
    const change = changeOfScenes(paired, metric);
    return { ...spreadOf(seeds.map(value)), change, changePerSeed: spreadOf(seeds.map(changeIn)) };
  });
}

/** Seeds that every scene has, so that a spread over seeds is not one over scenes; all where there is none. */
function wholeSeeds(own: readonly FieldResult[]): number[] {
  const scenes = distinct(own.map(({ scene }) => scene)).length;
  const seeds = distinct(own.map(({ seed }) => seed)).sort((a, b) => a - b);
  const whole = seeds.filter((seed) => own.filter((result) => result.seed === seed).length === scenes);
  return whole.length > 0 ? whole : seeds;
}

function changeOfPairs(paired: readonly (Paired & Unit)[], metric: Metric): Omit<Change, 'scenes'> {
  const statistic = statistics[metric];
  return {
    pairs: statistic(sumOf(paired)),
    pairInterval: bootstrapInterval(paired, statistic),
    unitInterval: bootstrapInterval(sumsByGroup(paired, unitName), statistic),
  };
}

/** Of the mean over scenes of the mean over their units. */
function changeOfScenes(paired: readonly (Paired & Unit)[], metric: Metric): number {
  const units = groupBy(paired, unitName).map((group) => ({
    scene: group[0].scene,
    ...sumOf(group),
  }));
  const before = sceneMean(units, (unit) => unit.before / unit.count);
  const after = sceneMean(units, (unit) => unit.after / unit.count);
  return statistics[metric]({ before, after, count: 1 });
}

function sceneMean<T extends { scene: string }>(items: readonly T[], value: (item: T) => number): number {
  return meanOf(groupBy(items, ({ scene }) => scene).map((group) => meanOf(group.map(value))));
}

function kindScores(
  kind: PairResult['kind'],
  own: readonly FieldResult[],
  compared: readonly ComparedPair[],
): KindScores {
  const pairs = own.flatMap((result) => result.pairs.filter((pair) => pair.kind === kind));
  const both = compared.filter(({ after }) => after.kind === kind);
  const found = pairs.filter(({ maxRelevancy }) => maxRelevancy > 0.5);
  const mean = (key: Metric | 'inside' | 'ownerRest' | 'elsewhere') => meanOf(pairs.map((pair) => pair[key]));
  return {
    pairs: pairs.length,
    scores: perMetric(mean),
    changes: perComparedMetric((metric) => changeOfPairs(pairedValues(both, metric), metric)),
    found: {
      share: found.length / pairs.length,
      localisation: meanOf(found.map(({ localisation }) => localisation)),
      recall: meanOf(found.map(({ recall }) => recall)),
    },
    inside: mean('inside'),
    ownerRest: mean('ownerRest'),
    elsewhere: mean('elsewhere'),
  };
}

function perMetric<T>(of: (metric: Metric) => T): Record<Metric, T> {
  return Object.fromEntries(metrics.map((metric) => [metric, of(metric)])) as Record<Metric, T>;
}

function perComparedMetric<T>(of: (metric: ComparedMetric) => T): Record<ComparedMetric, T> {
  return Object.fromEntries(comparedMetrics.map((metric) => [metric, of(metric)])) as Record<ComparedMetric, T>;
}

export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
