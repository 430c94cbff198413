/**
 * The training loop: stages of steps on an engine, with checkpoints, pictures, a log and an orderly stop. Preparing
 * the next batch overlaps with the engine's current step. Nothing here depends on time except when to save and to
 * report, so that a resumed run computes the same numbers as an uninterrupted one.
 */
import type { Engine, StepLosses, TrainingBatch } from '../engines/engine.ts';
import type { TrainingPosition } from '../field/checkpoint.ts';
import type { Progress } from '../platform/platform.ts';
import type { TrainingCompanion } from './companion.ts';
import { type LogEntry, LossWindow } from './loss-window.ts';
import type { RayBatches } from './ray-batches.ts';
import type { TrainingSettings } from './settings.ts';
import { type Stage, StepSchedule } from './step-schedule.ts';
import { StepTaker } from './step-taker.ts';

/** Stage name of a run that has nothing left to do. */
export const finishedStage = 'finished';

export interface TrainingLoopOptions {
  engine: Engine;
  batches: RayBatches;
  settings: TrainingSettings;
  stages: readonly Stage[];
  /** Where to go on; the beginning when absent. */
  start?: TrainingPosition;
  /** Keeps the engine's state; called between steps. */
  save(position: TrainingPosition): Promise<void>;
  /** Like `save`, but a failure must not end the training; called at intervals. */
  trySave(position: TrainingPosition): Promise<void>;
  /** Draws the scene as it is. */
  drawPictures(position: TrainingPosition): Promise<void>;
  writeLog(entry: LogEntry): Promise<void>;
  progress: Progress;
  /** Milliseconds. */
  now(): number;
  /** True once the user asked to stop. */
  stopRequested(): boolean;
  /** Watches, and may hold the loop between two steps. */
  companion?: TrainingCompanion;
}

export interface TrainingResult {
  outcome: 'finished' | 'stopped';
  position: TrainingPosition;
  /** Seconds that each stage of this call has taken, earlier calls included. */
  stageSeconds: Partial<Record<Stage['name'], number>>;
}

/** Runs what is left of the stages. Every stage ends with a checkpoint and pictures. */
export async function runTraining(options: TrainingLoopOptions): Promise<TrainingResult> {
  const { stages } = options;
  let position = options.start ?? beginning(stages, 0);
  const stageSeconds: TrainingResult['stageSeconds'] = {};
  while (position.stage !== finishedStage) {
    const index = stages.findIndex(({ name }) => name === position.stage);
    if (index < 0) throw new Error(`no stage is called ${position.stage}`);
    const { ended, position: reached } = await runStage(stages[index], position, options);
    stageSeconds[stages[index].name] = reached.seconds;
    position = ended ? beginning(stages, index + 1) : reached;
    await options.save(position);
    if (!ended) return { outcome: 'stopped', position, stageSeconds };
    await options.drawPictures(reached);
  }
  return { outcome: 'finished', position, stageSeconds };
}

function beginning(stages: readonly Stage[], index: number): TrainingPosition {
  return { stage: stages[index]?.name ?? finishedStage, step: 0, seconds: 0 };
}

/** The clocks of one stage: time spent, and when the last checkpoint and picture were made. */
class StageClock {
  private readonly now: () => number;
  private startedMs: number;
  private readonly before: number;
  private savedMs: number;
  private savedStep: number;
  private drawnMs: number;

  constructor(now: () => number, { step, seconds }: TrainingPosition) {
    this.now = now;
    this.before = seconds;
    this.startedMs = this.savedMs = this.drawnMs = now();
    this.savedStep = step;
  }

  get seconds(): number {
    return this.before + (this.now() - this.startedMs) / 1000;
  }

  /** Time that was spent waiting and belongs to nothing. */
  leaveOut(ms: number): void {
    this.startedMs += ms;
    this.savedMs += ms;
    this.drawnMs += ms;
  }

  get secondsSinceSave(): number {
    return (this.now() - this.savedMs) / 1000;
  }

  saveIsDue(step: number, { saveSeconds, saveSteps }: TrainingSettings): boolean {
    const byTime = saveSeconds > 0 && this.secondsSinceSave >= saveSeconds;
    return byTime || (saveSteps > 0 && step - this.savedStep >= saveSteps);
  }

  saved(step: number): void {
    this.savedMs = this.now();
    this.savedStep = step;
  }

  pictureIsDue({ pictureMinutes }: TrainingSettings): boolean {
    return pictureMinutes > 0 && this.now() - this.drawnMs >= pictureMinutes * 60_000;
  }

  drawn(): void {
    this.drawnMs = this.now();
  }
}

