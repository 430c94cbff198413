/**
 * One round of a ray on the GPU (spec §4.3, §4.4): samples placed by the round before, a density network evaluated on
 * them, weights; and the way back from gradients of the weights to the network and to the rays. The reference is
 * `engines/reference/rounds.ts`.
 */
import type { HashGridConfig, SceneConfig } from '../../field/config.ts';
import { gridWidth, paddedOnes } from '../../field/parameters.ts';
import type { NarrowShape } from '../../ops/mlp/narrow-layout.ts';
import {
  euclideanEdgesKernel,
  initialEdgesKernel,
  planeParams,
  resampleEdgesKernel,
  sampleCoordinatesBackwardKernel,
  sampleCoordinatesKernel,
} from '../../ops/ray-sampling/ray-sampling.wgsl.ts';
import {
  compositeWeightsBackwardKernel,
  compositeWeightsKernel,
  densityActivationBackwardKernel,
  densityActivationKernel,
} from '../../ops/volume-rendering/volume-rendering.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { Arena } from './arena.ts';
import type { RayArrays } from './batch-arrays.ts';
import type { GridPoints, GridTable } from './grid-table.ts';
import type { ArrayRequests } from './memory-plan.ts';
import { NarrowPerceptron, narrowNeeds, narrowRequests, type RowColumns } from './narrow-perceptron.ts';
import type { ParameterStore } from './parameter-store.ts';
import type { Recorder } from './recorder.ts';
import type { ScratchArrays, ScratchNeeds } from './scratch.ts';

/** What a round is made of, from the scene's description. */
export interface RoundDescription {
  /** Prefix of its arrays. */
  name: string;
  gridName: string;
  mlpName: string;
  grid: HashGridConfig;
  samples: number;
  /** Of the density network; output 0 is the log-density. */
  network: NarrowShape;
}

/** Proposal networks coarse to fine, then the radiance field. */
export function describeRounds({ radiance }: SceneConfig): RoundDescription[] {
  const network = (grid: HashGridConfig, hidden: number, outputs: number): NarrowShape => {
    const inputs = gridWidth([grid]);
    const biased = radiance.biases === 'padding' && paddedOnes(inputs) > 0;
    return { inputs, hidden, hiddenLayers: 1, outputs, kind: biased ? 'bias' : 'plain' };
  };
  const rounds = radiance.proposals.map(({ grid, samples, hiddenWidth }, index): RoundDescription => {
    const [gridName, mlpName] = [`proposal.${index}.grid`, `proposal.${index}.mlp`];
    return { name: `round.${index}`, gridName, mlpName, grid, samples, network: network(grid, hiddenWidth, 1) };
  });
  rounds.push({
    name: 'round.final',
    gridName: 'radiance.grid',
    mlpName: 'radiance.density',
    grid: radiance.grid,
    samples: radiance.samples,
    network: network(radiance.grid, radiance.densityWidth, 1 + radiance.geometryFeatures),
  });
  return rounds;
}

export function roundRequests({ name, samples, network }: RoundDescription, rays: number): ArrayRequests {
  const points = rays * samples;
  const floats = (length: number) => ({ scalar: 'f32', length, purpose: 'activations' }) as const;
  return {
    [`${name}.spacing`]: floats(rays * (samples + 1)),
    [`${name}.distances`]: floats(rays * (samples + 1)),
    [`${name}.coordinates`]: floats(points * 3),
    [`${name}.selector`]: floats(points),
    [`${name}.encoded`]: floats(points * network.inputs),
    [`${name}.density`]: floats(points),
    [`${name}.weights`]: floats(points),
    [`${name}.gradWeights`]: floats(points),
    [`${name}.gradDensity`]: floats(points),
    ...narrowRequests(name, network, points),
  };
}

export function roundNeeds({ samples, network }: RoundDescription, rays: number): Partial<ScratchNeeds> {
  const points = rays * samples;
  return {
    ...narrowNeeds(network, { rows: points, samples: points }),
    gradEncoded: points * network.inputs,
    gradOutputs: points * network.outputs,
    gradCoordinates: points * 3,
  };
}

/** Where the samples of a step lie. */
export interface Placement {
  rays: RayArrays;
  count: number;
  /** [rays, 3], one column per round. */
  jitter: GpuArray<'f32'>;
  train: boolean;
  /** Exponent a of w^a. */
  anneal: number;
  /** Scene units. */
  near: number;
  far: number;
}

export interface RayGradientArrays {
  /** [rays, 3] */
  gradOrigins: GpuArray<'f32'>;
  gradDirections: GpuArray<'f32'>;
}

export class RayRound {
  readonly samples: number;
  /** [rays, samples + 1] in [0, 1], and scene units along the ray. */
  readonly spacing: GpuArray<'f32'>;
  readonly distances: GpuArray<'f32'>;
  /** [rays, samples] */
  readonly weights: GpuArray<'f32'>;
  /** [rays, samples]; filled by the losses before `backward`. */
  readonly gradWeights: GpuArray<'f32'>;
  readonly network: NarrowPerceptron;
  readonly #grid: GridTable;
  readonly #description: RoundDescription;
  readonly #initialDensity: number;
  readonly #arrays: Record<'coordinates' | 'selector' | 'encoded' | 'density' | 'gradDensity', GpuArray<'f32'>>;

