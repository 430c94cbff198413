/**
 * Draws the rays of a training step and looks up their targets (spec §1.1, §1.6, §1.7). Pixels are uniform with
 * replacement over all training photos, which may differ in size; masks are honoured by rejection. Every draw is a
 * pure function of (seed, step, ray), so that resuming or another thread count changes no batch. Stages draw from
 * separate ranges of counters. Geometry and networks are the engine's business.
 */
import type { LanguageTargets, TrainingBatch } from '../engines/engine.ts';
import type { Camera } from '../math/camera.ts';
import { randomInteger, randomUniform, streams } from '../math/random.ts';
import { type RayCaster, rayCaster } from '../math/rays.ts';
import type { LanguageSupervision } from '../pyramid/supervision.ts';

/** One photo to train on, at the resolution of the radiance field. */
export interface TrainingPhoto {
  /** Intrinsics for the pixels of `rgb`. */
  camera: Camera;
  /** [height, width, 3] sRGB; 255 or 65535 is white. */
  rgb: Uint8Array | Uint16Array;
  /** [height, width]; 0 = the pixel is not trained on. */
  mask?: Uint8Array;
  /** Index of this photo in the language supervision. */
  supervisionIndex: number;
}

/** Targets of one language field of the scene. */
export interface LanguageSource {
  supervision: LanguageSupervision;
  clipDim: number;
  /** 0 = the field has no DINO head. */
  dinoDim: number;
  /** Factor of the dense targets (dino-scale.ts); absent: 1. */
  dinoScale?: number;
}

export interface RayBatchesOptions {
  photos: readonly TrainingPhoto[];
  /** Language fields in the order of the scene. */
  languages: readonly LanguageSource[];
  seed: number;
  /** Rays per batch. */
  rays: number;
}

/** What a step needs. */
export interface BatchRequest {
  /** Number of the step over the whole training; the key of all its random numbers. */
  counter: number;
  language: boolean;
}

/** Rounds of rejection inside a mask; afterwards the next pixel of the mask is taken. */
const rejectionRounds = 100;
const scaleBins = 6;

/** Which numbers of the ray stream are what. */
const draws = { photo: 0, pixel: 1 } as const;

export class RayBatches {
  private readonly options: RayBatchesOptions;
  private readonly casters: RayCaster[];
  /** Trainable pixels of all photos up to and including this one. */
  private readonly cumulative: Float64Array;
  private readonly heightOverFocal: number;

  constructor(options: RayBatchesOptions) {
    this.options = options;
    this.casters = options.photos.map(({ camera }) => rayCaster(camera));
    this.cumulative = new Float64Array(options.photos.length);
    let total = 0;
    options.photos.forEach((photo, index) => {
      total += trainablePixels(photo);
      this.cumulative[index] = total;
    });
    if (total === 0) throw new Error('no pixel to train on');
    const first = options.photos[0].camera;
    this.heightOverFocal = first.height / first.fy;
  }

  /**
   * Memory for a batch; two of them let one be filled while the engine works on the other.
   * @param corners CLIP targets as corners, where the supervision can give them
   */
  allocate({ corners = false } = {}): TrainingBatch {
    const { rays, languages } = this.options;
    return {
      count: rays,
      origins: new Float32Array(rays * 3),
      directions: new Float32Array(rays * 3),
      cameras: new Uint32Array(rays),
      colours: new Float32Array(rays * 3),
      jitter: new Float32Array(rays * 3),
      languages: languages.map(({ supervision, clipDim, dinoDim }) => ({
        scales: new Float32Array(rays),
        ...(corners && supervision.lookupCorners
          ? {
              clip: new Float32Array(0),
              corners: { halves: new Uint16Array(rays * 8 * clipDim), shares: new Float32Array(rays * 8) },
            }
          : { clip: new Float32Array(rays * clipDim) }),
        valid: new Uint8Array(rays),
        dino: dinoDim > 0 ? new Float32Array(rays * dinoDim) : undefined,
        heightOverFocal: this.heightOverFocal,
      })),
    };
  }

