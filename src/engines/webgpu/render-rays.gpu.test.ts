/**
 * Gates: rays rendered on the GPU against the CPU engine, on a scene with every feature on: rgb, accumulation, depth and
 * dense features within 1e-3, relevancy and projections within 1e-3, as the CPU engine is against the reference. Slices, parts and blocks
 * smaller than the rays give the same numbers as one.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeGpu, type GpuBench } from '../../../test/gpu.ts';
import { largestDifference, normals } from '../../../test/numbers.ts';
import type { SceneConfig } from '../../field/config.ts';
import { describeParameters } from '../../field/parameters.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import type { PhraseQuery, RenderRequest, RenderResult } from '../engine.ts';
import { livelyParameters, raysInside, testScene } from '../parity-scene.fixture.ts';
import { WasmEngine } from '../wasm/wasm-engine.ts';
import type { RenderSizes } from './render-memory.ts';
import { RenderParameters } from './render-parameters.ts';
import { RayRenderer } from './render-rays.ts';

/** The scene of the other engine tests, with an embedding that is wider than the hidden layer, and all samples chosen. */
function wideScene(): SceneConfig {
  const scene = testScene();
  const [panoptic, none] = scene.languages;
  return {
    ...scene,
    languages: [
      { ...panoptic, clipDim: 44 },
      { ...none, samples: scene.radiance.samples },
    ],
  };
}

function phrasesFor({ languages }: SceneConfig, field: number): Pick<PhraseQuery, 'field' | 'positives' | 'negatives'> {
  const { clipDim } = languages[field];
  const texts = normals(31 + field, 7 * clipDim).map((v) => v / Math.sqrt(clipDim));
  return { field, positives: texts.subarray(0, 3 * clipDim), negatives: texts.subarray(3 * clipDim) };
}

const config = wideScene();
const parameters = livelyParameters(config);
const rays = raysInside(70);
const scales = Float32Array.of(0, 0.3, 0.8, 1.5);
const requests: Record<string, RenderRequest> = {
  'a picture': { appearance: true },
  'a sweep': { appearance: true, query: { ...phrasesFor(config, 0), scales, mode: 'sweep' } },
  'kept scales of another field': {
    appearance: false,
    query: { ...phrasesFor(config, 1), scales: Float32Array.of(0.8, 0.1, 0.8), mode: 'kept' },
  },
  'dense features': { appearance: false, dino: { field: 0 } },
  'projections of a field at a scale': {
    appearance: false,
    projections: { field: 1, directions: phrasesFor(config, 1).negatives, scale: 0.4 },
  },
  'everything at once': {
    appearance: true,
    query: { ...phrasesFor(config, 0), scales: scales.subarray(0, 3), mode: 'kept' },
    projections: { field: 0, directions: phrasesFor(config, 0).negatives, scale: 0.7 },
    dino: { field: 0 },
  },
};
const results = ['rgb', 'depth', 'accumulation', 'relevancy', 'projections', 'dino'] as const;

function expectSame(actual: RenderResult, expected: RenderResult, gate: number): void {
  for (const name of results) {
    const [own, other] = [actual[name], expected[name]];
    expect(own?.length, name).toBe(other?.length);
    if (own && other) {
      const size = name === 'depth' ? Math.max(...other) : 1;
      expect(largestDifference(own, other) / size, name).toBeLessThan(gate);
    }
  }
}

