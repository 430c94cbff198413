/**
 * Acceptance gates of the CPU engine against the float64 reference engine, on scenes with every feature on:
 * - losses of a step and gradient of every parameter tensor: step-gate.fixture.ts;
 * - rendered colour, depth, accumulation, relevancy and projections within 1e-3;
 * - a ten-step training curve within 1 %;
 * - one and two threads agree to rounding, and the same thread count gives the same bytes.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { SceneConfig } from '../field/config.ts';
import { randomNormal } from '../math/random.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { StepSettings } from './engine.ts';
import { compare, livelyParameters, raysInside, stillSettings, testBatch, testScene } from './parity-scene.fixture.ts';
import { ReferenceEngine } from './reference/reference-engine.ts';
import { expectSameStep } from './step-gate.fixture.ts';
import { WasmEngine } from './wasm/wasm-engine.ts';

const platform = nodePlatform();

describe('CPU engine against the reference engine', () => {
  const config = testScene();
  const parameters = livelyParameters(config);
  const batch = testBatch(config, 45);
  const engines: WasmEngine[] = [];
  const wasm = async (threads: number) => {
    const engine = await WasmEngine.create(config, platform, { threads, parameters, raysPerStep: 64 });
    engines.push(engine);
    return engine;
  };
  const reference = async () => {
    const engine = new ReferenceEngine(config);
    await engine.writeParameters(parameters);
    return engine;
  };
  afterAll(() => Promise.all(engines.map((engine) => engine.close())));

  const variants: [string, Partial<StepSettings>][] = [
    ['a joint step', {}],
    ['a step without proposal update', { updateProposals: false }],
    ['a radiance step', { trainLanguage: false }],
    ['a language step on frozen geometry', { trainRadiance: false }],
  ];
  it.each(variants)('gradients and losses of %s', async (_, change) => {
    const settings = { ...stillSettings, ...change };
    const engine = await wasm(2);
    const losses = await engine.trainStep(batch, settings);
    const expected = await (await reference()).gradients(batch, settings);
    const { first } = await engine.readOptimiser();
    expectSameStep(losses, first, expected, settings);
  });

  it('refuses scenes that its kernels cannot compute', async () => {
    const [first, ...others] = config.languages;
    const create = (change: Partial<SceneConfig>) =>
      WasmEngine.create({ ...config, ...change }, platform, { threads: 1, parameters, raysPerStep: 1 });
    await expect(create({ languages: [{ ...first, hiddenWidth: 12 }, ...others] })).rejects.toThrow('of 16');
    await expect(create({ radiance: { ...config.radiance, biases: 'every-layer' } })).rejects.toThrow('biases');
    const grid = { ...config.radiance.grid, features: 4 };
    await expect(create({ radiance: { ...config.radiance, grid } })).rejects.toThrow('features');
  });

  it('renders the same pictures and relevancy', async () => {
    const engine = await wasm(2);
    const rays = raysInside(53);
    const unit = (count: number, dim: number, seed: number) => {
      const rows = Float32Array.from({ length: count * dim }, (_, i) => randomNormal(seed, 7, i));
      for (let row = 0; row < count; row++) {
        const length = Math.hypot(...rows.subarray(row * dim, (row + 1) * dim));
        for (let c = 0; c < dim; c++) rows[row * dim + c] /= length;
      }
      return rows;
    };
    const scales = Float32Array.of(0, 0.4, 1.1);
    for (const field of [0, 1]) {
      const dim = config.languages[field].clipDim;
      const query = { field, positives: unit(3, dim, 40), negatives: unit(4, dim, 41), scales };
      for (const mode of ['sweep', 'kept'] as const) {
        const request = {
          appearance: true,
          query: { ...query, mode },
          projections: { field, directions: unit(5, dim, 42), scale: 0.7 },
          dino: field === 0 ? { field } : undefined,
        };
        const actual = await engine.render(rays, request);
        const expected = await (await reference()).render(rays, request);
        for (const key of ['rgb', 'depth', 'accumulation', 'relevancy', 'projections', 'dino'] as const) {
          const [a, e] = [actual[key], expected[key]];
          if (!e) continue;
          expect(a?.length, key).toBe(e.length);
          expect(compare(a ?? [], e).relative, `${key}, field ${field}, ${mode}`).toBeLessThan(1e-3);
        }
      }
    }
  });

  it('serves pictures that are asked for at the same time in order, new parameters between them', async () => {
    const engine = await wasm(2);
    const [some, others] = [raysInside(20), raysInside(33)];
    const dark = new Map(parameters).set('radiance.grid', new Float32Array(parameters.get('radiance.grid')!.length));
    const alone = [await engine.render(some, { appearance: true }), await engine.render(others, { appearance: true })];
    const [first, second, , third] = await Promise.all([
      engine.render(some, { appearance: true }),
      engine.render(others, { appearance: true }),
      engine.writeParameters(dark),
      engine.render(some, { appearance: true }),
    ]);
    expect([first, second]).toEqual(alone);
    expect(third.rgb).not.toEqual(first.rgb);
    expect(third).toEqual(await engine.render(some, { appearance: true }));
  });

  it('follows a ten-step training curve, and one thread agrees with two', async () => {
    const settings = {
      ...stillSettings,
      learningRates: { proposal: 1e-3, fields: 1e-3, camera: 1e-4, language: 1e-3 },
    };
    const [one, two, again, expected] = [await wasm(1), await wasm(2), await wasm(2), await reference()];
    for (let step = 0; step < 10; step++) {
      const at = { ...settings, step };
      const curve = await Promise.all([one, two, again, expected].map((engine) => engine.trainStep(batch, at)));
      for (const key of ['rgb', 'interlevel', 'distortion'] as const) {
        expect(curve[1][key] / curve[3][key], `${key} at step ${step}`).toBeCloseTo(1, 1);
        expect(Math.abs(curve[0][key] / curve[1][key] - 1), `${key}, threads`).toBeLessThan(0.01);
      }
      expect(Math.abs(curve[1].rgb / curve[3].rgb - 1)).toBeLessThan(0.01);
      expect(Math.abs(curve[1].clip[0] / curve[3].clip[0] - 1)).toBeLessThan(0.01);
    }
    const [a, b] = [await two.readParameters(), await again.readParameters()];
    for (const [name, values] of a)
      expect(
        Buffer.compare(Buffer.from(values.buffer), Buffer.from(b.get(name)?.buffer ?? new ArrayBuffer(0))),
        name,
      ).toBe(0);
  });
});
