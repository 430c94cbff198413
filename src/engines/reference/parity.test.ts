/**
 * Parity with the original, end to end (vectors 10-lerf-end2end): its model in train mode and an eval frame with two
 * phrases, recorded in float32. Gates: outputs 1e-5 relative (5e-5 for
 * relevancy, whose exponent multiplies by 10), gradients 1e-4 relative to the tensor's largest entry,
 * chosen scales exact. The recorded model is nerfstudio's torch fallback, hence the parity options and biases.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../../test/shared.ts';
import type { HashGridConfig, SceneConfig } from '../../field/config.ts';
import { lossWeights } from '../../field/config.ts';
import { chooseScales } from '../../ops/relevancy/relevancy.ts';
import type { StepLosses, StepSettings, TensorMap, TrainingBatch } from '../engine.ts';
import { trainingGeometry, trainingShading } from './forward-radiance.ts';
import { chooseLanguageSamples, encodeLanguage, renderClip, renderDino, trainingScales } from './language.ts';
import type { ParityOptions } from './model.ts';
import { buildModel } from './model.ts';
import { ReferenceEngine } from './reference-engine.ts';
import { evaluationRounds } from './render.ts';
import { toFloat64 } from './tensors.ts';

const grid = (
  levels: number,
  features: number,
  baseResolution: number,
  maxResolution: number,
  log2Entries: number,
): HashGridConfig => ({ levels, features, log2Entries, baseResolution, maxResolution });

const config: SceneConfig = {
  radiance: {
    proposals: [
      { grid: grid(2, 2, 4, 8, 6), hiddenWidth: 8, samples: 10 },
      { grid: grid(2, 2, 4, 12, 6), hiddenWidth: 8, samples: 8 },
    ],
    samples: 7,
    grid: grid(3, 2, 4, 16, 7),
    densityWidth: 16,
    geometryFeatures: 15,
    colourWidth: 16,
    colourLayers: 2,
    appearanceWidth: 3,
    poseRefinement: true,
    averageInitDensity: 1,
    near: 0.05,
    far: 1000,
    biases: 'every-layer',
  },
  languages: [
    {
      name: 'lerf',
      grids: [grid(2, 4, 4, 8, 6), grid(2, 4, 8, 16, 6)],
      hiddenWidth: 16,
      hiddenLayers: 2,
      clipDim: 8,
      dinoDim: 6,
      dinoWidth: 16,
      samples: 4,
      biases: 'none',
    },
  ],
  cameras: 3,
};
const parity: ParityOptions = { torchHashGrid: true, mappedDirections: true, withoutJitter: true };
const settings: StepSettings = {
  step: 0,
  trainRadiance: true,
  trainLanguage: true,
  updateProposals: true,
  anneal: 1,
  learningRates: { proposal: 0, fields: 0, camera: 0, language: 0 },
};

/** Our parameter for each of theirs. */
const theirNames: Record<string, string> = {
  'radiance.appearance': 'field.embedding_appearance.embedding.weight',
  'radiance.grid': 'field.mlp_base.model.0.hash_table',
  'camera.pose': 'camera_optimizer.pose_adjustment',
  'language.lerf.grid.0': 'lerf_field.clip_encs.0.enc.hash_table',
  'language.lerf.grid.1': 'lerf_field.clip_encs.1.enc.hash_table',
  'proposal.0.grid': 'proposal_networks.0.encoding.hash_table',
  'proposal.1.grid': 'proposal_networks.1.encoding.hash_table',
};
const theirLayers: Record<string, string> = {
  'radiance.density': 'field.mlp_base.model.1.layers',
  'radiance.colour': 'field.mlp_head.layers',
  'proposal.0.mlp': 'proposal_networks.0.mlp_base.1.layers',
  'proposal.1.mlp': 'proposal_networks.1.mlp_base.1.layers',
  'language.lerf.clip': 'lerf_field.clip_net.layers',
  'language.lerf.dino': 'lerf_field.dino_net.layers',
};

function theirName(name: string): string {
  if (theirNames[name]) return theirNames[name];
  const prefix = Object.keys(theirLayers).find((key) => name.startsWith(`${key}.`))!;
  return theirLayers[prefix] + name.slice(prefix.length);
}

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  relative = 1e-5,
  absolute = 1e-6,
): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i] - expected[i]), `${what}[${i}]: ${actual[i]} for ${expected[i]}`).toBeLessThanOrEqual(
      absolute + relative * Math.abs(expected[i]),
    );
}

