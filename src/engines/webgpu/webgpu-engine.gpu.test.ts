/**
 * Acceptance gates of the GPU engine against the float64 reference engine, on a scene with every feature on, on every
 * adapter of the machine:
 * - losses of a step within 1e-4 relative;
 * - gradient of every parameter tensor: relative L2 < 2e-3, cosine > 0.99999, |signed bias| < 1e-3 of the norm, no NaN;
 * - a ten-step training curve within 1 %, with losses read only at its end;
 * - from its state the CPU engine goes on with the same losses, within 1e-3.
 *
 * All tests share one engine, because software takes half a minute to compile its kernels; each starts from the same state.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeGpu } from '../../../test/gpu.ts';
import { floatsToHalves } from '../../formats/half.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import type { OptimiserState, StepSettings, TensorMap } from '../engine.ts';
import { compare, livelyParameters, raysInside, stillSettings, testBatch, testScene } from '../parity-scene.fixture.ts';
import { ReferenceEngine } from '../reference/reference-engine.ts';
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

const compileMilliseconds = 600_000;

describeGpu('GPU engine', (gpu) => {
  let engine: WebGpuEngine;
  beforeAll(async () => {
    const { opened } = await gpu.another();
    engine = await WebGpuEngine.create(config, platform, opened, { parameters, raysPerStep: 64, threads: 1 });
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
    for (const key of ['rgb', 'interlevel', 'distortion', 'pose'] as const)
      if (settings.trainRadiance) expect(losses[key] / expected.losses[key], key).toBeCloseTo(1, 4);
    if (settings.trainLanguage) {
      for (const field of [0, 1]) expect(losses.clip[field] / expected.losses.clip[field], 'clip').toBeCloseTo(1, 4);
      expect(losses.dino[0] / expected.losses.dino[0], 'dino').toBeCloseTo(1, 4);
    }
    const { first } = await engine.readOptimiser();
    for (const [name, moment] of first) {
      const gradient = expected.gradients.get(name);
      const found = moment.map((m) => m * 10);
      if (!gradient) {
        expect(Math.max(...found.map(Math.abs)), `${name} is not trained`).toBe(0);
        continue;
      }
      const { relative, cosine, bias, norm } = compare(found, gradient);
      if (norm === 0) continue;
      expect(relative, `relative L2 of ${name}`).toBeLessThan(2e-3);
      expect(cosine, `cosine of ${name}`).toBeGreaterThan(0.99999);
      expect(bias, `bias of ${name}`).toBeLessThan(1e-3);
    }
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

  it('draws pictures of the parameters as they are, with and without language', async () => {
    await restart();
    const rays = raysInside(5);
    const expected = await (await reference()).render(rays, { appearance: true, dino: { field: 0 } });
    const plain = await engine.render(rays, { appearance: true });
    expect(compare(plain.rgb!, expected.rgb!).relative).toBeLessThan(1e-3);
    expect(compare(plain.depth!, expected.depth!).relative).toBeLessThan(1e-3);
    const spoken = await engine.render(rays, { appearance: true, dino: { field: 0 } });
    expect(compare(spoken.dino!, expected.dino!).relative).toBeLessThan(1e-3);
    const learningRates = { proposal: 0, fields: 0.1, camera: 0, language: 0 };
    await engine.trainStep(batch, { ...stillSettings, learningRates });
    const moved = await engine.render(rays, { appearance: true });
    expect(compare(moved.rgb!, expected.rgb!).relative).toBeGreaterThan(1e-2);
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
    const options = { parameters, raysPerStep: 64, threads: 1, maxMemory: 1e5 };
    const refusal = /memory it may use.*parameters 0\.2 MB.*0\.1 MB or less.*--max-memory/;
    await expect(WebGpuEngine.create(config, platform, opened, options)).rejects.toThrow(refusal);
    opened.close();
  });

  it('says what to do when its device is lost, and can be closed', async () => {
    const { opened } = await gpu.another();
    const own = await WebGpuEngine.create(config, platform, opened, { parameters, raysPerStep: 64, threads: 1 });
    opened.device.destroy(); // behind the engine's back, as a driver would
    await opened.device.lost;
    await expect(own.startStep(batch, stillSettings)).rejects.toThrow(/the GPU was lost.*Resume the run from its last/);
    await expect(own.readParameters()).rejects.toThrow(/the GPU was lost/);
    await own.close();
  });
});
