/**
 * `npm run bench -- <name> [--json]`: measurements, never assertions. Each prints a table; with --json the last line is
 * one JSON object. Performance claims in docs/benchmarks.md come from here.
 */
import { cpus } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import type { Bench, BenchOptions } from './bench.ts';

const benches: Record<string, () => Promise<{ run: Bench }>> = {
  gemm: () => import('./gemm.ts'),
  step: () => import('./step.ts'),
  frame: () => import('./frame.ts'),
  memory: () => import('./memory.ts'),
};

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

const program = new Command('bench')
  .argument('<name>', `what to measure: ${Object.keys(benches).join(', ')}`)
  .option('--json', 'print one JSON object as the last line', false)
  .option('--threads <n>', 'worker threads', count, cpus().length)
  .option('--repeats <n>', 'measured rounds', count, 5)
  .action(async (name: string, options: BenchOptions) => {
    const load = benches[name];
    if (!load) program.error(`error: no benchmark is called "${name}"; there are ${Object.keys(benches).join(', ')}`);
    console.log(`${cpus()[0].model.trim()}, ${cpus().length} logical cores, Node ${process.versions.node}`);
    const result = await (await load()).run(options);
    if (options.json) console.log(JSON.stringify(result));
  });

await program.parseAsync();
