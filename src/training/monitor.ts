/**
 * A training as others see it and steer it: numbers and curves to read at any time, and pause, resume and stop. It is
 * the one authority on the state; whoever shows it (the viewer's server) asks for a report and is told of changes.
 */
import type { TrainingPosition } from '../field/checkpoint.ts';
import type { Progress } from '../platform/platform.ts';
import type { TrainingCompanion, TrainingPlan } from './companion.ts';
import { type CurveChange, type CurveMark, Curves } from './curves.ts';
import { firstSaveSeconds, liveSaveIsDue } from './live-pace.ts';
import type { LogEntry } from './loss-window.ts';
import { StepRate } from './step-rate.ts';
import type { Stage } from './step-schedule.ts';

/** `pausing` and `stopping` last until the running step is done and saved. */
export type TrainingState =
  | 'preparing'
  | 'training'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'finished'
  | 'failed';

export const trainingActions = ['pause', 'resume', 'stop'] as const;
export type TrainingAction = (typeof trainingActions)[number];

export interface TrainingReport {
  state: TrainingState;
  /** What is done before training: reading photos, encoding tiles. */
  work?: { what: string; done: number; total: number };
  stages: { name: string; steps: number }[];
  /** Names of the language fields. */
  fields: string[];
  /** The running stage, or the last one; `step` steps of it are done. */
  stage?: { name: string; step: number; steps: number };
  stepsPerSecond?: number;
  /** Until the end of the stage. */
  secondsLeft?: number;
  newest?: LogEntry;
  /** The state on disk, which is what can be looked at. */
  saved?: { stage: string; step: number };
  /** When there is something to look at for the first time: after so many seconds or steps of training. */
  firstSave?: { seconds?: number; steps?: number };
  /** Why training failed. */
  error?: string;
  /** The command that goes on with a training that was stopped. */
  goOnWith?: string;
}

export interface MonitorOptions {
  /** Milliseconds. */
  now(): number;
  /** Whether to save more often while someone looks on (live-pace.ts). */
  paced: boolean;
  goOnWith: string;
}

/** A turn for the rest of the process at least so often, ms: an engine may compute without ever waiting. */
const breathMs = 250;

export class TrainingMonitor implements TrainingCompanion {
  private readonly options: MonitorOptions;
  private readonly curves = new Curves();
  private readonly rate: StepRate;
  private readonly listeners = new Set<(urgent: boolean) => void>();
  private current: TrainingState = 'preparing';
  private plan: TrainingPlan | undefined;
  private work: TrainingReport['work'];
  private stage: TrainingReport['stage'];
  private newest: LogEntry | undefined;
  private lastSave: TrainingReport['saved'];
  private saveCost = 0;
  private error: string | undefined;
  private release: (() => void) | undefined;
  private breathedMs: number;

  constructor(options: MonitorOptions) {
    this.options = options;
    this.rate = new StepRate(options.now);
    this.breathedMs = options.now();
  }

  get state(): TrainingState {
    return this.current;
  }

  /** Whether training has come to its first step. */
  get begun(): boolean {
    return this.plan !== undefined;
  }

  get report(): TrainingReport {
    const { plan, options, rate, stage } = this;
    const left = stage && rate.secondsLeft(stage, plan?.settings.minutes ?? 0);
    return {
      state: this.current,
      work: this.work,
      stages: (plan?.stages ?? []).map(({ name, steps }) => ({ name, steps })),
      fields: [...(plan?.fields ?? [])],
      stage,
      stepsPerSecond: rate.stepsPerSecond,
      secondsLeft: left,
      newest: this.newest,
      saved: this.lastSave,
      firstSave: this.firstSave(),
      error: this.error,
      goOnWith: this.current === 'stopped' || this.current === 'failed' ? options.goOnWith : undefined,
    };
  }

  curvesSince(mark: CurveMark): CurveChange[] {
    return this.curves.since(mark);
  }

