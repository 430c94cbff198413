/** Numbers of a training in words. */
import type { TrainingReport } from '../../../training/monitor.ts';

const stageNames: Record<string, string> = {
  radiance: 'Radiance field',
  language: 'Language fields',
  joint: 'Radiance and language',
};

export const stageName = (stage: string): string => stageNames[stage] ?? stage;

/** 12 000 */
export const grouped = (count: number): string => count.toLocaleString('en').replaceAll(',', '\u202f');

/** "12 s", "3 min", "1 h 02 min" */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export const pace = (stepsPerSecond: number): string =>
  `${stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0)} steps/s`;

/** What training is doing, in a few words. */
export function headline({ state, stage, work }: TrainingReport): string {
  const where = stage ? `${stageName(stage.name)}, step ${grouped(stage.step)} of ${grouped(stage.steps)}` : '';
  const words: Record<TrainingReport['state'], string> = {
    preparing: work ? `Preparing: ${work.what}` : 'Preparing',
    training: where,
    pausing: 'Pausing after this step',
    paused: `Paused. ${where}`,
    stopping: 'Saving and stopping',
    stopped: `Stopped and saved. ${where}`,
    finished: 'Training is finished',
    failed: 'Training has failed',
  };
  return words[state];
}

/** The newest numbers as a sentence for screen readers. */
export function spoken(report: TrainingReport): string {
  const { stepsPerSecond, secondsLeft, newest, state } = report;
  const parts = [headline(report)];
  if (state === 'training' && stepsPerSecond !== undefined) parts.push(pace(stepsPerSecond));
  if (state === 'training' && secondsLeft !== undefined) parts.push(`about ${duration(secondsLeft)} left`);
  if (newest?.psnr !== undefined) parts.push(`PSNR ${newest.psnr.toFixed(1)} decibels`);
  for (const name of ['clip', 'dino'] as const)
    if (newest?.[name]) parts.push(`${name.toUpperCase()} loss ${newest[name].map(short).join(' and ')}`);
  return parts.join(', ');
}

/** Three digits. */
export const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-5 ? value.toExponential(2) : value.toPrecision(3);

/** When the first picture comes, as the end of a sentence. */
export function firstPicture({ firstSave, stage }: TrainingReport): string {
  const { seconds, steps } = firstSave ?? {};
  const left = steps === undefined ? undefined : Math.max(0, steps - (stage?.step ?? 0));
  const parts = [
    seconds && `after about ${duration(seconds)} of training`,
    left && `after ${grouped(left)} more steps`,
  ];
  const known = parts.filter(Boolean).join(' or ');
  return known === '' ? 'when training saves for the first time' : known;
}
