/** Options of `bench gpu`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { DeviceOptions } from '../../src/engines/webgpu/device.ts';
import { type Precision, precisions } from '../../src/engines/webgpu/fast-paths.ts';
import type { BenchOptions } from '../bench.ts';
import { type SizeName, sizeNames } from './sizes.ts';

export interface GpuBenchOptions extends BenchOptions {
  size: SizeName[];
  /** Seconds. */
  budget: number;
  results: string;
  adapter: NonNullable<DeviceOptions['adapter']>;
  only?: SectionKind[];
  precision: Precision;
  subgroups: boolean;
}

export const sectionKinds = ['kernels', 'queries'] as const;
export type SectionKind = (typeof sectionKinds)[number];

const oneOf =
  <T extends string>(names: readonly T[]) =>
  (text: string): T[] => {
    const asked = text.split(',').map((name) => name.trim());
    const unknown = asked.find((name) => !names.includes(name as T));
    if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${names.join(', ')}.`);
    return asked as T[];
  };

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return value;
}

export function addOptions(command: Command): void {
  command
    .option('--size <names>', `sizes, the most wanted first: ${sizeNames.join(', ')}`, oneOf(sizeNames), [
      'base',
      'lite',
      'big',
      'small',
    ] satisfies SizeName[])
    .option('--budget <seconds>', 'begin nothing new after this time; what is measured is kept', seconds, 600)
    .option('--results <file>', 'every finished part is appended as one line of JSON', 'runs/bench-gpu.jsonl')
    .option(
      '--adapter <kind>',
      'fast, low-power or software',
      (text) => oneOf(['fast', 'low-power', 'software'] as const)(text)[0],
      'fast',
    )
    .option(
      '--precision <type>',
      `of hash-grid tables in queries: ${precisions.join(', ')}`,
      (text) => oneOf(precisions)(text)[0],
      'auto',
    )
    .option('--no-subgroups', 'sums in workgroup memory, also where the adapter has subgroups')
    .option('--only <parts>', `parts to measure: ${sectionKinds.join(', ')} (default: both)`, oneOf(sectionKinds));
}
