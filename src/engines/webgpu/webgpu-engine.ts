/**
 * The GPU engine: training on WebGPU from the same description, parameters and optimiser state as the other engines. This
 * file owns device, memory and step; what a step consists of is in radiance-field.ts and language-field.ts. Pictures and
 * queries during training are the CPU engine's, on a copy of the parameters.
 */
import { LangfieldError } from '../../errors.ts';
import type { SceneConfig } from '../../field/config.ts';
import type { ParameterGroup, TensorMap } from '../../field/parameters.ts';
import type {
  Engine,
  OptimiserState,
  RayBundle,
  RenderRequest,
  RenderResult,
  StepLosses,
  StepSettings,
  TrainingBatch,
} from '../engine.ts';
import type { CpuMachine } from '../../platform/platform.ts';
import { WasmEngine } from '../wasm/wasm-engine.ts';
import { Arena } from './arena.ts';
import { BatchArrays, batchRequests } from './batch-arrays.ts';
import type { OpenDevice } from './device.ts';
import type { KernelTime } from './kernel-timer.ts';
import { languageNeeds, languageRequests } from './language-arrays.ts';
import { LanguageField } from './language-field.ts';
import { LossRing, lossRequests, ringSteps } from './loss-ring.ts';
import { type ArrayRequests, describePlan } from './memory-plan.ts';
import { type GridGradients, ParameterStore, parameterRequests } from './parameter-store.ts';
import { RadianceField, radianceNeeds, radianceRequests } from './radiance-field.ts';
import { Recorder } from './recorder.ts';
import { findScratch, scratchRequests } from './scratch.ts';

export interface WebGpuEngineOptions {
  parameters: TensorMap;
  /** Largest batch that a step will get. */
  raysPerStep: number;
  /** Bytes of GPU memory that all arrays may take; absent = no limit. */
  maxMemory?: number;
  /** Threads of the CPU engine that draws pictures. */
  threads: number;
  /** Measure every kernel (`kernelTimes`), which slows training down. */
  timed?: boolean;
  /** How gradients of hash grids are summed, for benchmarks; the fastest unless given. */
  gridGradients?: GridGradients;
}

/** Dispatches of one submit: a step of LERF's sizes is two or three submits of some milliseconds each. */
const dispatchesPerSubmit = 128;

/** Everything a training step keeps on the GPU. */
function trainingRequests(config: SceneConfig, opened: OpenDevice, options: WebGpuEngineOptions): ArrayRequests {
  const { raysPerStep: rays, gridGradients } = options;
  const { samples } = config.radiance;
  const needs = config.languages.flatMap((language) => languageNeeds(language, samples, rays));
  return {
    ...parameterRequests(config, opened, gridGradients),
    ...batchRequests(config, rays),
    ...radianceRequests(config, rays),
    ...Object.assign({}, ...config.languages.map((language) => languageRequests(language, samples, rays))),
    ...lossRequests(config, rays),
    ...scratchRequests([...radianceNeeds(config, rays), ...needs]),
  };
}

export class WebGpuEngine implements Engine {
  readonly name = 'webgpu';
  readonly blendsCorners = true;
  readonly config: SceneConfig;
  readonly summary: string;
  readonly #platform: CpuMachine;
  readonly #options: Pick<WebGpuEngineOptions, 'raysPerStep' | 'threads'>;
  readonly #opened: OpenDevice;
  readonly #arena: Arena;
  readonly #recorder: Recorder;
  readonly #store: ParameterStore;
  readonly #batch: BatchArrays;
  readonly #losses: LossRing;
  readonly #radiance: RadianceField;
  readonly #languages: LanguageField[];
  readonly #steps: Record<ParameterGroup, number> = { proposal: 0, fields: 0, camera: 0, language: 0 };
  /** Losses that had to be read before anybody asked. */
  #readEarly: StepLosses[] = [];
  /** Work goes to the device in the order of the calls. */
  #last: Promise<unknown> = Promise.resolve();
  #painter: Promise<WasmEngine> | undefined;
  #painterSpeaks = false;