async function runStage(
  stage: Stage,
  from: TrainingPosition,
  options: TrainingLoopOptions,
): Promise<{ ended: boolean; position: TrainingPosition }> {
  const { batches, settings, progress, companion } = options;
  const clock = new StageClock(options.now, from);
  const reporter = new StageReporter(stage, clock, options);
  const schedule = new StepSchedule(stage.name, settings);
  const steps = new StepTaker(options.engine);
  const outOfTime = () => settings.minutes > 0 && clock.seconds >= settings.minutes * 60;
  const corners = options.engine.blendsCorners === true;
  const memory = [batches.allocate({ corners }), batches.allocate({ corners })];
  const prepare = (step: number) =>
    batches.prepare({ counter: stage.counterBase + step, language: stage.name !== 'radiance' }, memory[step % 2]);

  progress.start(stageTitles[stage.name], stage.steps);
  progress.update(from.step);
  companion?.stageBegun(stage, from);
  let step = from.step;
  const position = () => ({ stage: stage.name, step, seconds: clock.seconds });
  let batch = step < stage.steps ? prepare(step) : undefined;
  while (batch !== undefined && (await mayGoOn()) && !outOfTime()) {
    batch = await takeStep(step, batch, step + 1 < stage.steps ? () => prepare(step + 1) : undefined);
    step += 1;
    if (reporter.isDue(step)) await addMissingLosses();
    await reporter.afterStep(step);
    companion?.stepTaken(step);
    if (step < stage.steps) await keepAndDraw();
  }
  await addMissingLosses();
  await reporter.flush(step);
  const ended = batch === undefined || outOfTime();
  const stopped = step < stage.steps ? [`stopped after step ${step}`] : [];
  progress.finish([...stopped, reporter.summary].filter((part) => part !== '').join(', '));
  return { ended, position: position() };

  async function takeStep(
    step: number,
    current: TrainingBatch,
    prepareNext: (() => TrainingBatch) | undefined,
  ): Promise<TrainingBatch | undefined> {
    const running = steps.take(current, schedule.at(step), `in step ${step + 1} of the ${stage.name} stage`);
    // If preparing fails first, the failure of the step must not become an unhandled rejection.
    running.catch(() => {});
    const next = prepareNext?.();
    reporter.add(await running);
    return next;
  }

  /** Log lines are means over all steps since the line before, whenever the engine gives its losses away. */
  async function addMissingLosses(): Promise<void> {
    reporter.add(await steps.collect());
  }

  /** Between two steps: waits while training is paused; false when it is to stop. */
  async function mayGoOn(): Promise<boolean> {
    if (companion) {
      if (companion.pausing) await keep();
      const began = options.now();
      await companion.pass();
      clock.leaveOut(options.now() - began);
    }
    return !options.stopRequested();
  }

  async function keep(): Promise<void> {
    await addMissingLosses();
    await options.trySave(position());
    clock.saved(step);
  }

  async function keepAndDraw(): Promise<void> {
    if (clock.saveIsDue(step, settings) || companion?.wantsSave(clock.secondsSinceSave)) await keep();
    if (clock.pictureIsDue(settings)) {
      await options.drawPictures(position());
      clock.drawn();
    }
  }
}

const stageTitles: Record<Stage['name'], string> = {
  radiance: 'training the radiance field',
  language: 'training the language fields',
  joint: 'training radiance and language',
};

/** Turns losses into log lines and the note beside the progress bar. */
class StageReporter {
  private readonly stage: Stage;
  private readonly clock: StageClock;
  private readonly options: TrainingLoopOptions;
  private window = new LossWindow();
  private windowSeconds: number;
  summary = '';

  constructor(stage: Stage, clock: StageClock, options: TrainingLoopOptions) {
    this.stage = stage;
    this.clock = clock;
    this.options = options;
    this.windowSeconds = clock.seconds;
  }

  add(steps: readonly StepLosses[]): void {
    for (const losses of steps) this.window.add(losses);
  }

  /** Lines fall on fixed steps, whenever the run was interrupted. */
  isDue(step: number): boolean {
    return step % this.options.settings.logSteps === 0;
  }

  async afterStep(step: number): Promise<void> {
    if (this.isDue(step)) await this.flush(step);
    this.options.progress.update(step, this.summary);
  }

  async flush(step: number): Promise<void> {
    if (this.window.steps === 0) return;
    const { seconds } = this.clock;
    const entry: LogEntry = {
      stage: this.stage.name,
      step,
      seconds: rounded(seconds),
      stepsPerSecond: rounded(this.window.steps / Math.max(1e-6, seconds - this.windowSeconds)),
      ...this.window.means(),
    };
    this.summary = describeEntry(entry);
    this.window = new LossWindow();
    this.windowSeconds = seconds;
    this.options.companion?.logged(entry);
    await this.options.writeLog(entry);
  }
}

const rounded = (value: number): number => Number(value.toPrecision(5));

/** "23.1 dB, clip 0.021, 14.2 steps/s" */
export function describeEntry({ psnr, clip, dino, stepsPerSecond }: LogEntry): string {
  const list = (name: string, values: number[] | undefined) =>
    values === undefined ? '' : `${name} ${values.map((value) => value.toPrecision(3)).join(' ')}`;
  const parts = [
    psnr === undefined ? '' : `${psnr.toFixed(1)} dB`,
    list('clip', clip),
    list('dino', dino),
    `${stepsPerSecond.toFixed(stepsPerSecond < 10 ? 2 : 1)} steps/s`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
