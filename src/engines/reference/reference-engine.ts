/**
 * The reference engine: the specification in code, float64, single-threaded, written to be read. Other engines are
 * tested against it on small scenes; it is far too slow for real ones. Its state is the parameters, the optimisers'
 * moments and their counters, all in float64; what it hands out is float32, as the interface says.
 */
import type { SceneConfig } from '../../field/config.ts';
import { initialParameters } from '../../field/initialise.ts';
import type { ParameterGroup } from '../../field/parameters.ts';
import type {
  Engine,
  OptimiserState,
  RayBundle,
  RenderRequest,
  RenderResult,
  StepLosses,
  StepSettings,
  TensorMap,
  TrainingBatch,
} from '../engine.ts';
import type { Model, ParityOptions } from './model.ts';
import { buildModel } from './model.ts';
import type { Moments } from './optimise.ts';
import { applyGradients, emptyMoments } from './optimise.ts';
import { renderRays } from './render.ts';
import { computeStep } from './step.ts';
import type { Tensors } from './tensors.ts';
import { toFloat32, toFloat64 } from './tensors.ts';

export interface ReferenceOptions {
  /** Seed of the initial parameters; 0 by default. */
  seed?: number;
  /** For recorded vectors only. With `torchHashGrid` the parameters start at zero: their tables have other shapes. */
  parity?: ParityOptions;
}

export class ReferenceEngine implements Engine {
  readonly name = 'reference';
  readonly config: SceneConfig;
  readonly #model: Model;
  #tensors: Tensors;
  #moments: Moments;

  constructor(config: SceneConfig, { seed = 0, parity = {} }: ReferenceOptions = {}) {
    this.config = config;
    this.#model = buildModel(config, parity);
    this.#moments = emptyMoments(this.#model);
    this.#tensors = parity.torchHashGrid ? emptyMoments(this.#model).first : toFloat64(initialParameters(config, seed));
  }

  async trainStep(batch: TrainingBatch, settings: StepSettings): Promise<StepLosses> {
    const { losses, gradients } = computeStep(this.#model, this.#tensors, batch, settings);
    applyGradients(this.#model, this.#tensors, this.#moments, gradients, settings.learningRates);
    return losses;
  }

  /** What `trainStep` would step along, without stepping: the gradients of the parameters that the step trains. */
  async gradients(batch: TrainingBatch, settings: StepSettings): Promise<{ losses: StepLosses; gradients: TensorMap }> {
    const { losses, gradients } = computeStep(this.#model, this.#tensors, batch, settings);
    return { losses, gradients: toFloat32(gradients) };
  }

  async render(rays: RayBundle, request: RenderRequest): Promise<RenderResult> {
    return renderRays(this.#model, this.#tensors, rays, request);
  }

  async readParameters(): Promise<TensorMap> {
    return toFloat32(this.#tensors);
  }

  async writeParameters(parameters: TensorMap): Promise<void> {
    this.#tensors = this.#checked(parameters);
  }

  async readOptimiser(): Promise<OptimiserState> {
    const { first, second, steps } = this.#moments;
    return { first: toFloat32(first), second: toFloat32(second), steps: Object.fromEntries(steps) };
  }

  async writeOptimiser({ first, second, steps }: OptimiserState): Promise<void> {
    const counters = new Map(this.#moments.steps);
    for (const group of counters.keys()) counters.set(group, steps[group satisfies ParameterGroup] ?? 0);
    this.#moments = { first: this.#checked(first), second: this.#checked(second), steps: counters };
  }

  async close(): Promise<void> {}

  /** In the model's order, each present with its exact length. */
  #checked(tensors: TensorMap): Tensors {
    const ordered: TensorMap = new Map();
    for (const { name, size } of this.#model.parameters.values()) {
      const values = tensors.get(name);
      if (values?.length !== size)
        throw new RangeError(`parameter ${name} has ${values?.length ?? 'no'} elements; expected ${size}`);
      ordered.set(name, values);
    }
    return toFloat64(ordered);
  }
}
