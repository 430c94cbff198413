/** What the engine's main thread and its workers say to each other. Buffers are addresses in the shared memory. */

import type { SceneConfig } from '../../field/config.ts';
import type { ParameterGroup } from '../../field/parameters.ts';
import type { QueryPlan } from './language-query.ts';
import type { ParameterAddresses } from './thread-context.ts';

/** Inputs of a training step and sinks of ray gradients; see TrainingBatch for shapes. */
export interface BatchAddresses {
  origins: number;
  directions: number;
  gradOrigins: number;
  gradDirections: number;
  colours: number;
  jitter: number;
  /** u32 [rays] */
  cameras: number;
  languages: { scales: number; clip: number; valid: number; dino: number }[];
}

/** Inputs and results of a rendering call of at most `renderRays` rays. */
export interface RenderAddresses {
  origins: number;
  directions: number;
  rgb: number;
  depth: number;
  accumulation: number;
  /** Per language field [rays, padded dinoDim]; 0 without a DINO head. */
  dino: number[];
}

export interface EnginePlan {
  config: SceneConfig;
  threads: number;
  /** Rays that a thread works on at a time. */
  tileRays: number;
  parameters: ParameterAddresses;
  sharedStart: number;
  /** Scratch of thread t starts at scratchStart + t · scratchStride. */
  scratchStart: number;
  scratchStride: number;
  zeros: number;
  barrier: number;
  /** f64 loss slots of thread t: losses + t · lossStride. */
  losses: number;
  lossStride: number;
  batch: BatchAddresses;
  render: RenderAddresses;
}

/** One group's optimiser update of a step. */
export interface GroupUpdate {
  group: ParameterGroup;
  rate: number;
  correction1: number;
  correction2: number;
  /** Absent = Adam. rect 0 = not rectified yet. */
  radam?: { rect: number; weightDecay: number };
}

export interface TrainCommand {
  kind: 'train';
  rays: number;
  trainRadiance: boolean;
  trainLanguage: boolean;
  updateProposals: boolean;
  refinePoses: boolean;
  anneal: number;
  languages: { heightOverFocal: number; validRays: number; dino: boolean }[];
  updates: GroupUpdate[];
}

export interface RenderCommand {
  kind: 'render';
  rays: number;
  /** Parameters changed since weights were packed last. */
  repack: boolean;
  appearance: boolean;
  query?: QueryPlan;
  dino?: { field: number };
}

export interface StartCommand {
  kind: 'start';
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  plan: EnginePlan;
  thread: number;
}

export type ThreadCommand = StartCommand | TrainCommand | RenderCommand;

export type ThreadReply =
  | { kind: 'done' /** Gradients that were not finite in this thread's optimiser share. */; lostGradients: number }
  | { kind: 'failed'; message: string; stack: string };
