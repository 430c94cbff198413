/** The batch of a step on the GPU: rays with colours and jitter, targets of every language field, refined rays. */
import type { SceneConfig } from '../../field/config.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { LanguageTargets, TrainingBatch } from '../engine.ts';
import { type Arena, upload, viewOf } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { ArrayRequest, ArrayRequests } from './memory-plan.ts';

export interface RayArrays {
  /** [rays, 3] scene frame */
  origins: GpuArray<'f32'>;
  directions: GpuArray<'f32'>;
}

export interface TargetArrays {
  /** [rays] u in [0, 1) */
  scales: GpuArray<'f32'>;
  /** [rays, clipDim] */
  clip: GpuArray<'f32'>;
  /** What `clip` is blended from in batches with corners: [rays, 8, clipDim] halves, two to a word, and [rays, 8] */
  halves: GpuArray<'u32'>;
  shares: GpuArray<'f32'>;
  /** [rays] 0 or 1 */
  valid: GpuArray<'u32'>;
  /** [rays, dinoDim] */
  dino?: GpuArray<'f32'>;
}

export function batchRequests({ languages, radiance }: SceneConfig, rays: number): ArrayRequests {
  const floats = (width: number) => ({ scalar: 'f32', length: rays * width, purpose: 'batch' }) as const;
  const requests: Record<string, ArrayRequest> = {
    'batch.origins': floats(3),
    'batch.directions': floats(3),
    'batch.colours': floats(3),
    'batch.jitter': floats(3),
    'batch.cameras': { scalar: 'u32', length: rays, purpose: 'batch' },
  };
  if (radiance.poseRefinement)
    Object.assign(requests, { 'batch.refinedOrigins': floats(3), 'batch.refinedDirections': floats(3) });
  for (const [field, { clipDim, dinoDim }] of languages.entries()) {
    requests[`batch.${field}.scales`] = floats(1);
    requests[`batch.${field}.clip`] = floats(clipDim);
    requests[`batch.${field}.halves`] = { scalar: 'u32', length: rays * 4 * clipDim, purpose: 'batch' };
    requests[`batch.${field}.shares`] = floats(8);
    requests[`batch.${field}.valid`] = { scalar: 'u32', length: rays, purpose: 'batch' };
    if (dinoDim > 0) requests[`batch.${field}.dino`] = floats(dinoDim);
  }
  return requests;
}

export class BatchArrays {
  readonly #opened: OpenDevice;
  /** As the batch gives them. */
  readonly rays: RayArrays;
  /** After pose refinement; the same arrays in a scene without. */
  readonly refined: RayArrays;
  readonly colours: GpuArray<'f32'>;
  readonly jitter: GpuArray<'f32'>;
  readonly cameras: GpuArray<'u32'>;
  readonly targets: TargetArrays[];

  constructor(opened: OpenDevice, arena: Arena, { languages, radiance }: SceneConfig) {
    this.#opened = opened;
    const floats = (name: string) => arena.find('f32', `batch.${name}`);
    this.rays = { origins: floats('origins'), directions: floats('directions') };
    this.refined = radiance.poseRefinement
      ? { origins: floats('refinedOrigins'), directions: floats('refinedDirections') }
      : this.rays;
    this.colours = floats('colours');
    this.jitter = floats('jitter');
    this.cameras = arena.find('u32', 'batch.cameras');
    this.targets = languages.map(({ dinoDim }, field) => ({
      scales: floats(`${field}.scales`),
      clip: floats(`${field}.clip`),
      halves: arena.find('u32', `batch.${field}.halves`),
      shares: floats(`${field}.shares`),
      valid: arena.find('u32', `batch.${field}.valid`),
      dino: dinoDim > 0 ? floats(`${field}.dino`) : undefined,
    }));
  }

  /** Copies a batch of at most as many rays as planned; the batch may be refilled afterwards. */
  upload(batch: TrainingBatch): void {
    const { count, origins, directions, colours, jitter, cameras, languages } = batch;
    this.#floats(this.rays.origins, origins, 3 * count);
    this.#floats(this.rays.directions, directions, 3 * count);
    this.#floats(this.colours, colours, 3 * count);
    this.#floats(this.jitter, jitter, 3 * count);
    if (count > 0) upload(this.#opened, viewOf(this.#opened, this.cameras, 0, count), cameras.subarray(0, count));
    for (const [field, targets] of languages.entries()) this.#uploadTargets(this.targets[field], targets, count);
  }

  #uploadTargets(arrays: TargetArrays, { scales, clip, corners, valid, dino }: LanguageTargets, count: number): void {
    if (count === 0) return;
    this.#floats(arrays.scales, scales, count);
    if (corners) {
      const words = (arrays.halves.length / (arrays.shares.length / 8)) * count;
      const halves = new Uint32Array(corners.halves.buffer as ArrayBuffer, corners.halves.byteOffset, words);
      upload(this.#opened, viewOf(this.#opened, arrays.halves, 0, words), halves);
      this.#floats(arrays.shares, corners.shares, 8 * count);
    } else this.#floats(arrays.clip, clip, (clip.length / valid.length) * count);
    upload(this.#opened, viewOf(this.#opened, arrays.valid, 0, count), Uint32Array.from(valid.subarray(0, count)));
    if (arrays.dino && dino) this.#floats(arrays.dino, dino, (dino.length / valid.length) * count);
  }

  #floats(array: GpuArray<'f32'>, values: Float32Array, length: number): void {
    if (length > 0) upload(this.#opened, viewOf(this.#opened, array, 0, length), values.subarray(0, length));
  }
}
