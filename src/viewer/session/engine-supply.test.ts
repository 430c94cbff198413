import { beforeEach, describe, expect, it } from 'vitest';
import { analyticEngine } from '../../../test/analytic-engine.ts';
import type { Engine, TensorMap } from '../../engines/engine.ts';
import { LangfieldError } from '../../errors.ts';
import { type EngineStatus, triesWebGpu, type WebGpuPlace } from './engine-status.ts';
import { type EngineMakers, EngineSupply, type GpuEngine } from './engine-supply.ts';

const scene = { languages: [], depth: 1, relevancy: () => 0 };

interface Fake extends Engine {
  closed: boolean;
  written: TensorMap[];
}
interface FakeGpu extends Fake, GpuEngine {
  lose(): void;
}

function fake(name: Engine['name']): Fake {
  const own: Fake = {
    ...analyticEngine(scene),
    name,
    closed: false,
    written: [],
    async writeParameters(parameters) {
      own.written.push(parameters);
    },
    async close() {
      own.closed = true;
    },
  };
  return own;
}

function fakeGpu(): FakeGpu {
  let lose = () => {};
  const failure = new Promise<Error>((resolve) => {
    lose = () => resolve(new Error('lost'));
  });
  return Object.assign(fake('webgpu'), { device: 'tester', failure, lose });
}

const parameters: TensorMap = new Map();
let place: WebGpuPlace;
let made: Fake[];
let statuses: EngineStatus[];
let faults: unknown[];
/** Engines in the order in which the session got them. */
let used: Engine[];
let makers: EngineMakers;
let supply: EngineSupply;
const user = {
  async useEngine(engine: Engine) {
    used.push(engine);
  },
};
const last = <T>(values: readonly T[]): T => values[values.length - 1];
const gpus = () => made.filter((engine): engine is FakeGpu => engine.name === 'webgpu');

beforeEach(async () => {
  place = 'hardware';
  [made, statuses, faults, used] = [[], [], [], []];
  makers = {
    async cpu() {
      made.push(fake('wasm'));
      return last(made);
    },
    async gpu() {
      made.push(fakeGpu());
      return last(made) as FakeGpu;
    },
    webGpu: async () => place,
    disagreement: async () => undefined,
  };
  supply = new EngineSupply(
    makers,
    parameters,
    (status) => statuses.push(status),
    (error) => faults.push(error),
  );
  expect((await supply.open()).name).toBe('wasm');
});

/** Until nothing is left to do: changes of engines are a handful of promises. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the choice', () => {
  it.each([
    ['auto', 'hardware', true],
    ['auto', 'software', false],
    ['auto', 'none', false],
    ['auto', 'absent', false],
    ['webgpu', 'hardware', true],
    ['webgpu', 'software', true],
    ['webgpu', 'insecure', false],
    ['wasm', 'hardware', false],
  ] as const)('%s where WebGPU is %s: %s', (choice, where, tried) => {
    expect(triesWebGpu(choice, where)).toBe(tried);
  });

  it('takes WebGPU over from WebAssembly, whose engine is closed', async () => {
    await supply.choose('auto', user);
    expect(used).toEqual([gpus()[0]]);
    expect(made[0].closed).toBe(true);
    expect(statuses).toEqual([{ name: 'webgpu', device: 'tester' }]);
  });

  it('says what is missing, and never opens a GPU that was not wanted', async () => {
    place = 'software';
    await supply.choose('auto', user);
    expect(statuses).toEqual([{ name: 'wasm', lack: 'software' }]);
    place = 'absent';
    await supply.choose('webgpu', user);
    expect(last(statuses)).toEqual({ name: 'wasm', lack: 'absent' });
    await supply.choose('wasm', user);
    expect(last(statuses)).toEqual({ name: 'wasm' });
    expect(made).toHaveLength(1);
    expect(used).toEqual([]);
  });

  it('takes software for who asks for it, and says that it is slow', async () => {
    place = 'software';
    await supply.choose('webgpu', user);
    expect(statuses).toEqual([{ name: 'webgpu', device: 'tester', note: expect.stringMatching(/software.*slower/) }]);
  });

  it('goes back to WebAssembly when that is chosen', async () => {
    await supply.choose('auto', user);
    await supply.choose('wasm', user);
    expect(used.map(({ name }) => name)).toEqual(['webgpu', 'wasm']);
    expect(gpus()[0].closed).toBe(true);
    expect(last(statuses)).toEqual({ name: 'wasm' });
  });
});

describe('the fallback', () => {
  it('does not use a GPU that shows something else, and says so', async () => {
    makers.disagreement = async () => 'rgb differs by 0.4';
    await supply.choose('auto', user);
    expect(used).toEqual([]);
    expect(gpus()[0].closed).toBe(true);
    expect(made[0].closed).toBe(false);
    expect(last(statuses).note).toMatch(/GPU answered wrongly \(rgb differs by 0\.4\).*WebAssembly renders instead/);
  });

  it('says what a GPU lacks, without advice for the command line', async () => {
    makers.gpu = async () => {
      const fault = { problem: 'the GPU has not enough memory', expected: '3 GB free', advice: 'Use --device cpu' };
      throw new LangfieldError(fault);
    };
    await supply.choose('auto', user);
    const { name, note } = last(statuses);
    expect(name).toBe('wasm');
    expect(note).toMatch(/given up: the GPU has not enough memory \(needed: 3 GB free\)\. WebAssembly/);
    expect(note).not.toMatch(/--device/);
    expect(faults).toEqual([]);
  });

  it('gives the GPU the parameters that came while it was opened', async () => {
    const newer: TensorMap = new Map([['x', Float32Array.of(1)]]);
    makers.disagreement = async () => {
      supply.parameters = newer;
      return undefined;
    };
    await supply.choose('auto', user);
    expect(gpus()[0].written).toEqual([newer]);
  });
});

describe('a lost GPU', () => {
  beforeEach(() => supply.choose('auto', user));

  it('is opened anew once, with WebAssembly in between; then WebAssembly stays', async () => {
    gpus()[0].lose();
    await settle();
    expect(used.map(({ name }) => name)).toEqual(['webgpu', 'wasm', 'webgpu']);
    expect(statuses.slice(1).map(({ name, note }) => [name, note])).toEqual([
      ['wasm', expect.stringMatching(/stopped working.*while it is opened again/)],
      ['webgpu', expect.stringMatching(/was opened again/)],
    ]);
    gpus()[1].lose();
    await settle();
    expect(last(used).name).toBe('wasm');
    expect(last(statuses)).toMatchObject({ name: 'wasm', note: expect.stringMatching(/again: WebAssembly renders/) });
    expect(gpus().map(({ closed }) => closed)).toEqual([true, true]);
    expect(gpus()).toHaveLength(2);
  });

  it('is replaced once, whoever tells of it, and an engine of the CPU never', async () => {
    const [gpu] = gpus();
    expect(supply.replaces(gpu)).toBe(true);
    expect(supply.replaces(gpu)).toBe(true);
    gpu.lose();
    await settle();
    expect(used.map(({ name }) => name)).toEqual(['webgpu', 'wasm', 'webgpu']);
    await supply.choose('wasm', user);
    expect(supply.replaces(last(used))).toBe(false);
  });

  it('is the end when WebAssembly cannot be opened either', async () => {
    makers.cpu = () => Promise.reject(new Error('no memory'));
    gpus()[0].lose();
    await settle();
    expect(faults).toEqual([new Error('no memory')]);
  });
});
