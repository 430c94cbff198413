/** Where the points of a chart lie: steps to the right, values up, both in 0 … 1. */

export interface Series {
  name: string;
  points: readonly (readonly [step: number, value: number])[];
}

export interface ChartScale {
  least: number;
  most: number;
  x(step: number): number;
  /** 0 at the bottom. */
  y(value: number): number;
}

/**
 * Losses fall by orders of magnitude and are drawn by their logarithm.
 * @param steps where the axis ends
 * @returns undefined without a value that can be drawn
 */
export function chartScale(series: readonly Series[], steps: number, logarithmic: boolean): ChartScale | undefined {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const drawn = values.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  if (drawn.length === 0) return undefined;
  const [least, most] = [Math.min(...drawn), Math.max(...drawn)];
  const place = logarithmic ? Math.log : (value: number) => value;
  const span = place(most) - place(least);
  return {
    least,
    most,
    x: (step) => Math.min(1, step / Math.max(1, steps)),
    // A curve that has not moved yet lies in the middle.
    y: (value) => (span > 0 ? (place(value) - place(least)) / span : 0.5),
  };
}

/** Where the axis of steps ends: at the end of the stage, or sooner while a curve would be a line at the left edge. */
export function axisEnd(series: readonly Series[], steps: number): number {
  const last = Math.max(1, ...series.map(({ points }) => points.at(-1)?.[0] ?? 0));
  const magnitude = 10 ** Math.floor(Math.log10(1.25 * last));
  const round = [1, 2, 5, 10].map((factor) => factor * magnitude).find((end) => end >= 1.25 * last);
  return Math.min(steps, round ?? steps);
}

/** The point whose step is nearest. */
export function nearest<P extends readonly [number, ...unknown[]]>(points: readonly P[], step: number): P | undefined {
  let best: P | undefined;
  for (const point of points)
    if (best === undefined || Math.abs(point[0] - step) < Math.abs(best[0] - step)) best = point;
  return best;
}
