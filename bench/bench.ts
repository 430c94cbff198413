/** What a benchmark is: a function from options to the object that --json prints. */
export interface BenchOptions {
  json: boolean;
  threads: number;
  repeats: number;
}

export type Bench = (options: BenchOptions) => Promise<Record<string, unknown>>;
