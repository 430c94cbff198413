/** Throughput of the dense kernels on one core, GFLOP/s, at the widths of the scene's layers. */
import { KernelHarness } from '../src/engines/wasm/harness.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import type { Bench } from './bench.ts';
import { median, printTable, round } from './measure.ts';

/** Rows (a tile of rays), outputs, inputs. */
const shapes = [
  [512, 64, 16],
  [512, 64, 64],
  [192, 128, 128],
  [4096, 64, 64],
  [4096, 128, 128],
  [4096, 256, 256],
  [192, 256, 256],
] as const;
const flopsPerRound = 4e8;

export const run: Bench = async ({ repeats }) => {
  const harness = new KernelHarness(await nodePlatform().loadKernels());
  const { kernels, memory } = harness;
  const rate = (flops: number, call: () => void): number => {
    const calls = Math.ceil(flopsPerRound / flops);
    const times: number[] = [];
    for (let round = 0; round <= repeats; round++) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) call();
      if (round > 0) times.push(performance.now() - start);
    }
    return round((calls * flops) / median(times) / 1e6);
  };
  const rows: (string | number)[][] = [['rows x outputs x inputs', 'product', 'weight gradient']];
  const gflopsPerCore: Record<string, number> = {};
  const gradientGflopsPerCore: Record<string, number> = {};
  for (const [M, N, K] of shapes) {
    const [A, B, C, D] = [M * K, K * N, M * N, K * N].map((count) => memory.allocateFloats(count + 16));
    const zeros = memory.allocateFloats(N);
    const name = `${M}x${N}x${K}`;
    gflopsPerCore[name] = rate(2 * M * N * K, () => kernels.gemm(M, N, K, A, K, B, zeros, 0, C, N));
    gradientGflopsPerCore[name] = rate(2 * M * N * K, () => kernels.gemmTransposed(M, K, N, A, K, C, N, D, N));
    rows.push([name, gflopsPerCore[name], gradientGflopsPerCore[name]]);
  }
  printTable(rows);
  return { gflopsPerCore, gradientGflopsPerCore };
};
