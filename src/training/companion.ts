/**
 * Someone who watches a training and may hold it, such as the viewer's page (through TrainingMonitor). The loop knows
 * nothing else of who looks on, and computes the same numbers with and without a companion.
 */
import type { TrainingPosition } from '../field/checkpoint.ts';
import type { LogEntry } from './loss-window.ts';
import type { TrainingSettings } from './settings.ts';
import type { Stage } from './step-schedule.ts';

export interface TrainingPlan {
  stages: readonly Stage[];
  /** Names of the language fields, in the order of their losses. */
  fields: readonly string[];
  settings: Pick<TrainingSettings, 'minutes' | 'saveSeconds' | 'saveSteps'>;
  /** What the log holds of an earlier part of this training. */
  log: readonly LogEntry[];
}

export interface TrainingCompanion {
  /** Training is about to start or to go on; everything that it needs is ready. */
  begin(plan: TrainingPlan): void;
  /** @param from step and seconds of the stage that are already done */
  stageBegun(stage: Stage, from: Pick<TrainingPosition, 'step' | 'seconds'>): void;
  stepTaken(step: number): void;
  logged(entry: LogEntry): void;
  /** @param seconds what saving took */
  saved(position: TrainingPosition, seconds: number): void;
  /** Whether to save earlier than the settings say; asked between steps. */
  wantsSave(secondsSinceSave: number): boolean;
  /** A pause has been asked for: the state is saved, and the next `pass` holds. */
  readonly pausing: boolean;
  /** Awaited between steps; resolves at once, or when a pause ends. */
  pass(): Promise<void>;
}