describe.skipIf(!hasShared)('the recorded model', () => {
  const { arrays, meta } = hasShared ? readVectors('10-lerf-end2end') : { arrays: {}, meta: {} };
  const data = (name: string) => Float32Array.from(arrays[name].data);
  const model = buildModel(config, parity);

  /** Their array in our layout: linear weights are transposed to [inputs, outputs]. */
  function inOurLayout(kind: 'param' | 'grad', name: string): Float32Array {
    const { shape, data: values } = arrays[`${kind}:${theirName(name)}`];
    if (!/\.\d\.weight$/.test(name)) return Float32Array.from(values);
    const [outputs, inputs] = shape;
    return Float32Array.from({ length: values.length }, (_, i) => {
      return values[(i % outputs) * inputs + Math.floor(i / outputs)];
    });
  }

  const parameters: TensorMap = new Map();
  let batch: TrainingBatch;
  let engine: ReferenceEngine;
  beforeAll(async () => {
    for (const name of model.parameters.keys()) parameters.set(name, inOurLayout('param', name));
    batch = {
      count: 6,
      origins: data('ray_origins'),
      directions: data('ray_directions'),
      cameras: Uint32Array.from(data('ray_camera')),
      colours: data('target_image'),
      jitter: new Float32Array(18),
      languages: [
        {
          scales: data('clip_scales'),
          clip: data('target_clip'),
          valid: new Uint8Array(6).fill(1),
          dino: data('target_dino'),
          heightOverFocal: (meta.height as number) / (meta.fy as number),
        },
      ],
    };
    engine = new ReferenceEngine(config, { parity });
    await engine.writeParameters(parameters);
  });

  it('covers every recorded parameter', () => {
    const recorded = Object.keys(arrays).filter((name) => name.startsWith('param:'));
    expect([...model.parameters.keys()].map((name) => `param:${theirName(name)}`).sort()).toEqual(recorded.sort());
  });

  it('places samples, weights, colours and depths as recorded in train mode', () => {
    const tensors = toFloat64(parameters);
    const geometry = trainingGeometry(model, tensors, batch, settings.anneal);
    geometry.rounds.forEach(({ spacing, weights }, round) => {
      expectClose(spacing, data(`train_edges_${round}`), `edges of round ${round}`);
      expectClose(weights, data(`train_weights_${round}`), `weights of round ${round}`);
    });
    expectClose(trainingShading(model, tensors, batch, geometry).rgb, data('train_rgb'), 'rgb');
  });

  it('renders embeddings of the recorded samples in train mode', () => {
    const tensors = toFloat64(parameters);
    const { final, rays } = trainingGeometry(model, tensors, batch, settings.anneal);
    const [language] = config.languages;
    const samples = chooseLanguageSamples(final, rays, language.samples);
    const scales = trainingScales(samples, batch.languages[0]);
    // The recorded order within a ray is arbitrary.
    const byFirst = (rows: number[][]) => rows.sort((a, b) => a[0] - b[0]).flat();
    const positions = data('train_lerf_positions');
    const theirScales = data('train_lerf_scales');
    for (let ray = 0; ray < 6; ray++) {
      const indices = [0, 1, 2, 3].map((j) => ray * 4 + j);
      const ours = indices.map((i) => [scales[i], ...samples.points.slice(i * 3, i * 3 + 3)]);
      const theirs = indices.map((i) => [theirScales[i], ...positions.slice(i * 3, i * 3 + 3)]);
      expectClose(byFirst(ours), byFirst(theirs), `samples of ray ${ray}`);
    }
    const encoded = encodeLanguage(model, tensors, language, samples.points);
    expectClose(renderClip(model, tensors, language, samples, encoded, scales), data('train_clip'), 'clip');
    expectClose(renderDino(model, tensors, language, samples, encoded), data('train_dino'), 'dino');
  });

  it('has the recorded losses and every recorded gradient', async () => {
    const { losses, gradients } = await engine.gradients(batch, settings);
    const recorded = (name: string) => data(`loss_${name}`)[0];
    expect(losses.rgb).toBeCloseTo(recorded('rgb_loss'), 6);
    expect(losses.interlevel * lossWeights.interlevel).toBeCloseTo(recorded('interlevel_loss'), 6);
    expect(losses.distortion * lossWeights.distortion).toBeCloseTo(recorded('distortion_loss'), 7);
    expect(losses.pose).toBeCloseTo(recorded('camera_opt_regularizer'), 8);
    expect(losses.clip[0]).toBeCloseTo(recorded('clip_loss'), 6);
    expect(losses.dino[0] / recorded('dino_loss')).toBeCloseTo(1, 5);
    expect(total(losses) / recorded('total')).toBeCloseTo(1, 5);
    for (const name of model.parameters.keys()) {
      const expected = inOurLayout('grad', name);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // In the recorded state the first proposal network covers the final weights everywhere.
      expect(largest > 0, name).toBe(!name.startsWith('proposal.0.'));
      expectClose(gradients.get(name)!, expected, name, 0, 1e-4 * largest);
    }
  });

  it('renders the recorded eval frame and chooses the recorded scales', async () => {
    const rays = evalRays(data('eval_c2w'), meta.eval_camera as EvalCamera);
    const query = { field: 0, positives: data('pos_embeds'), negatives: data('neg_embeds') };
    const scales = data('eval_scales');
    const sweep = await engine.render(rays, {
      appearance: true,
      query: { ...query, scales, mode: 'sweep' },
      dino: { field: 0 },
    });
    for (const output of ['rgb', 'depth', 'accumulation', 'dino'] as const)
      expectClose(sweep[output]!, data(`eval_${output}`), output, 2e-5, 2e-6);
    for (let scale = 0; scale < 5; scale++)
      for (let phrase = 0; phrase < 2; phrase++)
        for (let ray = 0; ray < 20; ray++) {
          const chunk = Math.floor(ray / 8);
          const size = chunk < 2 ? 8 : 4;
          const theirs = data(`eval_scan_chunk_${chunk}`)[(scale * 2 + phrase) * size + (ray % 8)];
          expect(sweep.relevancy![(scale * 2 + phrase) * 20 + ray]).toBeCloseTo(theirs, 5);
        }
    const kept = Float32Array.from(chooseScales(sweep.relevancy!, 5, 2), ({ index }) => scales[index]);
    expect(kept).toEqual(data('eval_final_scales'));
    const frame = await engine.render(rays, { appearance: false, query: { ...query, scales: kept, mode: 'kept' } });
    expect(frame.rgb).toBeUndefined();
    expectClose(
      frame.relevancy!,
      Float32Array.from([...data('eval_relevancy_0'), ...data('eval_relevancy_1')]),
      'relevancy',
      5e-5,
    );
  });

  it('starts eval rays at the camera', () => {
    const camera = evalRays(data('eval_c2w'), meta.eval_camera as EvalCamera);
    const rays = {
      count: 20,
      origins: Float64Array.from(camera.origins),
      directions: Float64Array.from(camera.directions),
    };
    expect(evaluationRounds(model, toFloat64(parameters), rays)[0].distances[0]).toBe(0);
  });
});

const total = ({ rgb, interlevel, distortion, pose, clip, dino }: StepLosses): number =>
  rgb + lossWeights.interlevel * interlevel + lossWeights.distortion * distortion + pose + clip[0] + dino[0];

interface EvalCamera {
  fx: number;
  fy: number;
  cx: number;
  cy: number;
  width: number;
  height: number;
}

/** Rays of a pinhole camera, row by row (spec §4.8). */
function evalRays(cameraToWorld: Float32Array, { fx, fy, cx, cy, width, height }: EvalCamera) {
  const count = width * height;
  const origins = new Float32Array(count * 3);
  const directions = new Float32Array(count * 3);
  for (let ray = 0; ray < count; ray++) {
    const inCamera = [((ray % width) + 0.5 - cx) / fx, -(Math.floor(ray / width) + 0.5 - cy) / fy, -1];
    const length = Math.hypot(...inCamera);
    for (let axis = 0; axis < 3; axis++) {
      origins[ray * 3 + axis] = cameraToWorld[axis * 4 + 3];
      directions[ray * 3 + axis] =
        [0, 1, 2].reduce((sum, k) => sum + cameraToWorld[axis * 4 + k] * inCamera[k], 0) / length;
    }
  }
  return { count, origins, directions };
}
