/** What a benchmark is: a function from options to the object that --json prints, and the options it adds to the common ones. */
import type { Command } from 'commander';

export interface BenchOptions {
  json: boolean;
  threads: number;
  repeats: number;
}

export type Bench<Options extends BenchOptions = BenchOptions> = (options: Options) => Promise<Record<string, unknown>>;

/** A file of this folder that measures something. */
export interface BenchModule {
  run(options: BenchOptions): ReturnType<Bench>;
  addOptions?(command: Command): void;
}
