/**
 * The DINO head of a language field on the GPU, with its last layer after the sum along the ray (savings A8; spec §2.3,
 * §2.5, §2.6).
 */
import type { LanguageConfig } from '../../field/config.ts';
import { gridWidth } from '../../field/parameters.ts';
import {
  divideByCountKernel,
  featureErrorKernel,
  weightedSumBackwardKernel,
  weightedSumKernel,
} from '../../ops/language-rendering/dino-training.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { Arena } from './arena.ts';
import type { LossRing } from './loss-ring.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { LayerArrays } from './parameter-store.ts';
import {
  addWeightGradient,
  denseForward,
  denseInputBackward,
  Perceptron,
  perceptronNeeds,
  type StridedRows,
  stageRequests,
} from './perceptron.ts';
import type { Recorder } from './recorder.ts';
import { partialsLength, type ScratchArrays, type ScratchNeeds } from './scratch.ts';

const arrayNames = ['rayHidden', 'features', 'gradFeatures', 'gradRayHidden'] as const;
type ArrayName = (typeof arrayNames)[number];

export function dinoRequests(
  prefix: string,
  { grids, dinoWidth, dinoDim }: LanguageConfig,
  rays: number,
  chosen: number,
): ArrayRequests {
  if (dinoDim === 0) return {};
  const floats = (length: number) => ({ scalar: 'f32', length, purpose: 'activations' }) as const;
  return {
    [`${prefix}.rayHidden`]: floats(rays * dinoWidth),
    [`${prefix}.features`]: floats(rays * dinoDim),
    [`${prefix}.gradFeatures`]: floats(rays * dinoDim),
    [`${prefix}.gradRayHidden`]: floats(rays * dinoWidth),
    ...stageRequests(prefix, rays * chosen, [gridWidth(grids), dinoWidth]),
  };
}

export function dinoNeeds(
  { grids, dinoWidth, dinoDim }: LanguageConfig,
  rays: number,
  chosen: number,
): Partial<ScratchNeeds>[] {
  return [
    perceptronNeeds(rays * chosen, [gridWidth(grids), dinoWidth]),
    { gradHidden: rays * chosen * dinoWidth, partials: partialsLength(rays, dinoWidth, dinoDim) },
  ];
}

export class DinoHead {
  readonly #hidden: Perceptron;
  readonly #last: LayerArrays;
  readonly #arrays: Record<ArrayName, GpuArray<'f32'>>;

  /** @param layers the two layers of the head; neither the second nor anything after it has a bias */
  constructor(arena: Arena, prefix: string, [first, last]: readonly LayerArrays[]) {
    this.#hidden = new Perceptron(arena, prefix, [first]);
    this.#last = last;
    const entries = arrayNames.map((name) => [name, arena.find('f32', `${prefix}.${name}`)]);
    this.#arrays = Object.fromEntries(entries) as Record<ArrayName, GpuArray<'f32'>>;
  }

  /**
   * Loss and gradients of the head.
   * @param x [rays, chosen] rows of the encoding
   * @param gradX = gradient of the encoding
   * @param slots where the sum of the losses and the number of counted rays go
   */
  train(
    recorder: Recorder,
    { rays, chosen }: { rays: number; chosen: number },
    data: {
      x: StridedRows;
      weights: GpuArray<'f32'>;
      targets: GpuArray<'f32'>;
      gradX: StridedRows & { columns: number };
    },
    slots: { loss: number; count: number },
    losses: LossRing,
    scratch: ScratchArrays,
  ): void {
    const { x, weights, targets, gradX } = data;
    const { inputs: width, outputs: dim } = this.#last;
    const { rayHidden, features, gradFeatures, gradRayHidden } = this.#arrays;
    const hidden = this.#hidden.outputs;
    const [gradHidden] = scratch.gradHidden;
    const points = rays * chosen;
    this.#hidden.forward(recorder, points, x);
    recorder.dispatch(weightedSumKernel, { params: { rays, chosen, width }, buffers: { hidden, weights, rayHidden } });
    denseForward(recorder, rays, this.#last, { array: rayHidden, stride: width }, features, 'none');
    recorder.dispatch(featureErrorKernel, {
      params: { rays, dim },
      buffers: { features, targets, counted: losses.counted, losses: losses.perRay, gradFeatures },
    });
    losses.add(recorder, slots.loss, losses.perRay, rays);
    losses.add(recorder, slots.count, losses.counted, rays);
    recorder.dispatch(divideByCountKernel, {
      params: { length: rays * dim, countSlot: slots.count },
      buffers: { sums: losses.sums, values: gradFeatures },
    });
    const shape = { rows: rays, inputs: width, outputs: dim };
    const { weight, bias } = this.#last;
    const ofRay = { array: rayHidden, stride: width };
    addWeightGradient(recorder, shape, ofRay, gradFeatures, weight.gradients, bias?.gradients, scratch);
    denseInputBackward(recorder, shape, gradFeatures, weight.values, { array: gradRayHidden, stride: width });
    recorder.dispatch(weightedSumBackwardKernel, {
      params: { points, chosen, width },
      buffers: { hidden, weights, gradRayHidden, gradHidden },
    });
    this.#hidden.backward(recorder, points, x, gradHidden, scratch, gradX);
  }
}