  constructor(arena: Arena, store: ParameterStore, description: RoundDescription, initialDensity: number) {
    const { name, samples, gridName, mlpName } = description;
    const find = (array: string) => arena.find('f32', `${name}.${array}`);
    this.#description = description;
    this.#initialDensity = initialDensity;
    this.samples = samples;
    this.spacing = find('spacing');
    this.distances = find('distances');
    this.weights = find('weights');
    this.gradWeights = find('gradWeights');
    this.#arrays = {
      coordinates: find('coordinates'),
      selector: find('selector'),
      encoded: find('encoded'),
      density: find('density'),
      gradDensity: find('gradDensity'),
    };
    this.#grid = store.grid(gridName);
    this.network = new NarrowPerceptron(arena, name, description.network, store.layers(mlpName));
  }

  /** Samples, network and weights. @param previous the round before, absent in the first */
  evaluate(recorder: Recorder, placement: Placement, previous: RayRound | undefined, index: number): void {
    this.#place(recorder, placement, previous, index);
    const { rays, count, near, far } = placement;
    const { samples, spacing, distances, weights } = this;
    const { coordinates, selector, encoded, density } = this.#arrays;
    recorder
      .dispatch(euclideanEdgesKernel, {
        params: { edges: count * (samples + 1), ...planeParams(near, far) },
        buffers: { spacing, distances },
      })
      .dispatch(sampleCoordinatesKernel, {
        params: { rays: count, samples },
        buffers: { ...rays, distances, coordinates, selector },
      });
    const points = count * samples;
    this.#grid.encode(recorder, this.#points(count), encoded);
    this.network.forward(recorder, { rows: points, samples: points }, this.#encodings(encoded));
    recorder
      .dispatch(densityActivationKernel, {
        params: this.#activation(points),
        buffers: { raw: this.network.outputs, selector, density },
      })
      .dispatch(compositeWeightsKernel, {
        params: { rays: count, samples },
        buffers: { density, edges: distances, weights },
      });
  }

  #place(recorder: Recorder, placement: Placement, previous: RayRound | undefined, index: number): void {
    const { count, jitter, anneal } = placement;
    const train = placement.train ? 1 : 0;
    const { samples, spacing } = this;
    if (previous)
      recorder.dispatch(resampleEdgesKernel, {
        params: { rays: count, bins: previous.samples, samples, anneal, train, column: index },
        buffers: { weights: previous.weights, edges: previous.spacing, jitter, newEdges: spacing },
      });
    else
      recorder.dispatch(initialEdgesKernel, {
        params: { rays: count, samples, train },
        buffers: { jitter, edges: spacing },
      });
  }

  #points(rays: number): GridPoints {
    const stride = this.#description.network.inputs;
    return { count: rays * this.samples, positions: this.#arrays.coordinates, stride, column: 0 };
  }

  #encodings(array: GpuArray<'f32'>): RowColumns {
    return { array, stride: this.#description.network.inputs, column: 0 };
  }

  #activation(points: number) {
    return { points, stride: this.#description.network.outputs, initialDensity: this.#initialDensity };
  }

  /**
   * From `gradWeights` to the gradients of the network. Columns 1 … of the output gradient, the geometry features', must
   * be in `scratch.gradOutputs` already.
   * @param rayGradients += gradients of the rays; absent: not wanted
   */
  backward(
    recorder: Recorder,
    { rays, count }: Pick<Placement, 'rays' | 'count'>,
    scratch: ScratchArrays,
    rayGradients: RayGradientArrays | undefined,
  ): void {
    const { samples, distances, gradWeights } = this;
    const { density, gradDensity, selector, encoded } = this.#arrays;
    const points = count * samples;
    const { gradOutputs, gradEncoded, gradCoordinates } = scratch;
    recorder
      .dispatch(compositeWeightsBackwardKernel, {
        params: { rays: count, samples },
        buffers: { density, edges: distances, gradWeights, gradDensity },
      })
      .dispatch(densityActivationBackwardKernel, {
        params: this.#activation(points),
        buffers: { raw: this.network.outputs, selector, gradDensity, gradRaw: gradOutputs },
      });
    const shape = { rows: points, samples: points };
    const [x, gradX] = [this.#encodings(encoded), this.#encodings(gradEncoded)];
    this.network.backward(recorder, shape, x, gradOutputs, scratch, gradX);
    this.#grid.addTableGradient(recorder, this.#points(count), gradEncoded);
    if (!rayGradients) return;
    recorder.clear(gradCoordinates);
    this.#grid.addPositionGradient(recorder, this.#points(count), gradEncoded, gradCoordinates);
    recorder.dispatch(sampleCoordinatesBackwardKernel, {
      params: { rays: count, samples },
      buffers: { ...rays, distances, gradCoordinates, ...rayGradients },
    });
  }
}