  /**
   * Fills `memory` (from `allocate`) with the batch of a step. Without language targets the result has an empty
   * `languages` and shares everything else with `memory`.
   */
  prepare({ counter, language }: BatchRequest, memory: TrainingBatch): TrainingBatch {
    const { photos, seed, rays } = this.options;
    for (let ray = 0; ray < rays; ray++) {
      const index = this.drawPhoto(counter, ray);
      const photo = photos[index];
      const pixel = this.drawPixel(photo, counter, ray);
      const row = Math.floor(pixel / photo.camera.width);
      const col = pixel - row * photo.camera.width;
      memory.cameras[ray] = index;
      this.casters[index].direction(row, col, memory.directions, ray * 3);
      const pose = photo.camera.cameraToWorld;
      const white = photo.rgb instanceof Uint8Array ? 255 : 65_535;
      for (let axis = 0; axis < 3; axis++) {
        memory.origins[ray * 3 + axis] = pose[axis * 4 + 3];
        memory.colours[ray * 3 + axis] = photo.rgb[pixel * 3 + axis] / white;
        memory.jitter[ray * 3 + axis] = randomUniform(seed, streams.jitter, counter, ray, axis);
      }
      if (language) this.lookUp(photo, row, col, counter, ray, memory.languages);
    }
    return language ? memory : { ...memory, languages: [] };
  }

  /** Index of a photo, in proportion to its trainable pixels. */
  private drawPhoto(counter: number, ray: number): number {
    const { cumulative } = this;
    const total = cumulative[cumulative.length - 1];
    const target = randomInteger(total, this.options.seed, streams.rays, counter, ray, draws.photo);
    let [low, high] = [0, cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Row-major pixel index inside the photo's mask. */
  private drawPixel({ camera, mask }: TrainingPhoto, counter: number, ray: number): number {
    const pixels = camera.width * camera.height;
    const draw = (round: number) =>
      randomInteger(pixels, this.options.seed, streams.rays, counter, ray, draws.pixel + round);
    let pixel = draw(0);
    if (mask === undefined) return pixel;
    for (let round = 1; mask[pixel] === 0 && round < rejectionRounds; round++) pixel = draw(round);
    while (mask[pixel] === 0) pixel = (pixel + 1) % pixels;
    return pixel;
  }

  /** Language targets of one ray; all fields share its scale. */
  private lookUp(
    photo: TrainingPhoto,
    row: number,
    col: number,
    counter: number,
    ray: number,
    targets: LanguageTargets[],
  ): void {
    const { languages, seed } = this.options;
    const bin = randomInteger(scaleBins, seed, streams.scales, counter, ray, 0);
    const omega = randomUniform(seed, streams.scales, counter, ray, 1);
    languages.forEach(({ supervision, clipDim, dinoDim, dinoScale = 1 }, field) => {
      const { width, height } = supervision.photoSize(photo.supervisionIndex);
      // The pyramid knows the photo at its own resolution: take the pixel under this one's centre.
      const fullRow = Math.min(height - 1, Math.floor(((row + 0.5) * height) / photo.camera.height));
      const fullCol = Math.min(width - 1, Math.floor(((col + 0.5) * width) / photo.camera.width));
      const target = targets[field];
      const { corners, clip } = target;
      const index = photo.supervisionIndex;
      const found = corners
        ? supervision.lookupCorners!(index, fullRow, fullCol, bin, omega, corners.halves, corners.shares, ray)
        : supervision.lookupClip(index, fullRow, fullCol, bin, omega, clip, ray * clipDim);
      target.valid[ray] = found ? 1 : 0;
      target.scales[ray] = (bin + omega) / scaleBins;
      if (!found && corners) corners.shares.fill(0, ray * 8, (ray + 1) * 8);
      else if (!found) clip.fill(0, ray * clipDim, (ray + 1) * clipDim);
      if (dinoDim > 0 && target.dino !== undefined) {
        supervision.lookupDino(photo.supervisionIndex, fullRow, fullCol, target.dino, ray * dinoDim);
        if (dinoScale !== 1) for (let d = ray * dinoDim; d < (ray + 1) * dinoDim; d++) target.dino[d] *= dinoScale;
      }
    });
  }
}

function trainablePixels({ camera, mask }: TrainingPhoto): number {
  if (mask === undefined) return camera.width * camera.height;
  let count = 0;
  for (const value of mask) if (value !== 0) count++;
  return count;
}
