/** Means with their spread, paired changes, and bootstrap intervals that come out the same every time. */
import { randomInteger } from '../../src/math/random.ts';

/** Mean and sample standard deviation; the latter is NaN for a single value. */
export interface Spread {
  mean: number;
  spread: number;
  count: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const spread = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN;
  return { mean, spread, count: values.length };
}

/** NaN of nothing; what is null is left out. */
export function meanOf(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The same measurement without and with a prior, or sums of `count` of them. */
export interface Paired {
  before: number;
  after: number;
  count: number;
}

export type PairedStatistic = (sums: Paired) => number;

/** −0.2: a fifth less. Of sums, so that pairs weigh as they do in the mean. */
export const relativeChange: PairedStatistic = ({ before, after }) => after / before - 1;

export const meanDifference: PairedStatistic = ({ before, after, count }) => (after - before) / count;

export function sumOf(pairs: readonly Paired[]): Paired {
  const sums = { before: 0, after: 0, count: 0 };
  for (const { before, after, count } of pairs) {
    sums.before += before;
    sums.after += after;
    sums.count += count;
  }
  return sums;
}

/** One sum per group: what a bootstrap over groups draws from. */
export function sumsByGroup<P extends Paired>(pairs: readonly P[], groupOf: (pair: P) => string): Paired[] {
  return groupBy(pairs, groupOf).map(sumOf);
}

/** Groups in the order in which they first appear; Node 20 has no Map.groupBy. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

export type Interval = [low: number, high: number];

export interface BootstrapOptions {
  rounds: number;
  seed: number;
}

export const usualBootstrap: BootstrapOptions = { rounds: 1000, seed: 1 };

/** Of the random numbers: no other use has this one. */
const stream = 91;

/** The middle 95 % of the statistic over draws with replacement; NaN for a single item, which says nothing of others. */
export function bootstrapInterval(
  items: readonly Paired[],
  statistic: PairedStatistic,
  { rounds, seed }: BootstrapOptions = usualBootstrap,
): Interval {
  if (items.length < 2) return [Number.NaN, Number.NaN];
  const values = Float64Array.from({ length: rounds }, (_, round) => {
    const sums = { before: 0, after: 0, count: 0 };
    for (let draw = 0; draw < items.length; draw++) {
      const { before, after, count } = items[randomInteger(items.length, seed, stream, round, draw)];
      sums.before += before;
      sums.after += after;
      sums.count += count;
    }
    return statistic(sums);
  }).sort();
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** Linear between neighbours. @param sorted ascending */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}
