/**
 * The CPU engine: a pool of worker threads on one shared WebAssembly memory (design §4). This side owns the memory,
 * hands out batches, refines poses, and reads results; the work itself is in engine-thread.ts.
 */
import { LangfieldError } from '../../errors.ts';
import type { SceneConfig } from '../../field/config.ts';
import { describeParameters, type ParameterGroup } from '../../field/parameters.ts';
import { biasCorrections, defaultBetas, rectification } from '../../ops/optimisers/optimisers.ts';
import type { CpuMachine, WorkerHandle } from '../../platform/platform.ts';
import type {
  Engine,
  LearningRates,
  OptimiserState,
  RayBundle,
  RenderRequest,
  RenderResult,
  StepLosses,
  StepSettings,
  TensorMap,
  TrainingBatch,
} from '../engine.ts';
import { BatchWriter } from './batch-writer.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';
import { type ParameterLayout, packTensors, parameterLayout, unpackTensors } from './layout.ts';
import { KernelMemory } from './memory.ts';
import type { EnginePlan, GroupUpdate, ThreadCommand, ThreadReply } from './messages.ts';
import { planMemory } from './plan-memory.ts';
import { PoseRefiner } from './pose-refiner.ts';
import { lossSlots } from './radiance-tile.ts';
import { RenderCalls } from './render-calls.ts';
import { kernelsAgree } from './self-check.ts';

export interface WasmEngineOptions {
  threads: number;
  parameters: TensorMap;
  /** Largest batch that trainStep will get; 1 for an engine that only renders. */
  raysPerStep: number;
}

/** Rays a thread works on at a time: activations of a tile should stay in the second-level cache. */
const tileRays = 16;
const renderRays = 4096;
/** RAdam's coupled weight decay of the language group (spec §1.9). */
const weightDecay = 1e-9;

