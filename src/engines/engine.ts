/**
 * The engine interface: what executes a scene. It is coarse on purpose, so that every engine may fuse as it likes:
 * one training step on a ray batch, rendering of rays, parameters in and out. `reference` (float64, plain
 * TypeScript) is the specification in code; `wasm` and `webgpu` are tested against it.
 */
import type { SceneConfig } from '../field/config.ts';
import type { TensorMap } from '../field/parameters.ts';

export type { TensorMap } from '../field/parameters.ts';

/** Rays in the scene frame; for training with the targets of every ray. */
export interface RayBundle {
  count: number;
  /** [rays, 3] scene units */
  origins: Float32Array;
  /** [rays, 3] unit length */
  directions: Float32Array;
}

export interface TrainingBatch extends RayBundle {
  /** [rays] training camera of each ray: row of the pose and appearance tables */
  cameras: Uint32Array;
  /** [rays, 3] sRGB in [0, 1] */
  colours: Float32Array;
  /**
   * [rays, 3] uniform in [0, 1): the stratified jitter of the initial sampler and of the two resamplings (spec §4.3,
   * §4.4). The batch carries it so that every engine draws the same samples.
   */
  jitter: Float32Array;
  /** One entry per language field of the scene, in the order of SceneConfig.languages; empty in a radiance-only step. */
  languages: LanguageTargets[];
}

export interface LanguageTargets {
  /** [rays] u in [0, 1): position in the range of tile ratios (spec §1.6) */
  scales: Float32Array;
  /** [rays, clipDim] interpolated tile embeddings; not unit length. Empty where `corners` are given instead. */
  clip: Float32Array;
  /** For engines that blend targets themselves (`Engine.blendsCorners`). */
  corners?: CornerTargets;
  /** [rays] 1 = the ray has a CLIP target, 0 = it is left out of the loss */
  valid: Uint8Array;
  /** [rays, dinoDim]; absent when the field has no DINO head */
  dino?: Float32Array;
  /** H0 / fy0 of training camera 0: turns u into the scale at a distance (spec §1.7) */
  heightOverFocal: number;
}

/** Targets as what they are interpolated from: clip[ray] = Σ shares[ray, k] · halves[ray, k] over eight corners. */
export interface CornerTargets {
  /** [rays, 8, clipDim] halves; what has no share may be anything */
  halves: Uint16Array;
  /** [rays, 8] */
  shares: Float32Array;
}

export interface LearningRates {
  proposal: number;
  fields: number;
  camera: number;
  language: number;
}

export interface StepSettings {
  /** Number of the step within its stage, for messages; bias corrections follow the engine's own counters per group. */
  step: number;
  /** Train the radiance field (proposals, fields, camera poses). False: frozen geometry, forward only, eval-mode poses stay applied. */
  trainRadiance: boolean;
  /** Train the language fields of `batch.languages`. */
  trainLanguage: boolean;
  /** Proposal networks get gradients in this step (spec §4.5). */
  updateProposals: boolean;
  /** Exponent a of w^a in resampling (spec §4.5). */
  anneal: number;
  learningRates: LearningRates;
}

/** Unweighted means as in spec §2.6; NaN when a term was not computed. */
export interface StepLosses {
  rgb: number;
  interlevel: number;
  distortion: number;
  pose: number;
  /** Per language field. CLIP includes its weight 0.1, as the original logs it. */
  clip: number[];
  dino: number[];
}

/** Phrase vectors of one query against one language field. */
export interface PhraseQuery {
  /** Index into SceneConfig.languages. */
  field: number;
  /** [phrases, clipDim] unit vectors */
  positives: Float32Array;
  /** [canonical, clipDim] unit vectors */
  negatives: Float32Array;
  /**
   * Scales fed to the network (spec §3.3). 'sweep': every phrase at every scale. 'kept': phrase i only at scales[i].
   */
  scales: Float32Array;
  mode: 'sweep' | 'kept';
}

/** Directions of CLIP space along which one language field is looked at. */
export interface ProjectionQuery {
  /** Index into SceneConfig.languages. */
  field: number;
  /** [directions, clipDim] at most `maximumTexts` of them, of any length */
  directions: Float32Array;
  /** Fed to the network (spec §3.3). */
  scale: number;
}

/** Texts, canonical ones included, or directions of one call at most; more are asked in several. */
export const maximumTexts = 256;

export interface RenderRequest {
  /** Add rgb, depth and accumulation. */
  appearance: boolean;
  query?: PhraseQuery;
  /** Add φ·d for every direction d: what a picture needs of the rendered embedding without any embedding per ray. */
  projections?: ProjectionQuery;
  /** Add the rendered DINO features of this language field. */
  dino?: { field: number };
}

export interface RenderResult {
  /** [rays, 3] in [0, 1] */
  rgb?: Float32Array;
  /** [rays] median depth along the ray, scene units */
  depth?: Float32Array;
  /** [rays] */
  accumulation?: Float32Array;
  /** 'sweep': [scales, phrases, rays]; 'kept': [phrases, rays]; values in (0, 1) */
  relevancy?: Float32Array;
  /** [directions, rays] φ·d, where φ is the rendered CLIP embedding of unit length; 0 where none is rendered */
  projections?: Float32Array;
  /** [rays, dinoDim] */
  dino?: Float32Array;
}

export interface OptimiserState {
  /** First and second moments per parameter. */
  first: TensorMap;
  second: TensorMap;
  /** Steps taken per parameter group (bias correction). */
  steps: Record<string, number>;
}

export interface Engine {
  readonly name: 'reference' | 'wasm' | 'webgpu';
  readonly config: SceneConfig;
  /**
   * For the log: where and in how much memory the scene is, and a line for everything that had to be switched off; absent
   * where there is nothing to say.
   */
  readonly summary?: string;
  /** The engine takes CLIP targets as corners, which are gathered faster than blended. */
  readonly blendsCorners?: boolean;
  trainStep(batch: TrainingBatch, settings: StepSettings): Promise<StepLosses>;
  /**
   * A step whose losses stay where they are until `collectLosses`: returns as soon as the batch may be refilled and another
   * step may follow. Absent in engines that have losses at once.
   */
  startStep?(batch: TrainingBatch, settings: StepSettings): Promise<void>;
  /** Losses of the steps started since the last call, oldest first. */
  collectLosses?(): Promise<StepLosses[]>;
  /**
   * Evaluation mode: no jitter, near plane 0, mean appearance, no pose refinement (spec §4.3, §4.1, §4.7). Calls may
   * overlap; they are served in order.
   */
  render(rays: RayBundle, request: RenderRequest): Promise<RenderResult>;
  readParameters(): Promise<TensorMap>;
  /** Every parameter must be present with its exact length. */
  writeParameters(parameters: TensorMap): Promise<void>;
  readOptimiser(): Promise<OptimiserState>;
  writeOptimiser(state: OptimiserState): Promise<void>;
  close(): Promise<void>;
}
