/**
 * Time of a training step on the GPU: radiance alone, language on frozen geometry, both together, with the late proposal
 * schedule (1 step in 6 updates the proposals); losses are read every 16 steps, as in training. With --kernels also the
 * time of every kernel. Batch assembly is outside. The scenes are untrained, so samples lie everywhere: a hard case for
 * gradient sums of the language grids, an easy one for the sums of fine levels.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StepSettings, TrainingBatch } from '../src/engines/engine.ts';
import { openDevice } from '../src/engines/webgpu/device.ts';
import { WebGpuEngine } from '../src/engines/webgpu/webgpu-engine.ts';
import { LangfieldError } from '../src/errors.ts';
import type { PresetName } from '../src/field/config.ts';
import { initialParameters } from '../src/field/initialise.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { presetNames } from '../src/training/settings.ts';
import type { BenchOptions } from './bench.ts';
import { stepFlops } from './flops.ts';
import { printTable, round } from './measure.ts';
import { benchScene, randomBatch } from './scene.ts';

interface Options extends BenchOptions {
  presets: PresetName[];
  rays: number;
  seconds: number;
  kernels: boolean;
}

const positive = (text: string): number => {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return Number(text);
};

export function addOptions(command: Command): void {
  command
    .addOption(
      new Option('--presets <list>', `sizes to measure, of ${presetNames.join(', ')}`)
        .default(['small', 'base'])
        .argParser((text) => text.split(',')),
    )
    .option('--rays <n>', 'rays per step', positive, 4096)
    .option('--seconds <s>', 'time of each measurement', positive, 5)
    .option('--kernels', 'measure every kernel too', false);
}

const kinds = {
  radiance: { trainRadiance: true, trainLanguage: false },
  language: { trainRadiance: false, trainLanguage: true },
  joint: { trainRadiance: true, trainLanguage: true },
} as const;

function settingsOf(kind: keyof typeof kinds, step: number): StepSettings {
  return {
    step,
    ...kinds[kind],
    updateProposals: step % 6 === 0,
    anneal: 1,
    learningRates: { proposal: 1e-2, fields: 1e-2, camera: 1e-3, language: 1e-2 },
  };
}

/** Milliseconds per step, over whole rounds of the proposal schedule and no less than the time asked for. */
async function timeSteps(
  engine: WebGpuEngine,
  batches: TrainingBatch[],
  kind: keyof typeof kinds,
  seconds: number,
): Promise<{ milliseconds: number; steps: number; rgb: number }> {
  const take = async (steps: number) => {
    for (let step = 0; step < steps; step++) {
      await engine.startStep(batches[step % batches.length], settingsOf(kind, step));
      if (step % 16 === 15) await engine.collectLosses();
    }
    const losses = await engine.collectLosses();
    return losses[losses.length - 1];
  };
  await take(6); // compiles
  engine.kernelTimes();
  const start = performance.now();
  let steps = 0;
  let rgb = Number.NaN;
  while (performance.now() - start < 1000 * seconds) {
    rgb = (await take(30)).rgb;
    steps += 30;
  }
  return { milliseconds: (performance.now() - start) / steps, steps, rgb };
}

async function openEngine(preset: PresetName, { rays, threads }: Options, timed: boolean): Promise<WebGpuEngine> {
  const platform = nodePlatform();
  const gpu = await platform.openGpu();
  if (!gpu) throw new LangfieldError({ problem: 'the package "webgpu" is not installed', advice: 'Run npm ci' });
  const config = benchScene(preset);
  const opened = await openDevice(gpu);
  const options = { parameters: initialParameters(config, 1), raysPerStep: rays, threads, timed };
  return WebGpuEngine.create(config, platform, opened, options);
}

function printKernels(engine: WebGpuEngine, steps: number): void {
  const times = [...engine.kernelTimes()].sort((a, b) => b[1].milliseconds - a[1].milliseconds);
  printTable([
    ['kernel', 'ms per step', 'dispatches per step'],
    ...times.map(([name, { milliseconds, dispatches }]) => [
      name,
      round(milliseconds / steps, 3),
      round(dispatches / steps, 1),
    ]),
  ]);
}

export async function run(options: Options): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const preset of options.presets) {
    const config = benchScene(preset);
    const batches = [0, 1].map((index) => randomBatch(config, options.rays, 100 * index));
    const engine = await openEngine(preset, options, false);
    console.log(`${preset}, ${options.rays} rays. ${engine.summary}`);
    const rows: (string | number)[][] = [['step', 'ms', 'rays/s', 'GFLOP/s in dense layers']];
    const gigaflops = stepFlops(config, options.rays, 1 / 6) / 1e6;
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
      const { milliseconds } = await timeSteps(engine, batches, kind, options.seconds);
      results[`${preset} ${kind}`] = round(milliseconds, 2);
      const rate = kind === 'joint' ? round(gigaflops / milliseconds, 0) : '';
      rows.push([kind, round(milliseconds, 2), round(options.rays / (milliseconds / 1000), 0), rate]);
    }
    printTable(rows);
    await engine.close();
    if (options.kernels) {
      const timed = await openEngine(preset, options, true);
      const { steps } = await timeSteps(timed, batches, 'joint', options.seconds);
      printKernels(timed, steps);
      await timed.close();
    }
  }
  return results;
}
