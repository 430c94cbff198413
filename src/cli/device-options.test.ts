/** Which engine the flags come to on machines with a GPU, with software that stands in for one, and with neither. */
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { addDeviceOptions, chooseEngine, type DeviceFlags } from './device-options.ts';

type Machine = 'hardware' | 'software' | 'none';

function flagsOf(...args: string[]): DeviceFlags {
  const command = addDeviceOptions(new Command('train'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: 'user' }).opts();
}

async function choose(machine: Machine, ...args: string[]) {
  const warnings: string[] = [];
  const adapter = machine === 'none' ? null : { info: { isFallbackAdapter: machine === 'software' } };
  const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
  const context = {
    platform: { ...nodePlatform(), openGpu: async () => gpu, mayHaveGpu: async () => machine !== 'none' },
    progress: { ...silentProgress, warn: (line: string) => void warnings.push(line) },
  };
  return { engine: await chooseEngine(flagsOf(...args), context), warnings };
}

describe('--device', () => {
  it.each<[Machine, string[], string, number]>([
    ['hardware', [], 'wasm', 0],
    ['hardware', ['--device', 'webgpu'], 'webgpu', 0],
    ['software', [], 'wasm', 0],
    ['none', [], 'wasm', 0],
    ['software', ['--device', 'webgpu'], 'webgpu', 1],
    ['none', ['--device', 'webgpu'], 'webgpu', 0],
    ['hardware', ['--device', 'cpu'], 'wasm', 0],
    ['hardware', ['--engine', 'reference'], 'reference', 0],
    ['hardware', ['--device', 'cpu', '--engine', 'reference'], 'reference', 0],
  ])('on a machine with GPU "%s" and flags %j is %s', async (machine, args, engine, warnings) => {
    const chosen = await choose(machine, ...args);
    expect(chosen.engine).toBe(engine);
    expect(chosen.warnings).toHaveLength(warnings);
  });

  it('refuses an engine of the CPU on the GPU, and memory that is no number', async () => {
    await expect(choose('hardware', '--device', 'webgpu', '--engine', 'wasm')).rejects.toThrow(/--engine: .*wasm with/);
    expect(() => flagsOf('--max-memory', 'all')).toThrow(/gigabytes above 0/);
    expect(flagsOf('--max-memory', '1.5').maxMemory).toBe(1.5e9);
  });
});
