/**
 * Time of one joint training step (radiance and language field: forward, backward, optimiser) of the `small`
 * configuration with 512 rays, averaged over the late proposal schedule (1 step in 6 updates the proposals). Batch
 * assembly is outside. Target and the original's figure: docs/benchmarks.md.
 */
import type { StepSettings } from '../src/engines/engine.ts';
import { WasmEngine } from '../src/engines/wasm/wasm-engine.ts';
import { initialParameters } from '../src/field/initialise.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import type { Bench } from './bench.ts';
import { stepFlops } from './flops.ts';
import { median, printTable, round } from './measure.ts';
import { randomBatch, smallScene } from './scene.ts';

const rays = 512;
const stepsPerRound = 24;

export const run: Bench = async ({ threads, repeats }) => {
  const config = smallScene();
  const parameters = initialParameters(config, 1);
  const engine = await WasmEngine.create(config, nodePlatform(), { threads, parameters, raysPerStep: rays });
  const batches = Array.from({ length: 4 }, (_, index) => randomBatch(config, rays, 100 * index));
  const settings = (step: number, updateProposals: boolean): StepSettings => ({
    step,
    trainRadiance: true,
    trainLanguage: true,
    updateProposals,
    anneal: 1,
    learningRates: { proposal: 1e-2, fields: 1e-2, camera: 1e-3, language: 1e-2 },
  });
  const timings: Record<'update' | 'still', number[]> = { update: [], still: [] };
  for (let round = 0; round <= repeats; round++)
    for (let step = 0; step < stepsPerRound; step++) {
      const updateProposals = step % 6 === 0;
      const start = performance.now();
      await engine.trainStep(batches[step % batches.length], settings(step, updateProposals));
      if (round > 0) timings[updateProposals ? 'update' : 'still'].push(performance.now() - start);
    }
  await engine.close();
  const update = median(timings.update);
  const still = median(timings.still);
  const msPerStep = (update + 5 * still) / 6;
  const gflops = stepFlops(config, rays, 1 / 6) / msPerStep / 1e6;
  printTable([
    ['step, small, 512 rays', 'median ms', 'best ms'],
    ['proposals updated', round(update), round(Math.min(...timings.update))],
    ['proposals not updated', round(still), round(Math.min(...timings.still))],
    [
      'average (1 in 6 updates)',
      round(msPerStep),
      round((Math.min(...timings.update) + 5 * Math.min(...timings.still)) / 6),
    ],
  ]);
  console.log(
    `${round(rays / (msPerStep / 1000), 0)} rays/s, ${round(gflops)} GFLOP/s in the dense layers, ${threads} threads`,
  );
  return {
    msPerStep: round(msPerStep, 2),
    msPerUpdateStep: round(update, 2),
    msPerStillStep: round(still, 2),
    raysPerSecond: Math.round(rays / (msPerStep / 1000)),
    gflops: round(gflops, 2),
    threads,
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
};