export class WasmEngine implements Engine {
  readonly name = 'wasm';
  readonly config: SceneConfig;
  private readonly memory: KernelMemory;
  private readonly kernels: Kernels;
  private readonly layout: ParameterLayout;
  private readonly plan: EnginePlan;
  private readonly workers: WorkerHandle[];
  private readonly writer: BatchWriter;
  private readonly poses: PoseRefiner | undefined;
  private readonly calls: RenderCalls;
  private readonly steps: Record<ParameterGroup, number> = { proposal: 0, fields: 0, camera: 0, language: 0 };
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    config: SceneConfig,
    module: WebAssembly.Module,
    platform: CpuMachine,
    options: WasmEngineOptions,
  ) {
    this.config = config;
    this.memory = new KernelMemory();
    this.kernels = instantiateKernels(module, this.memory.memory);
    this.layout = parameterLayout(describeParameters(config));
    const { threads, raysPerStep } = options;
    const demand = { config, threads, tileRays, batchRays: raysPerStep, renderRays };
    this.plan = planMemory(this.memory, this.layout, demand);
    this.calls = new RenderCalls(this.memory, this.kernels, this.layout, this.plan, renderRays, (command) =>
      this.command(command),
    );
    this.writer = new BatchWriter(this.memory, this.plan, raysPerStep);
    this.poses = config.radiance.poseRefinement
      ? new PoseRefiner(this.memory, this.kernels, this.layout, this.plan)
      : undefined;
    packTensors(this.layout, options.parameters, this.values());
    this.workers = Array.from({ length: threads }, () => platform.spawnWorker('engine'));
  }

  static async create(config: SceneConfig, platform: CpuMachine, options: WasmEngineOptions): Promise<WasmEngine> {
    refuseForeignConventions(config);
    const module = await trustedKernels(platform);
    const engine = new WasmEngine(config, module, platform, options);
    const { memory } = engine.memory;
    await engine.command((thread) => ({ kind: 'start', module, memory, plan: engine.plan, thread }));
    return engine;
  }

  /** Sends a command to every thread and waits for all; returns the gradients that were not finite. */
  private async command(command: ThreadCommand | ((thread: number) => ThreadCommand)): Promise<number> {
    this.workers.forEach((worker, thread) => {
      worker.send(typeof command === 'function' ? command(thread) : command);
    });
    const replies = (await Promise.all(this.workers.map((worker) => worker.receive()))) as ThreadReply[];
    let lost = 0;
    for (const reply of replies) {
      if (reply.kind === 'failed') throw new Error(`an engine thread failed: ${reply.message}\n${reply.stack}`);
      lost += reply.lostGradients;
    }
    return lost;
  }

  private array(address: number): Float32Array {
    return this.memory.floats(address, this.layout.total);
  }

  private values(): Float32Array {
    return this.array(this.plan.parameters.values);
  }

  async trainStep(batch: TrainingBatch, settings: StepSettings): Promise<StepLosses> {
    const { trainRadiance, trainLanguage, updateProposals, anneal } = settings;
    const languages = this.writer.write(batch, trainLanguage, this.poses);
    const refinePoses = trainRadiance && this.poses !== undefined;
    this.calls.markChanged();
    await this.command({
      kind: 'train',
      rays: batch.count,
      trainRadiance,
      trainLanguage,
      updateProposals,
      refinePoses,
      anneal,
      languages,
      updates: this.groupUpdates(settings),
    });
    const pose =
      refinePoses && this.poses ? this.poses.update(batch, this.cameraUpdate(settings.learningRates)) : Number.NaN;
    return { ...this.readLosses(batch.count, settings), pose };
  }

  private groupUpdate(group: ParameterGroup, rate: number): GroupUpdate {
    const step = ++this.steps[group];
    const corrections = biasCorrections({ ...defaultBetas, step });
    if (group !== 'language') return { group, rate, ...corrections };
    return { group, rate, ...corrections, radam: { rect: rectification(defaultBetas.beta2, step) ?? 0, weightDecay } };
  }

  private groupUpdates({ trainRadiance, trainLanguage, updateProposals, learningRates }: StepSettings): GroupUpdate[] {
    const updates: GroupUpdate[] = [];
    if (trainRadiance && updateProposals) updates.push(this.groupUpdate('proposal', learningRates.proposal));
    if (trainRadiance) updates.push(this.groupUpdate('fields', learningRates.fields));
    if (trainLanguage && this.config.languages.length > 0)
      updates.push(this.groupUpdate('language', learningRates.language));
    return updates;
  }

  private cameraUpdate(rates: LearningRates): GroupUpdate {
    return this.groupUpdate('camera', rates.camera);
  }

  /** Sums the threads' slots in thread order. */
  private readLosses(rays: number, { trainRadiance, trainLanguage }: StepSettings): Omit<StepLosses, 'pose'> {
    const { losses, lossStride, threads } = this.plan;
    const count = 3 + 2 * this.config.languages.length;
    const sums = new Float64Array(count);
    for (let thread = 0; thread < threads; thread++) {
      const slots = new Float64Array(this.memory.memory.buffer, losses + thread * lossStride, count);
      for (let slot = 0; slot < count; slot++) sums[slot] += slots[slot];
    }
    const radiance = (value: number) => (trainRadiance ? value : Number.NaN);
    const language = (index: number, slot: number) =>
      trainLanguage ? sums[lossSlots.language + 2 * index + slot] : Number.NaN;
    return {
      rgb: radiance(sums[lossSlots.rgb] / (rays * 3)),
      interlevel: radiance(sums[lossSlots.interlevel] / (rays * this.config.radiance.samples)),
      distortion: radiance(sums[lossSlots.distortion] / rays),
      clip: this.config.languages.map((_, index) => language(index, 0)),
      dino: this.config.languages.map(({ dinoDim }, index) => (dinoDim > 0 ? language(index, 1) : Number.NaN)),
    };
  }

  /** Pictures that are asked for at the same time take turns: they share buffers and threads. */
  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  render(rays: RayBundle, request: RenderRequest): Promise<RenderResult> {
    return this.inOrder(() => this.calls.render(rays, request, this.config));
  }

  async readParameters(): Promise<TensorMap> {
    return unpackTensors(this.layout, this.values());
  }

  writeParameters(parameters: TensorMap): Promise<void> {
    return this.inOrder(async () => {
      packTensors(this.layout, parameters, this.values());
      this.calls.markChanged();
    });
  }

  async readOptimiser(): Promise<OptimiserState> {
    const { first, second } = this.plan.parameters;
    return {
      first: unpackTensors(this.layout, this.array(first)),
      second: unpackTensors(this.layout, this.array(second)),
      steps: { ...this.steps },
    };
  }

  async writeOptimiser(state: OptimiserState): Promise<void> {
    const { first, second } = this.plan.parameters;
    packTensors(this.layout, state.first, this.array(first));
    packTensors(this.layout, state.second, this.array(second));
    for (const group of Object.keys(this.steps) as ParameterGroup[]) this.steps[group] = state.steps[group] ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** The kernels in their fastest form that computes right on this machine. */
async function trustedKernels(platform: CpuMachine): Promise<WebAssembly.Module> {
  const fast = await platform.loadKernels();
  if (kernelsAgree(fast)) return fast;
  const plain = await platform.loadKernels({ wideVectors: false });
  if (kernelsAgree(plain)) return plain;
  throw new LangfieldError({
    problem: 'the CPU kernels compute wrong results on this machine',
    advice: 'Update Node, and report this with the processor model and the Node version',
  });
}

/** What the kernels cannot do; the reference engine can. */
function refuseForeignConventions(config: SceneConfig): void {
  const rules = [config.radiance.biases, ...config.languages.map(({ biases }) => biases)];
  if (rules.some((rule) => rule !== 'padding'))
    throw new LangfieldError({
      problem: 'the CPU engine has no biases in every layer',
      field: 'biases',
      found: rules.join(', '),
      expected: 'padding',
      advice: 'Use the reference engine for such a scene',
    });
  const { proposals, densityWidth, colourWidth, grid } = config.radiance;
  const fours = [...proposals.map(({ hiddenWidth }) => hiddenWidth), densityWidth, colourWidth];
  for (const { dinoWidth, dinoDim } of config.languages) if (dinoDim > 0) fours.push(dinoWidth);
  // The triangular product of a query walks the hidden width of the CLIP head in steps of 16.
  const sixteens = config.languages.map(({ hiddenWidth }) => hiddenWidth);
  if (fours.some((width) => width % 4 !== 0) || sixteens.some((width) => width % 16 !== 0))
    throw new LangfieldError({
      problem: 'the CPU engine has no hidden layers of such a width',
      field: 'hiddenWidth',
      found: [...fours, ...sixteens].join(', '),
      expected: 'a multiple of 4, and of 16 in the CLIP head',
      advice: 'Use the reference engine for such a scene',
    });
  const narrow = [...proposals.map((proposal) => proposal.grid), grid].map(({ features }) => features);
  const wide = config.languages.flatMap(({ grids }) => grids.map(({ features }) => features));
  if (narrow.some((features) => features !== 2) || wide.some((features) => ![2, 4, 8].includes(features)))
    throw new LangfieldError({
      problem: 'the CPU engine has no hash grids of so many features',
      field: 'features',
      found: [...narrow, ...wide].join(', '),
      expected: '2 in the radiance field, 2, 4 or 8 in a language field',
      advice: 'Use the reference engine for such a scene',
    });
}
