/**
 * Time of a training step on the GPU: radiance alone, language on frozen geometry, both together, with the late proposal
 * schedule (1 step in 6 updates the proposals); losses are read every 16 steps, as in training. With --kernels also the
 * time of every kernel. Batch assembly is outside. With --check, first the gradients of a tiny scene against the reference
 * engine. The scenes are trained on random rays only, so samples lie everywhere, which is hard on caches.
 *
 * It needs no package but `webgpu` and `commander`, so that it runs on a bare machine with a GPU.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StepLosses, StepSettings, TrainingBatch } from '../src/engines/engine.ts';
import { compare, livelyParameters, stillSettings, testBatch, testScene } from '../src/engines/parity-scene.fixture.ts';
import { ReferenceEngine } from '../src/engines/reference/reference-engine.ts';
import { openDevice } from '../src/engines/webgpu/device.ts';
import type { GridGradients } from '../src/engines/webgpu/parameter-store.ts';
import { WebGpuEngine, type WebGpuEngineOptions } from '../src/engines/webgpu/webgpu-engine.ts';
import { LangfieldError } from '../src/errors.ts';
import type { PresetName, SceneConfig } from '../src/field/config.ts';
import { initialParameters } from '../src/field/initialise.ts';
import type { TensorMap } from '../src/field/parameters.ts';
import { openGpu } from '../src/platform/node/gpu.ts';
import type { BenchOptions } from './bench.ts';
import { stepFlops } from './flops.ts';
import { printTable, round } from './measure.ts';
import { benchScene, randomBatch } from './scene.ts';

interface Options extends BenchOptions {
  presets: PresetName[];
  rays: number;
  seconds: number;
  kernels: boolean;
  check: boolean;
  variants: boolean;
}

const presetNames = ['small', 'lite', 'base', 'big'] as const satisfies readonly PresetName[];

const positive = (text: string): number => {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return Number(text);
};

function presetList(text: string): PresetName[] {
  const names = text.split(',');
  const known = names.filter((name): name is PresetName => (presetNames as readonly string[]).includes(name));
  if (known.length < names.length) throw new InvalidArgumentError(`It must be a list of ${presetNames.join(', ')}.`);
  return known;
}

export function addOptions(command: Command): void {
  command
    .addOption(
      new Option('--presets <list>', `sizes to measure, of ${presetNames.join(', ')}`)
        .default(['small', 'base'])
        .argParser(presetList),
    )
    .option('--rays <n>', 'rays per step', positive, 4096)
    .option('--seconds <s>', 'time of each measurement', positive, 5)
    .option('--check', 'first hold gradients against the reference engine', false)
    .option('--variants', 'also the other ways to sum gradients of hash grids', false)
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
): Promise<{ milliseconds: number; steps: number; losses: StepLosses }> {
  const take = async (steps: number) => {
    for (let step = 0; step < steps; step++) {
      await engine.startStep(batches[step % batches.length], settingsOf(kind, step));
      if (step % 16 === 15) await engine.collectLosses();
    }
    const losses = await engine.collectLosses();
    return losses[losses.length - 1];
  };
  await take(6); // compiles
  const [once, losses] = [performance.now(), await take(6)];
  // Whole rounds of the schedule, about a tenth of the time each, so that the last does not take much longer than asked.
  const round = 6 * Math.ceil((100 * seconds) / (performance.now() - once));
  engine.kernelTimes();
  const start = performance.now();
  let [steps, last] = [0, losses];
  while (performance.now() - start < 1000 * seconds) {
    last = await take(round);
    steps += round;
  }
  return { milliseconds: (performance.now() - start) / steps, steps, losses: last };
}

async function openEngine(
  config: SceneConfig,
  parameters: TensorMap,
  { rays }: Options,
  given: Partial<WebGpuEngineOptions> = {},
): Promise<WebGpuEngine> {
  const gpu = await openGpu();
  if (!gpu) throw new LangfieldError({ problem: 'the package "webgpu" is not installed', advice: 'Run npm ci' });
  const opened = await openDevice(gpu);
  return WebGpuEngine.create(config, opened, { parameters, raysPerStep: rays, ...given });
}

/** Gradients of a scene with every feature on, by tensor: relative L2 of the worst, which tests keep below 2e-3. */
async function checkGradients(options: Options): Promise<Record<string, unknown>> {
  const config = testScene();
  const parameters = livelyParameters(config);
  const batch = testBatch(config, 45);
  const [engine, reference] = [
    await openEngine(config, parameters, options, { raysPerStep: batch.count }),
    new ReferenceEngine(config),
  ];
  await reference.writeParameters(parameters);
  await engine.trainStep(batch, stillSettings);
  const { gradients } = await reference.gradients(batch, stillSettings);
  const { first } = await engine.readOptimiser();
  const errors = [...gradients].map(([name, gradient]) => {
    const { relative, norm } = compare(
      first.get(name)!.map((moment) => moment * 10),
      gradient,
    );
    return { name, relative: norm === 0 ? 0 : relative };
  });
  await engine.close();
  const worst = errors.reduce((a, b) => (a.relative >= b.relative ? a : b));
  console.log(
    `gradients of ${errors.length} tensors: worst relative L2 ${worst.relative.toExponential(1)}, ${worst.name}`,
  );
  return { worstGradient: worst.relative };
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

async function measurePreset(preset: PresetName, options: Options): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  const config = benchScene(preset);
  const parameters = initialParameters(config, 1);
  const batches = [0, 1].map((index) => randomBatch(config, options.rays, 100 * index));
  const engine = await openEngine(config, parameters, options);
  console.log(`${preset}, ${options.rays} rays. ${engine.summary}`);
  const rows: (string | number)[][] = [['step', 'ms', 'rays/s', 'GFLOP/s in dense layers', 'rgb', 'clip', 'dino']];
  const megaflops = stepFlops(config, options.rays, 1 / 6) / 1e6;
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
    const { milliseconds, losses } = await timeSteps(engine, batches, kind, options.seconds);
    results[`${preset} ${kind}`] = round(milliseconds, 2);
    const rate = kind === 'joint' ? round(megaflops / milliseconds, 0) : '';
    const last = [losses.rgb, losses.clip[0], losses.dino[0]].map((loss) => loss.toPrecision(3));
    rows.push([kind, round(milliseconds, 2), round(options.rays / (milliseconds / 1000), 0), rate, ...last]);
  }
  printTable(rows);
  await engine.close();
  if (options.kernels) {
    const timed = await openEngine(config, parameters, options, { timed: true });
    const { steps } = await timeSteps(timed, batches, 'joint', options.seconds);
    printKernels(timed, steps);
    await timed.close();
  }
  if (options.variants) Object.assign(results, await measureVariants(preset, config, parameters, batches, options));
  return results;
}

const variants: GridGradients[] = (['exchange', 'fixed'] as const).flatMap((sums) =>
  [1, 4, 8, 16].map((run) => ({ sums, run })),
);

/** Joint steps with every way to sum gradients of hash grids. */
async function measureVariants(
  preset: PresetName,
  config: SceneConfig,
  parameters: TensorMap,
  batches: TrainingBatch[],
  options: Options,
): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  const rows: (string | number)[][] = [['sums of grid gradients', 'points in a row', 'ms per joint step']];
  for (const gridGradients of variants) {
    const { sums, run } = gridGradients;
    const engine = await openEngine(config, parameters, options, { gridGradients });
    const { milliseconds } = await timeSteps(engine, batches, 'joint', options.seconds / 2);
    await engine.close();
    rows.push([sums, run, round(milliseconds, 2)]);
    results[`${preset} joint ${sums} ${run}`] = round(milliseconds, 2);
  }
  printTable(rows);
  return results;
}

export async function run(options: Options): Promise<Record<string, unknown>> {
  const results = options.check ? await checkGradients(options) : {};
  for (const preset of options.presets) Object.assign(results, await measurePreset(preset, options));
  return results;
}