  private constructor(
    config: SceneConfig,
    platform: CpuMachine,
    opened: OpenDevice,
    arena: Arena,
    options: WebGpuEngineOptions,
  ) {
    this.config = config;
    this.#platform = platform;
    this.#options = options;
    this.#opened = opened;
    this.#arena = arena;
    this.summary = `GPU: ${opened.name}; memory ${describePlan(arena.plan)}`;
    this.#recorder = new Recorder(opened, { dispatchesPerSubmit, timed: options.timed });
    this.#store = new ParameterStore(opened, arena, config, options.gridGradients);
    this.#batch = new BatchArrays(opened, arena, config);
    this.#losses = new LossRing(arena, config);
    const scratch = findScratch(arena);
    const parts = { batch: this.#batch, losses: this.#losses, scratch };
    this.#radiance = new RadianceField(arena, this.#store, config, parts);
    const finalSamples = config.radiance.samples;
    this.#languages = config.languages.map(
      (language, field) =>
        new LanguageField(arena, this.#store, language, { field, finalSamples, losses: this.#losses, scratch }),
    );
    this.#store.write('table', options.parameters);
  }

  /**
   * Takes over the device: it is closed with the engine.
   * @throws LangfieldError when the scene is not one for the kernels, or its memory plan does not fit
   */
  static async create(
    config: SceneConfig,
    platform: CpuMachine,
    opened: OpenDevice,
    options: WebGpuEngineOptions,
  ): Promise<WebGpuEngine> {
    refuseForeignScenes(config);
    const { maxMemory } = options;
    const arena = await Arena.allocate(opened, trainingRequests(config, opened, options), { maxMemory });
    return new WebGpuEngine(config, platform, opened, arena, options);
  }

  /** Runs `work` after everything asked for before it, whether that succeeded or not. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async trainStep(batch: TrainingBatch, settings: StepSettings): Promise<StepLosses> {
    await this.startStep(batch, settings);
    const losses = await this.collectLosses();
    return losses[losses.length - 1];
  }

  startStep(batch: TrainingBatch, settings: StepSettings): Promise<void> {
    const { raysPerStep } = this.#options;
    if (batch.count > raysPerStep) throw new RangeError(`a batch of ${batch.count} rays; planned for ${raysPerStep}`);
    return this.#inOrder(async () => {
      this.#opened.check();
      await this.#forgetPainter();
      if (this.#losses.unread >= ringSteps) this.#readEarly.push(...(await this.#losses.read(this.#recorder)));
      this.#batch.upload(batch);
      this.#losses.begin(batch, settings);
      this.#recordStep(batch, settings);
      await this.#recorder.submit();
    });
  }

  collectLosses(): Promise<StepLosses[]> {
    return this.#inOrder(async () => {
      const early = this.#readEarly;
      this.#readEarly = [];
      return [...early, ...(await this.#losses.read(this.#recorder))];
    });
  }

  #recordStep(batch: TrainingBatch, settings: StepSettings): void {
    const { trainRadiance, trainLanguage, updateProposals, anneal, learningRates } = settings;
    const { count } = batch;
    const trained = trainLanguage ? batch.languages.map((_, field) => field) : [];
    this.#radiance.evaluate(this.#recorder, count, anneal);
    if (trainRadiance) this.#radiance.train(this.#recorder, count, updateProposals);
    const geometry = { rays: this.#batch.refined, final: this.#radiance.final };
    for (const field of trained) {
      const { heightOverFocal, dino, corners } = batch.languages[field];
      const given = { heightOverFocal, dino: dino !== undefined, corners: corners !== undefined };
      this.#languages[field].train(this.#recorder, count, geometry, this.#batch.targets[field], given);
    }
    if (trainRadiance && updateProposals) this.#stepGroup('proposal', learningRates.proposal);
    if (trainRadiance) this.#stepGroup('fields', learningRates.fields);
    if (trainRadiance && this.config.radiance.poseRefinement) this.#stepGroup('camera', learningRates.camera);
    if (trained.length > 0) this.#stepGroup('language', learningRates.language);
  }

  #stepGroup(group: ParameterGroup, rate: number): void {
    this.#store.step(this.#recorder, group, { rate, step: ++this.#steps[group] });
  }

  render(rays: RayBundle, request: RenderRequest): Promise<RenderResult> {
    return this.#inOrder(async () => {
      const speaks = request.query !== undefined || request.dino !== undefined;
      if (speaks && !this.#painterSpeaks) await this.#forgetPainter();
      this.#painter ??= this.#openPainter(speaks);
      return (await this.#painter).render(rays, request);
    });
  }

  /** The CPU engine with today's parameters; language fields, which are large, only where they are asked. */
  async #openPainter(speaks: boolean): Promise<WasmEngine> {
    this.#painterSpeaks = speaks;
    const parameters = await this.#store.read('table', this.#recorder);
    const config = speaks ? this.config : { ...this.config, languages: [] };
    return WasmEngine.create(config, this.#platform, { parameters, threads: this.#options.threads, raysPerStep: 1 });
  }

  /** The parameters are about to change. */
  async #forgetPainter(): Promise<void> {
    const painter = this.#painter;
    this.#painter = undefined;
    this.#painterSpeaks = false;
    // One that failed to open has said so when it was asked for.
    await painter?.then(
      (engine) => engine.close(),
      () => undefined,
    );
  }

  readParameters(): Promise<TensorMap> {
    return this.#inOrder(() => this.#store.read('table', this.#recorder));
  }

  writeParameters(parameters: TensorMap): Promise<void> {
    return this.#inOrder(async () => {
      await this.#forgetPainter();
      this.#store.write('table', parameters);
    });
  }

  readOptimiser(): Promise<OptimiserState> {
    return this.#inOrder(async () => ({
      first: await this.#store.read('first', this.#recorder),
      second: await this.#store.read('second', this.#recorder),
      steps: { ...this.#steps },
    }));
  }

  writeOptimiser({ first, second, steps }: OptimiserState): Promise<void> {
    return this.#inOrder(async () => {
      this.#store.write('first', first);
      this.#store.write('second', second);
      for (const group of Object.keys(this.#steps) as ParameterGroup[]) this.#steps[group] = steps[group] ?? 0;
    });
  }

  /** GPU time of every kernel since the last call; for an engine made with `timed`. */
  kernelTimes(): Map<string, KernelTime> {
    return this.#recorder.times();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#forgetPainter();
    this.#arena.free();
    this.#opened.close();
  }
}

/** What the kernels cannot do; the reference engine can. */
function refuseForeignScenes({ radiance, languages }: SceneConfig): void {
  const rules = [radiance.biases, ...languages.map(({ biases }) => biases)];
  if (rules.includes('every-layer'))
    throw new LangfieldError({
      problem: 'the GPU engine has no biases in every layer',
      field: 'biases',
      found: rules.join(', '),
      expected: 'padding or none',
      advice: 'Use the reference engine for such a scene',
    });
  const grids = [radiance.grid, ...radiance.proposals.map(({ grid }) => grid), ...languages.flatMap((l) => l.grids)];
  const features = grids.map((grid) => grid.features);
  if (features.some((count) => ![2, 4, 8].includes(count)))
    throw new LangfieldError({
      problem: 'the GPU engine has no hash grids of so many features',
      field: 'features',
      found: features.join(', '),
      expected: '2, 4 or 8',
      advice: 'Use the reference engine for such a scene',
    });
}
