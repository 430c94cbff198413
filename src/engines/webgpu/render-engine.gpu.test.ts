/**
 * The GPU engine that only renders, on every adapter: pictures and relevancy within 1e-3 of the CPU engine's, before and
 * after new parameters; memory for the parameters once, and none for training.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeGpu } from '../../../test/gpu.ts';
import { largestDifference } from '../../../test/numbers.ts';
import { describeParameters } from '../../field/parameters.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import { createEngine } from '../create-engine.ts';
import type { RenderRequest } from '../engine.ts';
import {
  livelyParameters,
  phraseQuery,
  raysInside,
  stillSettings,
  testBatch,
  testScene,
} from '../parity-scene.fixture.ts';
import { WebGpuRenderEngine } from './render-engine.ts';

const config = testScene();
const parameters = livelyParameters(config);
const rays = raysInside(70);
const sweep: RenderRequest = { appearance: true, query: phraseQuery(config) };
const compileMilliseconds = 600_000;

describeGpu('GPU engine for rendering', (gpu) => {
  let engine: WebGpuRenderEngine;
  beforeAll(async () => {
    const { opened } = await gpu.another();
    engine = await WebGpuRenderEngine.create(config, opened, { parameters, fastPaths: { halfTables: 'off' } });
  }, compileMilliseconds);
  afterAll(() => engine?.close());

  it('holds the parameters once and nothing of training', () => {
    const numbers = describeParameters(config).reduce((sum, { size }) => sum + size, 0);
    const bytes = new Map(engine.plan.parts.map((part) => [part.purpose, part.bytes]));
    expect([...bytes.keys()]).toEqual(['parameters', 'pictures']);
    expect(bytes.get('parameters')).toBeGreaterThanOrEqual(4 * numbers);
    expect(bytes.get('parameters')).toBeLessThan(1.05 * 4 * numbers);
  });

  it('renders as the CPU engine does, also parameters that are written over others', {
    timeout: compileMilliseconds,
  }, async () => {
    const cpu = await createEngine('wasm', config, parameters, nodePlatform(), { threads: 1, raysPerStep: 1 });
    const expectSame = async () => {
      const [found, wanted] = await Promise.all([engine.render(rays, sweep), cpu.render(rays, sweep)]);
      const farthest = Math.max(...wanted.depth!);
      for (const name of ['rgb', 'accumulation', 'relevancy'] as const)
        expect(largestDifference(found[name]!, wanted[name]!), name).toBeLessThan(1e-3);
      expect(largestDifference(found.depth!, wanted.depth!) / farthest).toBeLessThan(1e-3);
      return found;
    };
    const before = await expectSame();
    expect(new Set(before.relevancy).size).toBeGreaterThan(50);
    const others = new Map(parameters);
    for (const [name, values] of parameters)
      if (name.includes('clip'))
        others.set(
          name,
          values.map((v) => -v),
        );
    await Promise.all([engine.writeParameters(others), cpu.writeParameters(others)]);
    const after = await expectSame();
    expect(largestDifference(after.relevancy!, before.relevancy!)).toBeGreaterThan(0.01);
    expect(await engine.readParameters()).toEqual(others);
    await cpu.close();
  });

  it('does not train, and is refused more memory than it may take', async () => {
    await expect(engine.trainStep(testBatch(config, 4), stillSettings)).rejects.toThrow(/made to render/);
    const { opened } = await gpu.another();
    const refusal = /memory it may use.*parameters .* MB, pictures .* MB.*0\.1 MB or less/;
    await expect(WebGpuRenderEngine.create(config, opened, { parameters, maxMemory: 1e5 })).rejects.toThrow(refusal);
    opened.close();
  });

  it('says so when its GPU is lost, and not when it is closed', async () => {
    const [lost, kept] = [await gpu.another(), await gpu.another()];
    const engines = await Promise.all(
      [lost, kept].map(({ opened }) => WebGpuRenderEngine.create(config, opened, { parameters })),
    );
    let closedFailed = false;
    void engines[1].failure.then(() => {
      closedFailed = true;
    });
    await engines[1].close();
    lost.opened.device.destroy(); // behind the engine's back, as a driver would
    expect((await engines[0].failure).message).toMatch(/the GPU was lost/);
    await expect(engines[0].render(rays, sweep)).rejects.toThrow(/the GPU was lost/);
    await engines[0].close();
    expect(closedFailed).toBe(false);
  });
});
