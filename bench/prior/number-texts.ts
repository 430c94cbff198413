/** How the report writes changes, spreads and intervals. */
import type { Interval, Spread } from './statistics.ts';

export function spreadText({ mean, spread }: Spread, digits: number): string {
  if (Number.isNaN(mean)) return '–';
  return Number.isNaN(spread) ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${spread.toFixed(digits)}`;
}

export const scaled = ({ mean, spread, count }: Spread, by: number): Spread => ({
  mean: by * mean,
  spread: by * spread,
  count,
});

export function spreadPercent({ mean, spread }: Spread): string {
  return Number.isNaN(spread) ? percent(mean) : `${percent(mean)} ± ${(100 * spread).toFixed(1)}`;
}

/** What rounds to nothing has no sign of its own. */
function signed(value: number): string {
  const sign = value < 0 && value.toFixed(1) !== '-0.0' ? '−' : '+';
  return `${sign}${Math.abs(value).toFixed(1)}`;
}

/** A share of change. */
export const percent = (share: number): string => (Number.isFinite(share) ? `${signed(100 * share)} %` : '–');

/** A difference of shares, in percentage points. */
export const points = (share: number): string => (Number.isFinite(share) ? signed(100 * share) : '–');

export const intervalText = ([low, high]: Interval, format: (value: number) => string): string =>
  Number.isFinite(low) ? `${format(low)} … ${format(high)}` : '–';
