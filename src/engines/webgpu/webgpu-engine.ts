/**
 * The GPU engine: training and rendering on WebGPU from the same description, parameters and optimiser state as the other
 * engines. This file owns device, memory and the order of calls; what a step consists of is in radiance-field.ts and
 * language-field.ts, what pictures and queries consist of in render-rays.ts.
 */
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
import { Arena } from './arena.ts';
import { BatchArrays, batchRequests } from './batch-arrays.ts';
import type { OpenDevice } from './device.ts';
import { type FastPathOptions, summarise, verifyFastPaths } from './fast-paths.ts';
import type { KernelTime } from './kernel-timer.ts';
import { languageNeeds, languageRequests } from './language-arrays.ts';
import { LanguageField } from './language-field.ts';
import { LossRing, lossRequests, ringSteps } from './loss-ring.ts';
import { type ArrayRequests, type MemoryPlan, planMemory } from './memory-plan.ts';
import { type GridGradients, ParameterStore, parameterRequests } from './parameter-store.ts';
import { RadianceField, radianceNeeds, radianceRequests, refuseWideRadiance } from './radiance-field.ts';
import { Recorder } from './recorder.ts';
import { refuseForeignLanguage } from './render-language.ts';
import { renderRequests, renderSizes } from './render-memory.ts';
import { refuseForeignRadiance } from './render-radiance.ts';
import { RayRenderer } from './render-rays.ts';
import { findScratch, scratchRequests } from './scratch.ts';

export interface WebGpuEngineOptions {
  parameters: TensorMap;
  /** Largest batch that a step will get. */
  raysPerStep: number;
  /** Bytes of GPU memory that all arrays may take; absent = no limit. */
  maxMemory?: number;
  /** Sums by subgroup operations: what the adapter has and what agrees with float32 unless given. */
  subgroups?: FastPathOptions['subgroups'];
  /** Measure every kernel (`kernelTimes`), which slows training down. */
  timed?: boolean;
  /** How gradients of hash grids are summed, for benchmarks; the fastest unless given. */
  gridGradients?: GridGradients;
}

/** Dispatches of one submit: a step of LERF's sizes is two or three submits of some milliseconds each. */
const dispatchesPerSubmit = 128;

/** Rays that are rendered at once: as many as the callers of `render` cut their pictures into. */
const raysRendered = 4096;

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

/** Training and rendering together, before either allocates anything. */
function planEngine(config: SceneConfig, opened: OpenDevice, options: WebGpuEngineOptions): MemoryPlan {
  const { maxBufferSize, maxStorageBufferBindingSize } = opened.limits;
  const rendering = Object.entries(renderRequests(config, renderSizes(config, raysRendered)));
  return planMemory(
    {
      ...trainingRequests(config, opened, options),
      ...Object.fromEntries(rendering.map(([name, request]) => [`rendering.${name}`, request])),
    },
    { maxBufferSize, maxStorageBufferBindingSize, maxMemory: options.maxMemory },
  );
}

/** What an engine is made of once its memory is there. */
interface EngineParts {
  opened: OpenDevice;
  plan: MemoryPlan;
  switchedOff: string[];
  arena: Arena;
  recorder: Recorder;
  store: ParameterStore;
  renderer: RayRenderer;
}

export class WebGpuEngine implements Engine {
  readonly name = 'webgpu';
  readonly blendsCorners = true;
  readonly config: SceneConfig;
  readonly summary: string;
  readonly #raysPerStep: number;
  readonly #opened: OpenDevice;
  readonly #arena: Arena;
  readonly #recorder: Recorder;
  readonly #store: ParameterStore;
  readonly #renderer: RayRenderer;
  readonly #batch: BatchArrays;
  readonly #losses: LossRing;
  readonly #radiance: RadianceField;
  readonly #languages: LanguageField[];
  readonly #steps: Record<ParameterGroup, number> = { proposal: 0, fields: 0, camera: 0, language: 0 };
  /** Losses that had to be read before anybody asked. */
  #readEarly: StepLosses[] = [];
  /** Work goes to the device in the order of the calls. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(config: SceneConfig, raysPerStep: number, parts: EngineParts) {
    const { opened, plan, switchedOff, arena, recorder, store, renderer } = parts;
    this.config = config;
    this.#raysPerStep = raysPerStep;
    this.#opened = opened;
    this.#arena = arena;
    this.summary = summarise(opened, plan, switchedOff);
    this.#recorder = recorder;
    this.#store = store;
    this.#renderer = renderer;
    this.#batch = new BatchArrays(opened, arena, config);
    this.#losses = new LossRing(arena, config);
    const scratch = findScratch(arena);
    const shared = { batch: this.#batch, losses: this.#losses, scratch };
    this.#radiance = new RadianceField(arena, store, config, shared);
    const finalSamples = config.radiance.samples;
    this.#languages = config.languages.map(
      (language, field) =>
        new LanguageField(arena, store, language, { field, finalSamples, losses: this.#losses, scratch }),
    );
  }

  /**
   * Takes over the device: it is closed with the engine.
   * @throws LangfieldError when the scene is not one for the kernels, or its memory plan does not fit
   */
  static async create(config: SceneConfig, opened: OpenDevice, options: WebGpuEngineOptions): Promise<WebGpuEngine> {
    refuseForeignRadiance(config);
    refuseWideRadiance(config);
    refuseForeignLanguage(config);
    const switchedOff = await verifyFastPaths(opened, { subgroups: options.subgroups, halfTables: 'off' });
    const plan = planEngine(config, opened, options);
    const arena = await Arena.allocate(opened, trainingRequests(config, opened, options));
    const recorder = new Recorder(opened, { dispatchesPerSubmit, timed: options.timed });
    const store = new ParameterStore(opened, arena, config, options.gridGradients);
    const scene = {
      config,
      tensor: (name: string) => store.find(name)?.values,
      grid: (name: string) => store.grid(name).parts,
    };
    const renderer = await RayRenderer.create(opened, scene, recorder, { rays: raysRendered });
    store.write('table', options.parameters);
    return new WebGpuEngine(config, options.raysPerStep, {
      opened,
      plan,
      switchedOff,
      arena,
      recorder,
      store,
      renderer,
    });
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
    if (batch.count > this.#raysPerStep)
      throw new RangeError(`a batch of ${batch.count} rays; planned for ${this.#raysPerStep}`);
    return this.#inOrder(async () => {
      this.#opened.check();
      this.#renderer.markChanged();
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
    return this.#inOrder(() => this.#renderer.render(rays, request));
  }

  readParameters(): Promise<TensorMap> {
    return this.#inOrder(() => this.#store.read('table', this.#recorder));
  }

  writeParameters(parameters: TensorMap): Promise<void> {
    return this.#inOrder(async () => {
      this.#renderer.markChanged();
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
    this.#renderer.free();
    this.#arena.free();
    this.#opened.close();
  }
}
