/**
 * A GPU engine for nothing but pictures and phrases: the parameters once, without gradients, moments and activations of
 * training. It renders with the same kernels as `WebGpuEngine`, and knows none of those that train, so that a page which
 * only shows scenes need not fetch them.
 */
import { LangfieldError } from '../../errors.ts';
import type { SceneConfig } from '../../field/config.ts';
import type { TensorMap } from '../../field/parameters.ts';
import type { Engine, RayBundle, RenderRequest, RenderResult } from '../engine.ts';
import { type OpenDevice, openDevice } from './device.ts';
import { type FastPathOptions, summarise, verifyFastPaths } from './fast-paths.ts';
import { type MemoryPlan, planMemory } from './memory-plan.ts';
import { Recorder } from './recorder.ts';
import { renderRequests, renderSizes } from './render-memory.ts';
import { RenderParameters, renderParameterRequests } from './render-parameters.ts';
import { refuseForeignRadiance } from './render-radiance.ts';
import { RayRenderer } from './render-rays.ts';

export interface WebGpuRenderOptions {
  parameters: TensorMap;
  /** Bytes of GPU memory that all arrays may take; absent = no limit. */
  maxMemory?: number;
  /** Which faster ways are taken; what the adapter has and what agrees with float32 unless given. */
  fastPaths?: FastPathOptions;
  /** Rays that go through at once; calls with more are cut. 4096 unless given. */
  raysAtOnce?: number;
}

interface EngineParts {
  opened: OpenDevice;
  plan: MemoryPlan;
  switchedOff: string[];
  scene: RenderParameters;
  recorder: Recorder;
  renderer: RayRenderer;
}

function planEngine(config: SceneConfig, opened: OpenDevice, rays: number, maxMemory?: number): MemoryPlan {
  const { maxBufferSize, maxStorageBufferBindingSize } = opened.limits;
  const rendering = Object.entries(renderRequests(config, renderSizes(config, rays)));
  return planMemory(
    {
      ...renderParameterRequests(opened, config),
      ...Object.fromEntries(rendering.map(([name, request]) => [`rendering.${name}`, request])),
    },
    { maxBufferSize, maxStorageBufferBindingSize, maxMemory },
  );
}

export class WebGpuRenderEngine implements Engine {
  readonly name = 'webgpu';
  readonly config: SceneConfig;
  readonly summary: string;
  /** What the GPU calls itself. */
  readonly device: string;
  /** Resolves when the GPU is lost or refuses work; every call fails from then on. */
  readonly failure: Promise<LangfieldError>;
  readonly plan: MemoryPlan;
  readonly #opened: OpenDevice;
  readonly #scene: RenderParameters;
  readonly #recorder: Recorder;
  readonly #renderer: RayRenderer;
  /** Work goes to the device in the order of the calls. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(config: SceneConfig, { opened, plan, switchedOff, scene, recorder, renderer }: EngineParts) {
    this.config = config;
    this.summary = summarise(opened, plan, switchedOff);
    this.device = opened.name;
    this.failure = opened.failure;
    this.plan = plan;
    this.#opened = opened;
    this.#scene = scene;
    this.#recorder = recorder;
    this.#renderer = renderer;
  }

  /**
   * Takes over the device: it is closed with the engine.
   * @throws LangfieldError when the scene is not one for the kernels, or its memory plan does not fit
   */
  static async create(
    config: SceneConfig,
    opened: OpenDevice,
    { parameters, maxMemory, fastPaths, raysAtOnce = 4096 }: WebGpuRenderOptions,
  ): Promise<WebGpuRenderEngine> {
    refuseForeignRadiance(config);
    const switchedOff = await verifyFastPaths(opened, fastPaths);
    const plan = planEngine(config, opened, raysAtOnce, maxMemory);
    const scene = await RenderParameters.create(opened, config, parameters);
    const recorder = new Recorder(opened);
    const renderer = await RayRenderer.create(opened, scene, recorder, { rays: raysAtOnce });
    return new WebGpuRenderEngine(config, { opened, plan, switchedOff, scene, recorder, renderer });
  }

  /** Runs `work` after everything asked for before it, whether that succeeded or not. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  render(rays: RayBundle, request: RenderRequest): Promise<RenderResult> {
    return this.#inOrder(() => this.#renderer.render(rays, request));
  }

  readParameters(): Promise<TensorMap> {
    return this.#inOrder(() => this.#scene.read(this.#recorder));
  }

  writeParameters(parameters: TensorMap): Promise<void> {
    return this.#inOrder(async () => {
      this.#renderer.markChanged();
      this.#scene.write(parameters);
    });
  }

  trainStep = refuseTraining;
  readOptimiser = refuseTraining;
  writeOptimiser = refuseTraining;

  async close(): Promise<void> {
    await this.#last;
    this.#renderer.free();
    this.#scene.free();
    this.#opened.close();
  }
}

/**
 * An engine on a device of its own.
 * @param gpu navigator.gpu, or the platform's `openGpu()`
 */
export async function openRenderEngine(
  config: SceneConfig,
  gpu: GPU | undefined,
  options: WebGpuRenderOptions,
): Promise<WebGpuRenderEngine> {
  if (!gpu) throw new LangfieldError({ problem: 'there is no WebGPU here' });
  const opened = await openDevice(gpu);
  try {
    return await WebGpuRenderEngine.create(config, opened, options);
  } catch (error) {
    opened.close();
    throw error;
  }
}

const refuseTraining = (..._given: unknown[]): Promise<never> =>
  Promise.reject(new Error('this engine was made to render, not to train'));
