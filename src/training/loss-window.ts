/** Losses over the last steps: means for the log and the progress line, and the alarm when one is not a number. */
import { LangfieldError } from '../errors.ts';
import type { StepLosses, StepSettings, TrainingBatch } from '../engines/engine.ts';

/** One line of training-log.jsonl: means over the steps since the line before. */
export interface LogEntry {
  stage: string;
  /** Steps of the stage that are finished. */
  step: number;
  /** Seconds spent in the stage. */
  seconds: number;
  stepsPerSecond: number;
  rgb?: number;
  /** dB, of the mean squared error above, on training rays. */
  psnr?: number;
  interlevel?: number;
  distortion?: number;
  pose?: number;
  /** Per language field. */
  clip?: number[];
  dino?: number[];
}

/** Decibels of a mean squared error of values in [0, 1]. */
export const decibels = (squaredError: number): number => -10 * Math.log10(Math.max(squaredError, 1e-12));

type LossName = 'rgb' | 'interlevel' | 'distortion' | 'pose';
const scalarLosses = ['rgb', 'interlevel', 'distortion', 'pose'] as const satisfies readonly LossName[];

class Mean {
  private sum = 0;
  private count = 0;

  /** NaN stands for "not computed in this step" and does not count. */
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.sum += value;
    this.count += 1;
  }

  get value(): number | undefined {
    return this.count === 0 ? undefined : this.sum / this.count;
  }
}

/** Collects losses between two log lines. */
export class LossWindow {
  private readonly scalars = new Map<LossName, Mean>(scalarLosses.map((name) => [name, new Mean()]));
  private readonly clip: Mean[] = [];
  private readonly dino: Mean[] = [];
  steps = 0;

  add(losses: StepLosses): void {
    this.steps += 1;
    for (const [name, mean] of this.scalars) mean.add(losses[name]);
    for (const [field, value] of losses.clip.entries()) (this.clip[field] ??= new Mean()).add(value);
    for (const [field, value] of losses.dino.entries()) (this.dino[field] ??= new Mean()).add(value);
  }

  means(): Pick<LogEntry, LossName | 'psnr' | 'clip' | 'dino'> {
    const entry: Partial<Record<LossName, number>> = {};
    for (const [name, { value }] of this.scalars) if (value !== undefined) entry[name] = value;
    const list = (means: Mean[]) => means.map(({ value }) => value).filter((value) => value !== undefined);
    const [clip, dino] = [list(this.clip), list(this.dino)];
    return {
      ...entry,
      ...(entry.rgb === undefined ? {} : { psnr: decibels(entry.rgb) }),
      ...(clip.length > 0 ? { clip } : {}),
      ...(dino.length > 0 ? { dino } : {}),
    };
  }
}

/** The losses that a step must compute; language per field. */
export interface ComputedLosses {
  rgb: boolean;
  clip: boolean[];
  dino: boolean[];
}

export function computedLosses(
  { languages }: TrainingBatch,
  { trainRadiance, trainLanguage }: StepSettings,
): ComputedLosses {
  return {
    rgb: trainRadiance,
    clip: languages.map(({ valid }) => trainLanguage && valid.includes(1)),
    dino: languages.map(({ dino }) => trainLanguage && dino !== undefined),
  };
}

/** Throws when a loss that the step must have computed is not a finite number. `where` names stage and step. */
export function requireFiniteLosses(losses: StepLosses, { rgb, clip, dino }: ComputedLosses, where: string): void {
  const computed: [string, number][] = [];
  if (rgb) computed.push(['rgb', losses.rgb]);
  for (const field of clip.keys()) {
    if (clip[field]) computed.push(['clip', losses.clip[field]]);
    if (dino[field]) computed.push(['dino', losses.dino[field]]);
  }
  for (const [name, value] of computed) if (!Number.isFinite(value)) throw diverged(`${name} loss is ${value}`, where);
}

/** The numbers of a training run have become infinite or undefined; going on, or saving them, is useless. */
export class DivergedError extends LangfieldError {}

export function diverged(what: string, where: string): DivergedError {
  return new DivergedError({
    problem: `training diverged ${where}: the ${what}; the last checkpoint is kept`,
    advice: 'Continue from it with --resume and lower rates (--fields-rate 0.005 --language-rate 0.005)',
  });
}
