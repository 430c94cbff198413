/**
 * Curves of a training for people to look at: means over ever longer stretches of the log, so that a stage never has
 * more than `mostPoints` of them, however long it is. A reader keeps a mark and is given what has changed since.
 */
import { decibels, type LogEntry } from './loss-window.ts';

/** Means over some lines of the log. */
export interface CurvePoint {
  /** Last step that the means cover. */
  step: number;
  rgb?: number;
  /** dB, of `rgb`. */
  psnr?: number;
  /** Per language field. */
  clip?: number[];
  dino?: number[];
}

/** Replaces the points of a stage from index `from` on. */
export interface CurveChange {
  stage: string;
  from: number;
  points: CurvePoint[];
}

/** What a reader has been given, by stage. */
export type CurveMark = Map<string, { thinned: number; settled: number }>;

export const mostPoints = 400;

interface Stretch extends Omit<CurvePoint, 'psnr'> {
  /** Lines of the log. */
  lines: number;
}

interface Curve {
  stretches: Stretch[];
  /** Lines per stretch; the last may have fewer. */
  stride: number;
  /** How often neighbours were joined. */
  thinned: number;
}

export class Curves {
  private readonly curves = new Map<string, Curve>();

  add({ stage, step, rgb, clip, dino }: LogEntry): void {
    const curve = this.curveOf(stage);
    const { stretches } = curve;
    const line: Stretch = { step, rgb, clip, dino, lines: 1 };
    const last = stretches.at(-1);
    if (last && last.lines < curve.stride) stretches[stretches.length - 1] = joined(last, line);
    else stretches.push(line);
    if (stretches.length > mostPoints) thin(curve);
  }

  /** What has changed since the mark, which is moved; everything for a new mark. */
  since(mark: CurveMark): CurveChange[] {
    const changes: CurveChange[] = [];
    for (const [stage, { stretches, thinned, stride }] of this.curves) {
      const seen = mark.get(stage);
      const from = seen?.thinned === thinned ? seen.settled : 0;
      const unsettled = (stretches.at(-1)?.lines ?? 0) < stride ? 1 : 0;
      mark.set(stage, { thinned, settled: stretches.length - unsettled });
      if (from < stretches.length) changes.push({ stage, from, points: stretches.slice(from).map(pointOf) });
    }
    return changes;
  }

  private curveOf(stage: string): Curve {
    const known = this.curves.get(stage);
    if (known) return known;
    const curve: Curve = { stretches: [], stride: 1, thinned: 0 };
    this.curves.set(stage, curve);
    return curve;
  }
}

/** Joins neighbours: half as many points, each of twice as many lines. */
function thin(curve: Curve): void {
  const { stretches } = curve;
  const half: Stretch[] = [];
  for (let i = 0; i < stretches.length; i += 2)
    half.push(i + 1 < stretches.length ? joined(stretches[i], stretches[i + 1]) : stretches[i]);
  curve.stretches = half;
  curve.stride *= 2;
  curve.thinned += 1;
}

function joined(a: Stretch, b: Stretch): Stretch {
  const mean = (x: number | undefined, y: number | undefined): number | undefined => {
    if (x === undefined || y === undefined) return x ?? y;
    return (x * a.lines + y * b.lines) / (a.lines + b.lines);
  };
  const means = (x: number[] | undefined, y: number[] | undefined): number[] | undefined =>
    x && y && x.length === y.length ? x.map((value, field) => mean(value, y[field])!) : (y ?? x);
  return {
    step: b.step,
    rgb: mean(a.rgb, b.rgb),
    clip: means(a.clip, b.clip),
    dino: means(a.dino, b.dino),
    lines: a.lines + b.lines,
  };
}

/** To the four digits that a picture can show. */
function pointOf({ step, rgb, clip, dino }: Stretch): CurvePoint {
  const short = (value: number) => Number(value.toPrecision(4));
  return {
    step,
    ...(rgb === undefined ? {} : { rgb: short(rgb), psnr: short(decibels(rgb)) }),
    ...(clip && { clip: clip.map(short) }),
    ...(dino && { dino: dino.map(short) }),
  };
}