  /** Calls `listener` after every change, `urgent` when the state itself has changed; returns the way to end that. */
  subscribe(listener: (urgent: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Does what was asked; asking for what already is so changes nothing. False when it is too early or too late for it. */
  act(action: TrainingAction): boolean {
    const running = ['training', 'pausing', 'paused'].includes(this.current);
    if (action === 'stop') {
      if (running) this.stop();
      return running || this.current === 'stopping';
    }
    if (!running) return false;
    if (action === 'pause' && this.current === 'training') this.become('pausing');
    if (action === 'resume') this.resume();
    return true;
  }

  /** Asks the loop to save and end; also before it has begun. */
  stop(): void {
    if (['stopped', 'finished', 'failed'].includes(this.current)) return;
    this.become('stopping');
    this.letGo();
  }

  get stopRequested(): boolean {
    return this.current === 'stopping';
  }

  ended(outcome: 'finished' | 'stopped'): void {
    this.become(outcome);
  }

  failed(message: string): void {
    this.error = message;
    this.become('failed');
  }

  /** Shows what a progress is told before training begins. */
  observed(progress: Progress): Progress {
    const note = (work: TrainingReport['work']) => {
      if (this.begun) return;
      this.work = work;
      this.changed(false);
    };
    return {
      start: (what, total) => {
        note({ what, done: 0, total });
        progress.start(what, total);
      },
      update: (done, text) => {
        if (this.work) note({ ...this.work, done });
        progress.update(done, text);
      },
      finish: (text) => {
        note(undefined);
        progress.finish(text);
      },
      log: (line) => progress.log(line),
      warn: (line) => progress.warn(line),
    };
  }

  begin(plan: TrainingPlan): void {
    this.plan = plan;
    this.work = undefined;
    for (const entry of plan.log) this.curves.add(entry);
    this.newest = plan.log.at(-1);
    if (this.current === 'preparing') this.become('training');
  }

  stageBegun({ name, steps }: Stage, { step, seconds }: Pick<TrainingPosition, 'step' | 'seconds'>): void {
    this.stage = { name, step, steps };
    this.rate.begin(step, seconds);
    this.changed(true);
  }

  stepTaken(step: number): void {
    if (this.stage) this.stage = { ...this.stage, step };
    this.rate.stepTaken(step);
    this.changed(false);
  }

  logged(entry: LogEntry): void {
    this.newest = entry;
    this.curves.add(entry);
    this.changed(false);
  }

  saved({ stage, step }: TrainingPosition, seconds: number): void {
    this.lastSave = { stage, step };
    this.saveCost = seconds;
    this.changed(true);
  }

  wantsSave(sinceSave: number): boolean {
    const watched = this.options.paced && this.listeners.size > 0;
    return watched && liveSaveIsDue({ sinceSave, trained: this.rate.trainedSeconds, cost: this.saveCost });
  }

  get pausing(): boolean {
    return this.current === 'pausing';
  }

  async pass(): Promise<void> {
    if (this.pausing) await this.hold();
    const { now } = this.options;
    if (now() - this.breathedMs < breathMs) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.breathedMs = now();
  }

  private async hold(): Promise<void> {
    const released = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    this.rate.pause();
    this.become('paused');
    await released;
    this.rate.goOn();
  }

  private resume(): void {
    if (this.current === 'training') return;
    this.become('training');
    this.letGo();
  }

  private letGo(): void {
    this.release?.();
    this.release = undefined;
  }

  private firstSave(): TrainingReport['firstSave'] {
    const { saveSeconds, saveSteps } = this.plan?.settings ?? {};
    const seconds = this.options.paced ? firstSaveSeconds : saveSeconds;
    return { ...(seconds && { seconds }), ...(saveSteps && { steps: saveSteps }) };
  }

  private become(state: TrainingState): void {
    if (this.current === state) return;
    this.current = state;
    this.changed(true);
  }

  private changed(urgent: boolean): void {
    for (const listener of this.listeners) listener(urgent);
  }
}
