/**
 * A scene and a batch small enough for the reference engine: 16 rays, two language fields of which one has no DINO
 * head. For tests of engines; nothing here is trained on photographs. Parameters are spread so that densities,
 * features and poses are all well away from zero, which initial values are not.
 */
import type { HashGridConfig, LanguageConfig, SceneConfig } from '../../field/config.ts';
import { randomUniform, streams } from '../../math/random.ts';
import type { LanguageTargets, TrainingBatch } from '../engine.ts';
import type { Model } from './model.ts';
import type { Tensors } from './tensors.ts';

const grid = (levels: number, features: number, base: number, max: number, log2Entries: number): HashGridConfig => ({
  levels,
  features,
  log2Entries,
  baseResolution: base,
  maxResolution: max,
});

export function tinyConfig(): SceneConfig {
  const language: Omit<LanguageConfig, 'name' | 'dinoDim'> = {
    grids: [grid(2, 4, 4, 8, 8), grid(2, 4, 8, 16, 8)],
    hiddenWidth: 12,
    hiddenLayers: 2,
    clipDim: 10,
    dinoWidth: 12,
    samples: 4,
    biases: 'padding',
  };
  return {
    radiance: {
      proposals: [
        { grid: grid(2, 2, 4, 8, 8), hiddenWidth: 8, samples: 12 },
        { grid: grid(2, 2, 4, 12, 8), hiddenWidth: 8, samples: 9 },
      ],
      samples: 7,
      grid: grid(3, 2, 4, 16, 8),
      densityWidth: 16,
      geometryFeatures: 15,
      colourWidth: 16,
      colourLayers: 2,
      appearanceWidth: 4,
      poseRefinement: true,
      averageInitDensity: 1,
      near: 0.05,
      far: 100,
      biases: 'padding',
    },
    languages: [
      { ...language, name: 'panoptic', dinoDim: 6 },
      { ...language, name: 'none', dinoDim: 0 },
    ],
    cameras: 3,
  };
}

/** Uniform in [−1, 1). */
const spread = (stream: number, index: number): number => 2 * randomUniform(17, streams.scene, stream, index) - 1;

/** Grids ±1, poses ±0.05 with rotations past the 0.01 rad threshold, weights as initialised but from this file's seed. */
export function tinyParameters({ parameters }: Pick<Model, 'parameters'>): Tensors {
  let stream = 0;
  return new Map(
    Array.from(parameters.values(), ({ name, size, init }): [string, Float64Array] => {
      stream++;
      const reach = name.endsWith('.pose') ? 0.05 : init.kind === 'uniform' && !/\.grid/.test(name) ? init.bound : 1;
      return [name, Float64Array.from({ length: size }, (_, index) => reach * spread(stream, index))];
    }),
  );
}

const rayCount = 16;

function tinyTargets(clipDim: number, dinoDim: number, stream: number): LanguageTargets {
  const values = (length: number, offset: number, reach: number) =>
    Float32Array.from({ length }, (_, index) => reach * spread(stream + offset, index));
  return {
    scales: values(rayCount, 0, 1).map(Math.abs),
    clip: values(rayCount * clipDim, 1, 0.5),
    valid: Uint8Array.from({ length: rayCount }, (_, ray) => (ray === 11 ? 0 : 1)),
    dino: dinoDim > 0 ? values(rayCount * dinoDim, 2, 1) : undefined,
    heightOverFocal: 1.1,
  };
}

/** Rays from around (0, 0, 2) towards the origin, one of them without a CLIP target. */
export function tinyBatch(config: SceneConfig): TrainingBatch {
  const origins = new Float32Array(rayCount * 3);
  const directions = new Float32Array(rayCount * 3);
  for (let ray = 0; ray < rayCount; ray++) {
    const towards = [0.4 * spread(100, ray), 0.4 * spread(101, ray), -1];
    for (let axis = 0; axis < 3; axis++) {
      origins[ray * 3 + axis] = 0.3 * spread(102 + axis, ray) + (axis === 2 ? 1 : 0);
      directions[ray * 3 + axis] = towards[axis] / Math.hypot(...towards);
    }
  }
  return {
    count: rayCount,
    origins,
    directions,
    cameras: Uint32Array.from({ length: rayCount }, (_, ray) => ray % config.cameras),
    colours: Float32Array.from({ length: rayCount * 3 }, (_, index) => Math.abs(spread(110, index))),
    jitter: Float32Array.from({ length: rayCount * 3 }, (_, index) => Math.abs(spread(111, index))),
    languages: config.languages.map(({ clipDim, dinoDim }, index) => tinyTargets(clipDim, dinoDim, 120 + 10 * index)),
  };
}
