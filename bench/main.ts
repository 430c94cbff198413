/**
 * `npm run bench -- <name> [--json]`: measurements, never assertions. Each prints a table; with --json the last line is
 * one JSON object. Performance claims in docs/benchmarks.md come from here. `bench <name> --help` lists the options that
 * a benchmark has of its own.
 */
import { cpus } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { reportFailure } from '../src/cli/report-failure.ts';
import type { BenchModule, BenchOptions } from './bench.ts';

const benches: Record<string, () => Promise<BenchModule>> = {
  gemm: () => import('./gemm.ts'),
  step: () => import('./step.ts'),
  'gpu-training': () => import('./gpu-training.ts'),
  frame: () => import('./frame.ts'),
  memory: () => import('./memory.ts'),
  encode: () => import('./encode.ts'),
  prior: () => import('./prior/prior.ts'),
  gpu: () => import('./gpu/gpu.ts'),
  viewer: () => import('./viewer.ts'),
  regions: () => import('./regions.ts'),
};

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

// Only what is asked for is loaded, and it has to be before its options can be read.
const asked = process.argv.slice(2).find((word) => word in benches);
const bench = asked === undefined ? undefined : await benches[asked]();

const program = new Command('bench')
  .argument('<name>', `what to measure: ${Object.keys(benches).join(', ')}`)
  .option('--json', 'print one JSON object as the last line', false)
  .option('--threads <n>', 'worker threads', count, cpus().length)
  .option('--repeats <n>', 'measured rounds', count, 5)
  .action(async (name: string, options: BenchOptions) => {
    if (bench === undefined || name !== asked)
      return program.error(`error: no benchmark is called "${name}"; there are ${Object.keys(benches).join(', ')}`);
    console.log(`${cpus()[0].model.trim()}, ${cpus().length} logical cores, Node ${process.versions.node}`);
    const result = await bench.run(options);
    if (options.json) console.log(JSON.stringify(result));
  });
bench?.addOptions?.(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exit(reportFailure(error, { version: 'bench', write: (text) => void process.stderr.write(text) }));
}