describeGpu('ray renderer', (gpu: GpuBench) => {
  let [engine, scene]: [WasmEngine?, RenderParameters?] = [];
  const expected = new Map<string, RenderResult>();
  const renderer = (sizes: Partial<RenderSizes> = {}): Promise<RayRenderer> =>
    RayRenderer.create(gpu.opened, scene!, gpu.recorder, { rays: rays.count, sizes });

  beforeAll(async () => {
    engine = await WasmEngine.create(config, nodePlatform(), { threads: 1, parameters, raysPerStep: 1 });
    scene = await RenderParameters.create(gpu.opened, config, parameters);
    for (const [name, request] of Object.entries(requests)) expected.set(name, await engine.render(rays, request));
  });
  afterAll(async () => {
    await engine?.close();
    scene?.free();
  });

  for (const [name, request] of Object.entries(requests))
    it(`renders ${name} as the CPU engine does`, { timeout: 300_000 }, async () => {
      const whole = await renderer();
      const wanted = expected.get(name)!;
      // A scene in which something is to be seen, and phrases differ.
      if (wanted.relevancy) expect(new Set(wanted.relevancy).size).toBeGreaterThan(50);
      const once = await whole.render(rays, request);
      expectSame(once, wanted, 1e-3);
      whole.free();
      const pieces = await renderer({ partRays: 64, blockRays: 64, rows: 64 * 9, results: 66 * 12 });
      expectSame(await pieces.render(rays, request), once, 1e-5);
      pieces.free();
    });

  it('renders no rays, and follows changed parameters', async () => {
    const whole = await renderer();
    const none = await whole.render({ ...rays, count: 0 }, requests['a sweep']);
    expect([none.rgb?.length, none.relevancy?.length]).toEqual([0, 0]);
    const before = await whole.render(rays, requests['a sweep']);
    const other = new Map(parameters);
    for (const { name, size } of describeParameters(config))
      if (name.includes('clip.2') || name.includes('appearance')) other.set(name, normals(77, size));
    scene!.write(other);
    whole.markChanged();
    await engine!.writeParameters(other);
    const after = await whole.render(rays, requests['a sweep']);
    expect(largestDifference(after.relevancy!, before.relevancy!)).toBeGreaterThan(0.01);
    expect(largestDifference(after.rgb!, before.rgb!)).toBeGreaterThan(0.01);
    expectSame(after, await engine!.render(rays, requests['a sweep']), 1e-3);
    scene!.write(parameters);
    await engine!.writeParameters(parameters);
    whole.free();
  });

  it('lets no bad ray spoil the others', { timeout: 300_000 }, async () => {
    const whole = await renderer();
    const request = requests['a sweep'];
    const good = await whole.render(rays, request);
    const bad = { ...rays, origins: rays.origins.slice(), directions: rays.directions.slice() };
    bad.origins.fill(Number.NaN, 3 * 4, 3 * 5);
    bad.origins.fill(Number.POSITIVE_INFINITY, 3 * 5, 3 * 6);
    bad.directions.fill(0, 3 * 6, 3 * 7);
    bad.directions.fill(Number.NaN, 3 * 7, 3 * 8);
    const spoilt = await whole.render(bad, request);
    const others = (values: Float32Array, perRay: number, count = rays.count) =>
      values.filter((_, i) => ![4, 5, 6, 7].includes(Math.floor(i / perRay) % count));
    expect(Array.from(others(spoilt.rgb!, 3))).toEqual(Array.from(others(good.rgb!, 3)));
    expect(Array.from(others(spoilt.relevancy!, 1))).toEqual(Array.from(others(good.relevancy!, 1)));
    for (const value of [...spoilt.rgb!, ...spoilt.relevancy!]) expect(value >= 0 && value <= 1).toBe(true);
    whole.free();
  });

  it('says what it cannot do', async () => {
    const whole = await renderer();
    const { query } = requests['a sweep'];
    await expect(whole.render(rays, { appearance: false, query: { ...query!, field: 7 } })).rejects.toThrow(/field 7/);
    const kept = { ...query!, mode: 'kept' } as const;
    await expect(whole.render(rays, { appearance: false, query: kept })).rejects.toThrow(/3 phrases .* not 4/);
    whole.free();
    const foreign = { ...config, radiance: { ...config.radiance, biases: 'every-layer' } } as const;
    const arrays = { config: foreign, tensor: () => undefined, grid: () => [] };
    await expect(RayRenderer.create(gpu.opened, arrays, gpu.recorder, { rays: 1 })).rejects.toThrow(/every-layer/);
  });
});
