/**
 * A scene with every feature on, small enough for the reference engine, with parameters, rays and targets that carry
 * signal; and the numbers by which engines are compared. For tests that hold an engine against the reference engine.
 */
import type { SceneConfig } from '../field/config.ts';
import { initialParameters } from '../field/initialise.ts';
import { randomInteger, randomNormal, randomUniform } from '../math/random.ts';
import type { PhraseQuery, RayBundle, StepSettings, TensorMap, TrainingBatch } from './engine.ts';

const cameras = 3;

export function testScene(): SceneConfig {
  return {
    cameras,
    radiance: {
      proposals: [
        {
          grid: { levels: 3, features: 2, log2Entries: 9, baseResolution: 4, maxResolution: 16 },
          hiddenWidth: 16,
          samples: 12,
        },
        {
          grid: { levels: 3, features: 2, log2Entries: 9, baseResolution: 4, maxResolution: 32 },
          hiddenWidth: 16,
          samples: 9,
        },
      ],
      samples: 7,
      grid: { levels: 4, features: 2, log2Entries: 10, baseResolution: 4, maxResolution: 48 },
      densityWidth: 32,
      geometryFeatures: 15,
      colourWidth: 32,
      colourLayers: 2,
      appearanceWidth: 8,
      poseRefinement: true,
      averageInitDensity: 1,
      near: 0.05,
      far: 1000,
      biases: 'padding',
    },
    languages: [
      {
        name: 'panoptic',
        grids: [
          { levels: 3, features: 4, log2Entries: 9, baseResolution: 4, maxResolution: 16 },
          { levels: 2, features: 4, log2Entries: 9, baseResolution: 16, maxResolution: 40 },
        ],
        hiddenWidth: 32,
        hiddenLayers: 2,
        clipDim: 24,
        dinoDim: 6,
        dinoWidth: 16,
        samples: 5,
        biases: 'padding',
      },
      {
        name: 'none',
        grids: [{ levels: 4, features: 8, log2Entries: 9, baseResolution: 4, maxResolution: 30 }],
        hiddenWidth: 48,
        hiddenLayers: 3,
        clipDim: 10,
        dinoDim: 0,
        dinoWidth: 16,
        samples: 4,
        biases: 'padding',
      },
    ],
  };
}

/** Parameters away from their tiny initial values, so that every path carries signal. */
export function livelyParameters(config: SceneConfig): TensorMap {
  const parameters = initialParameters(config, 5);
  let tensor = 0;
  for (const [name, values] of parameters) {
    tensor++;
    const size = name.includes('grid') ? 0.4 : name === 'camera.pose' ? 0.03 : 0;
    if (size > 0) for (let i = 0; i < values.length; i++) values[i] = size * randomNormal(11, 7, tensor, i);
  }
  return parameters;
}

export function raysInside(count: number): RayBundle {
  const origins = new Float32Array(count * 3);
  const directions = new Float32Array(count * 3);
  for (let r = 0; r < count; r++) {
    const direction = [0, 1, 2].map((axis) => randomNormal(21, 7, r, axis));
    const length = Math.hypot(...direction);
    for (let axis = 0; axis < 3; axis++) {
      origins[r * 3 + axis] = 0.6 * (randomUniform(22, 7, r, axis) - 0.5);
      directions[r * 3 + axis] = direction[axis] / length;
    }
  }
  return { count, origins, directions };
}

/** Two phrases against two canonical ones, at three scales. */
export function phraseQuery({ languages }: SceneConfig): PhraseQuery {
  const { clipDim } = languages[0];
  const texts = Float32Array.from({ length: 4 * clipDim }, (_, i) => randomNormal(41, 7, i) / Math.sqrt(clipDim));
  return {
    field: 0,
    positives: texts.subarray(0, 2 * clipDim),
    negatives: texts.subarray(2 * clipDim),
    scales: Float32Array.of(0, 0.4, 1.2),
    mode: 'sweep',
  };
}

export function testBatch(config: SceneConfig, count: number): TrainingBatch {
  const uniform = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => randomUniform(seed, 7, i));
  return {
    ...raysInside(count),
    cameras: Uint32Array.from({ length: count }, (_, r) => randomInteger(cameras, 23, 7, r)),
    colours: uniform(count * 3, 24),
    jitter: uniform(count * 3, 25),
    languages: config.languages.map(({ clipDim, dinoDim }, field) => ({
      scales: uniform(count, 26 + field),
      // Well inside the quadratic branch of the Huber loss, which is all that the factored form covers.
      clip: Float32Array.from(
        { length: count * clipDim },
        (_, i) => (0.4 * randomNormal(28 + field, 7, i)) / Math.sqrt(clipDim),
      ),
      valid: Uint8Array.from({ length: count }, (_, r) => (r % 7 === 3 ? 0 : 1)),
      dino: dinoDim > 0 ? Float32Array.from({ length: count * dinoDim }, (_, i) => randomNormal(30, 7, i)) : undefined,
      heightOverFocal: 0.8,
    })),
  };
}

export const stillSettings: StepSettings = {
  step: 0,
  trainRadiance: true,
  trainLanguage: true,
  updateProposals: true,
  anneal: 0.6,
  learningRates: { proposal: 0, fields: 0, camera: 0, language: 0 },
};

export function compare(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  let [difference, norm, own, product, bias] = [0, 0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
    own += actual[i] ** 2;
    product += actual[i] * expected[i];
    bias += actual[i] - expected[i];
  }
  const scale = Math.sqrt(norm);
  return {
    relative: Math.sqrt(difference) / Math.max(scale, 1e-20),
    cosine: product / Math.max(Math.sqrt(norm * own), 1e-30),
    bias: Math.abs(bias) / Math.max(scale * Math.sqrt(expected.length), 1e-20),
    norm: scale,
  };
}
