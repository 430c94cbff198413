/**
 * Acceptance gates of the GPU engine against the float64 reference engine, on a scene with every feature on, on every
 * adapter of the machine:
 * - losses of a step within 1e-4 relative;
 * - gradient of every parameter tensor: relative L2 < 2e-3, cosine > 0.99999, |signed bias| < 1e-3 of the norm, no NaN;
 * - a ten-step training curve within 1 %, with losses read only at its end;
 * - from its state the CPU engine goes on with the same losses, within 1e-3;
 * - pictures, relevancy and dense features within 1e-3 of the CPU engine's, before and after training.
 *
 * All tests share one engine, because software takes half a minute to compile its kernels; each starts from the same state.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeGpu } from '../../../test/gpu.ts';
import { largestDifference } from '../../../test/numbers.ts';
import { floatsToHalves } from '../../formats/half.ts';
import { randomNormal } from '../../math/random.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import type { Engine, OptimiserState, PhraseQuery, RenderRequest, StepSettings, TensorMap } from '../engine.ts';
import { livelyParameters, raysInside, stillSettings, testBatch, testScene } from '../parity-scene.fixture.ts';
import { ReferenceEngine } from '../reference/reference-engine.ts';
import { expectSameStep } from '../step-gate.fixture.ts';
import { WasmEngine } from '../wasm/wasm-engine.ts';
import { WebGpuEngine } from './webgpu-engine.ts';

const platform = nodePlatform();
const config = testScene();
const parameters = livelyParameters(config);
const batch = testBatch(config, 45);

async function reference(): Promise<ReferenceEngine> {
  const engine = new ReferenceEngine(config);
  await engine.writeParameters(parameters);
  return engine;
}

const variants: [string, Partial<StepSettings>][] = [
  ['a joint step', {}],
  ['a step without proposal update', { updateProposals: false }],
  ['a radiance step', { trainLanguage: false }],
  ['a language step on frozen geometry', { trainRadiance: false }],
];

function phrasesFor(field: number): Pick<PhraseQuery, 'field' | 'positives' | 'negatives'> {
  const { clipDim } = config.languages[field];
  const texts = Float32Array.from(
    { length: 5 * clipDim },
    (_, i) => randomNormal(41 + field, 7, i) / Math.sqrt(clipDim),
  );
  return { field, positives: texts.subarray(0, 2 * clipDim), negatives: texts.subarray(2 * clipDim) };
}

const rays = raysInside(70);
const requests: [string, RenderRequest][] = [
  ['a picture', { appearance: true }],
  [
    'phrases at every scale',
    { appearance: true, query: { ...phrasesFor(0), scales: Float32Array.of(0, 0.4, 1.2), mode: 'sweep' } },
  ],
  [
    'phrases at their scales in another field',
    { appearance: false, query: { ...phrasesFor(1), scales: Float32Array.of(0.9, 0.1), mode: 'kept' } },
  ],
  ['dense features', { appearance: false, dino: { field: 0 } }],
];

/** Renders with both engines, whose parameters are the same. */
async function expectSamePictures(engine: Engine, other: Engine, request: RenderRequest, distinct = 50): Promise<void> {
  const [found, wanted] = [await engine.render(rays, request), await other.render(rays, request)];
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, values] of Object.entries(wanted) as [string, Float32Array][]) {
    const own = found[name as keyof typeof found]!;
    expect(own.length, name).toBe(values.length);
    expect(new Set(values).size, `${name} shows something`).toBeGreaterThan(distinct);
    const size = name === 'depth' || name === 'dino' ? values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) : 1;
    expect(largestDifference(own, values) / size, name).toBeLessThan(1e-3);
  }
}

const compileMilliseconds = 600_000;

