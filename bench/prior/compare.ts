/** The same phrase in the same view of the same radiance field, without and with a prior. */
import type { Prior } from '../../src/pyramid/prior.ts';
import type { RegionSource } from './options.ts';
import { type Column, columnName, type FieldResult, type PairResult, type Unit } from './results.ts';
import { groupBy, meanOf, type Paired, quantile } from './statistics.ts';
import { unitName } from './work-folder.ts';

export interface ComparedPair extends Unit {
  before: PairResult;
  after: PairResult;
}

export type Metric = 'dRelevancy' | 'ratioAcc' | 'recall' | 'localisation' | 'peakInside';

/** Language fields in the order of the tables: none, then by source of regions, then by prior. */
export function columnsOf(
  results: readonly FieldResult[],
  priors: readonly Prior[],
  sources: readonly RegionSource[],
): Column[] {
  const wanted: Column[] = [
    { prior: 'none', regions: null },
    ...sources.flatMap((regions) =>
      priors.filter((prior) => prior !== 'none').map((prior): Column => ({ prior, regions })),
    ),
  ];
  return wanted.filter((column) => resultsOf(results, column).length > 0);
}

export function resultsOf(results: readonly FieldResult[], column: Column): FieldResult[] {
  return results.filter((result) => columnName(result) === columnName(column));
}

/** Pairs that both have; the order is that of `after`. */
export function compare(before: readonly FieldResult[], after: readonly FieldResult[]): ComparedPair[] {
  const key = (unit: Unit, { phrase, view }: PairResult) => `${unitName(unit)}\n${phrase}\n${view}`;
  const known = new Map(before.flatMap((result) => result.pairs.map((pair) => [key(result, pair), pair])));
  return after.flatMap((result) =>
    result.pairs.flatMap((pair) => {
      const found = known.get(key(result, pair));
      return found ? [{ scene: result.scene, seed: result.seed, before: found, after: pair }] : [];
    }),
  );
}

/** Numbers of one metric; pairs where it is undefined on either side are left out. */
export function pairedValues(pairs: readonly ComparedPair[], metric: Metric): (Paired & Unit)[] {
  return pairs.flatMap(({ scene, seed, before, after }) => {
    const [a, b] = [before[metric], after[metric]];
    return a === null || b === null ? [] : [{ scene, seed, before: a, after: b, count: 1 }];
  });
}

export interface PhraseChange {
  scene: string;
  phrase: string;
  kind: PairResult['kind'];
  /** Label-view pairs over all seeds. */
  pairs: number;
  /** Mean D_relevancy. */
  before: number;
  after: number;
  /** Mean share of the picture. */
  area: number;
  /** Medians of the scale that the query chose. */
  scaleBefore: number;
  scaleAfter: number;
}

/** Means per scene and phrase, the greatest harm first. */
export function phraseChanges(pairs: readonly ComparedPair[]): PhraseChange[] {
  const groups = groupBy(pairs, ({ scene, after }) => `${scene}\n${after.phrase}`);
  const changes = groups.map((group): PhraseChange => {
    const [{ scene, after }] = group;
    const mean = (of: (pair: ComparedPair) => number) => meanOf(group.map(of));
    const median = (of: (pair: ComparedPair) => number) =>
      quantile(
        group.map(of).toSorted((a, b) => a - b),
        0.5,
      );
    return {
      scene,
      phrase: after.phrase,
      kind: after.kind,
      pairs: group.length,
      before: mean((pair) => pair.before.dRelevancy),
      after: mean((pair) => pair.after.dRelevancy),
      area: mean((pair) => pair.after.area),
      scaleBefore: median((pair) => pair.before.scale),
      scaleAfter: median((pair) => pair.after.scale),
    };
  });
  return changes.sort((a, b) => b.after - b.before - (a.after - a.before));
}
