/**
 * The scenes of the benchmarks with a 512-wide encoder and 384-wide dense features, and random batches for
 * it: rays start inside the camera cube, as in a normalised capture.
 */
import type { RayBundle, TrainingBatch } from '../src/engines/engine.ts';
import { type PresetName, presetConfig, type SceneConfig } from '../src/field/config.ts';
import { randomInteger, randomNormal, randomUniform } from '../src/math/random.ts';

export const benchCameras = 50;

export const smallScene = (): SceneConfig => benchScene('small');

/** A preset with one language field; `big` has the wider encoder that LERF pairs it with. */
export function benchScene(preset: PresetName): SceneConfig {
  const clipDim = preset === 'big' ? 768 : 512;
  return presetConfig(preset, benchCameras, [{ name: 'panoptic', clipDim, dinoDim: 384 }]);
}

const stream = 77;

export function randomRays(count: number, seed: number): RayBundle {
  const origins = new Float32Array(count * 3);
  const directions = new Float32Array(count * 3);
  for (let r = 0; r < count; r++) {
    const direction = [0, 1, 2].map((axis) => randomNormal(seed, stream, r, axis));
    const length = Math.hypot(...direction);
    for (let axis = 0; axis < 3; axis++) {
      origins[r * 3 + axis] = 2 * randomUniform(seed + 1, stream, r, axis) - 1;
      directions[r * 3 + axis] = direction[axis] / length;
    }
  }
  return { count, origins, directions };
}

export function randomBatch(config: SceneConfig, count: number, seed: number): TrainingBatch {
  const uniform = (length: number, offset: number) =>
    Float32Array.from({ length }, (_, i) => randomUniform(seed + offset, stream, i));
  const normals = (length: number, offset: number, size: number) =>
    Float32Array.from({ length }, (_, i) => size * randomNormal(seed + offset, stream, i));
  return {
    ...randomRays(count, seed),
    cameras: Uint32Array.from({ length: count }, (_, r) => randomInteger(benchCameras, seed + 2, stream, r)),
    colours: uniform(count * 3, 3),
    jitter: uniform(count * 3, 4),
    languages: config.languages.map(({ clipDim, dinoDim }) => ({
      scales: uniform(count, 5),
      clip: normals(count * clipDim, 6, 0.9 / Math.sqrt(clipDim)),
      valid: new Uint8Array(count).fill(1),
      dino: dinoDim > 0 ? normals(count * dinoDim, 7, 1) : undefined,
      heightOverFocal: 0.8,
    })),
  };
}