describeGpu('GPU engine', (gpu) => {
  let engine: WebGpuEngine;
  beforeAll(async () => {
    const { opened } = await gpu.another();
    engine = await WebGpuEngine.create(config, opened, { parameters, raysPerStep: 64 });
    await engine.trainStep(batch, stillSettings);
  }, compileMilliseconds);
  afterAll(() => engine?.close());

  const restart = async () => {
    const zeros = (): TensorMap =>
      new Map([...parameters].map(([name, { length }]) => [name, new Float32Array(length)]));
    await engine.writeParameters(parameters);
    await engine.writeOptimiser({ first: zeros(), second: zeros(), steps: {} } satisfies OptimiserState);
  };

  it.each(variants)('finds gradients and losses of %s', async (_, change) => {
    const settings = { ...stillSettings, ...change };
    await restart();
    const losses = await engine.trainStep(batch, settings);
    const expected = await (await reference()).gradients(batch, settings);
    const { first } = await engine.readOptimiser();
    expectSameStep(losses, first, expected, settings);
  });

  it('follows a ten-step training curve, and hands over to the CPU engine', async () => {
    const learningRates = { proposal: 1e-3, fields: 1e-3, camera: 1e-4, language: 1e-3 };
    const settings = { ...stillSettings, learningRates };
    await restart();
    const expected = await reference();
    const curve = [];
    for (let step = 0; step < 10; step++) {
      await engine.startStep(batch, { ...settings, step });
      curve.push(await expected.trainStep(batch, { ...settings, step }));
    }
    const losses = await engine.collectLosses();
    expect(losses.length).toBe(10);
    for (const [step, wanted] of curve.entries()) {
      for (const key of ['rgb', 'interlevel', 'distortion', 'pose'] as const)
        expect(Math.abs(losses[step][key] / wanted[key] - 1), `${key} at step ${step}`).toBeLessThan(0.01);
      expect(Math.abs(losses[step].clip[0] / wanted.clip[0] - 1), `clip at step ${step}`).toBeLessThan(0.01);
      expect(Math.abs(losses[step].dino[0] / wanted.dino[0] - 1), `dino at step ${step}`).toBeLessThan(0.01);
    }

    const state = await engine.readOptimiser();
    expect(state.steps).toEqual({ proposal: 10, fields: 10, camera: 10, language: 10 });
    const heir = await WasmEngine.create(config, platform, {
      threads: 1,
      parameters: await engine.readParameters(),
      raysPerStep: 64,
    });
    await heir.writeOptimiser(state);
    for (let step = 10; step < 12; step++) {
      const [mine, its] = [await engine.trainStep(batch, settings), await heir.trainStep(batch, settings)];
      for (const key of ['rgb', 'interlevel', 'distortion', 'pose'] as const)
        expect(Math.abs(its[key] / mine[key] - 1), `${key} at step ${step}`).toBeLessThan(1e-3);
      for (const field of [0, 1]) expect(Math.abs(its.clip[field] / mine.clip[field] - 1)).toBeLessThan(1e-3);
    }
    await heir.close();
  });

  it('takes targets as corners and blends them', async () => {
    await restart();
    const expected = await engine.trainStep(batch, stillSettings);
    const languages = batch.languages.map(({ clip, valid, ...others }) => {
      const dim = clip.length / batch.count;
      // The target in two corners of a share each, and numbers that must not count in the six others.
      const corners = {
        halves: new Uint16Array(batch.count * 8 * dim).fill(0x7e00),
        shares: Float32Array.from({ length: batch.count * 8 }, (_, i) => [0, 0.25, 0, 0, 0, 0.75, 0, 0][i % 8]),
      };
      for (let ray = 0; ray < batch.count; ray++)
        for (const corner of [1, 5])
          corners.halves.set(floatsToHalves(clip.subarray(ray * dim, (ray + 1) * dim)), (8 * ray + corner) * dim);
      return { ...others, valid, clip: new Float32Array(0), corners };
    });
    await restart();
    const losses = await engine.trainStep({ ...batch, languages }, stillSettings);
    for (const field of [0, 1]) expect(Math.abs(losses.clip[field] / expected.clip[field] - 1)).toBeLessThan(1e-3);
  });

  describe('renders as the CPU engine does', () => {
    let other: WasmEngine;
    beforeAll(async () => {
      other = await WasmEngine.create(config, platform, { threads: 1, parameters, raysPerStep: 1 });
      await restart();
    });
    afterAll(() => other?.close());

    it.each(requests)('%s', { timeout: compileMilliseconds }, async (_, request) => {
      await expectSamePictures(engine, other, request);
    });

    it('parameters that a step has changed, and those that are written over them', async () => {
      const [, sweep] = requests[1];
      const before = await engine.render(rays, sweep);
      const learningRates = { proposal: 0.002, fields: 0.02, camera: 0, language: 0.02 };
      // Not awaited: a picture asked for after a step is one of the parameters after it.
      const step = engine.startStep(batch, { ...stillSettings, learningRates });
      const after = await engine.render(rays, sweep);
      await step;
      expect(largestDifference(after.rgb!, before.rgb!)).toBeGreaterThan(0.01);
      expect(largestDifference(after.relevancy!, before.relevancy!)).toBeGreaterThan(0.01);
      await other.writeParameters(await engine.readParameters());
      // A step this large may make most rays end in fog.
      await expectSamePictures(engine, other, sweep, 1);
      await engine.writeParameters(parameters);
      await other.writeParameters(parameters);
      await expectSamePictures(engine, other, sweep);
    });
  });

  it('takes batches of fewer rays than planned, and refuses larger ones', async () => {
    await restart();
    const few = testBatch(config, 7);
    const losses = await engine.trainStep(few, stillSettings);
    const expected = await (await reference()).gradients(few, stillSettings);
    for (const key of ['rgb', 'interlevel', 'distortion', 'pose'] as const)
      expect(losses[key] / expected.losses[key], key).toBeCloseTo(1, 4);
    expect(() => engine.startStep(testBatch(config, 65), stillSettings)).toThrow(/a batch of 65 rays; planned for 64/);
  });

  it('is refused more memory than it may take', async () => {
    const { opened } = await gpu.another();
    const options = { parameters, raysPerStep: 64, maxMemory: 1e5 };
    const refusal = /memory it may use.*parameters 0\.2 MB.*pictures .* MB.*0\.1 MB or less.*--max-memory/;
    await expect(WebGpuEngine.create(config, opened, options)).rejects.toThrow(refusal);
    opened.close();
  });

  it('refuses scenes that it could train but not show, and others that it could show but not train', async () => {
    const { opened } = await gpu.another();
    const create = (radiance: Partial<typeof config.radiance>) =>
      WebGpuEngine.create({ ...config, radiance: { ...config.radiance, ...radiance } }, opened, {
        parameters,
        raysPerStep: 64,
      });
    await expect(create({ colourLayers: 3 })).rejects.toThrow(/colourLayers.*3.*reference engine/);
    await expect(create({ densityWidth: 128 })).rejects.toThrow(
      /train radiance\.density \(found 8, 128, 16; expected 64 or less/,
    );
    await expect(create({ colourWidth: 68 })).rejects.toThrow(/train radiance\.colour.*15, 68, 3.*--device cpu/);
    opened.close();
  });

  it('says what to do when its device is lost, and can be closed', async () => {
    const { opened } = await gpu.another();
    const own = await WebGpuEngine.create(config, opened, { parameters, raysPerStep: 64 });
    opened.device.destroy(); // behind the engine's back, as a driver would
    await opened.device.lost;
    await expect(own.startStep(batch, stillSettings)).rejects.toThrow(/the GPU was lost.*Resume the run from its last/);
    await expect(own.readParameters()).rejects.toThrow(/the GPU was lost/);
    await own.close();
  });
});
