import { describe, expect, it } from 'vitest';
import { WasmEngine } from '../../engines/wasm/wasm-engine.ts';
import { serveThread } from '../../engines/wasm/serve-thread.ts';
import { presetConfig } from '../../field/config.ts';
import { initialParameters } from '../../field/initialise.ts';
import { nodePlatform } from '../node/index.ts';
import { inlineWorker } from './inline-worker.ts';

describe('a worker on the own thread', () => {
  it('answers in order, lets other events in between, and dies when terminated', async () => {
    const worker = inlineWorker<number>((reply) => (value) => reply(value * 2));
    let between = false;
    setTimeout(() => (between = true), 0);
    worker.send(1);
    worker.send(2);
    expect(await worker.receive()).toBe(2);
    expect(await worker.receive()).toBe(4);
    for (let round = 0; round < 100_000 && !between; round++) {
      worker.send(0);
      await worker.receive();
    }
    expect(between).toBe(true);
    await worker.terminate();
    await expect(worker.receive()).rejects.toThrow(/terminated/);
    expect(() => worker.send(3)).toThrow(/terminated/);
  });

  it('runs the CPU engine to the same picture as a thread of its own', async () => {
    const platform = nodePlatform();
    const config = presetConfig('small', 2, []);
    const parameters = initialParameters(config, 7);
    const rays = {
      count: 40,
      origins: new Float32Array(120),
      directions: Float32Array.from({ length: 120 }, (_, i) => [0.6, 0, 0.8][(i + Math.floor(i / 3)) % 3]),
    };
    const render = async (spawnWorker: typeof platform.spawnWorker) => {
      const machine = { loadKernels: platform.loadKernels, spawnWorker };
      const engine = await WasmEngine.create(config, machine, { threads: 1, raysPerStep: 1, parameters });
      const { rgb } = await engine.render(rays, { appearance: true });
      await engine.close();
      return rgb;
    };
    expect(await render(() => inlineWorker(serveThread))).toEqual(await render(platform.spawnWorker));
  });
});
