/** What trains or renders a scene: the flags --device, --engine and --max-memory, and what they come to on this machine. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EngineName } from '../engines/create-engine.ts';
import { availableAdapter } from '../engines/webgpu/device.ts';
import { LangfieldError } from '../errors.ts';
import type { CliContext } from './context.ts';

export interface DeviceFlags {
  device: 'auto' | 'webgpu' | 'cpu';
  engine?: 'wasm' | 'reference';
  /** Bytes. */
  maxMemory?: number;
}

export function addDeviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--device <name>',
        'what executes the scene: webgpu is the GPU; auto is the CPU until the GPU engine has been proven on hardware',
      )
        .choices(['auto', 'webgpu', 'cpu'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--engine <name>',
        'how the CPU executes it: wasm is the fast one (default), reference the exact and very slow one',
      ).choices(['wasm', 'reference']),
    )
    .option('--max-memory <GB>', 'most GPU memory that the scene may take', gigabytes);
}

function gigabytes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('It must be a number of gigabytes above 0.');
  return value * 1e9;
}

/**
 * The engine for the flags; an --engine means the CPU. The GPU engine has run on software Vulkan only, so auto does not take
 * it yet but says that it could be tried.
 */
export async function chooseEngine(
  { device, engine }: DeviceFlags,
  { platform, progress }: Pick<CliContext, 'platform' | 'progress'>,
): Promise<EngineName> {
  if (device === 'webgpu' && engine !== undefined)
    throw new LangfieldError({
      problem: 'an engine of the CPU cannot run on the GPU',
      field: '--engine',
      found: `${engine} with --device webgpu`,
      advice: 'Leave out one of the two',
    });
  if (device === 'cpu' || engine !== undefined) return engine ?? 'wasm';
  if (device === 'auto' && !(await platform.mayHaveGpu())) return 'wasm';
  const adapter = await availableAdapter(await platform.openGpu());
  if (device === 'auto') {
    if (adapter === 'hardware')
      progress.log('there is a GPU: --device webgpu uses it (so far proven on software Vulkan only)');
    return 'wasm';
  }
  if (adapter === 'software')
    progress.warn('there is no GPU here, only software that stands in for one: it is very slow');
  return 'webgpu';
}
