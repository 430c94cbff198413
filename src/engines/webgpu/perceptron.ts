/**
 * Layers of any width on the GPU (ops/mlp), each a tiled product: those of language fields, whose outputs stay in memory
 * for the way back. Perceptrons of at most 64 are in narrow-perceptron.ts.
 */
import type { Activation } from '../../ops/mlp/dense.wgsl.ts';
import {
  denseInputBackwardKernel,
  denseKernel,
  denseWeightBackwardKernel,
  sumPartialsKernel,
  sumWeightPartialsKernel,
  tileFor,
  weightSplits,
} from '../../ops/mlp/dense.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { Arena } from './arena.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { LayerArrays } from './parameter-store.ts';
import type { Recorder } from './recorder.ts';
import { partialsLength, type ScratchArrays, type ScratchNeeds } from './scratch.ts';

/** Rows of a matrix that are longer than what is used of them. */
export interface StridedRows {
  array: GpuArray<'f32'>;
  stride: number;
}

/** Y [rows, outputs] = act(X W + b), with rows of Y as long as `outputs`. */
export function denseForward(
  recorder: Recorder,
  rows: number,
  { inputs, outputs, weight, bias }: LayerArrays,
  x: StridedRows,
  y: GpuArray<'f32'>,
  activation: Activation,
): void {
  recorder.dispatch(denseKernel(activation, bias !== undefined, 'f32', tileFor(rows, outputs)), {
    params: { rows, inputs, outputs, strideX: x.stride, strideY: outputs },
    buffers: { x: x.array, weight: weight.values, bias: (bias ?? weight).values, y },
  });
}

/** Adds Xᵀ gradY to `gradWeight` [inputs, outputs], and the sum of gradY over the rows to the bias where there is one. */
export function addWeightGradient(
  recorder: Recorder,
  { rows, inputs, outputs }: { rows: number; inputs: number; outputs: number },
  x: StridedRows,
  gradY: GpuArray<'f32'>,
  gradWeight: GpuArray<'f32'>,
  gradBias: GpuArray<'f32'> | undefined,
  { partials }: ScratchArrays,
): void {
  if (!gradBias) {
    addUnbiasedGradient(recorder, { rows, inputs, outputs }, x, gradY, gradWeight, partials);
    return;
  }
  const tile = tileFor(inputs + 1, outputs);
  const splits = weightSplits(tile, rows, inputs, outputs);
  recorder
    .dispatch(denseWeightBackwardKernel('f32', tile), {
      params: { rows, inputs, outputs, strideX: x.stride, strideGradY: outputs, splits },
      buffers: { x: x.array, gradY, partials },
    })
    .dispatch(sumWeightPartialsKernel, {
      params: { inputs, outputs, splits, biased: 1 },
      buffers: { partials, gradWeight, gradBias },
    });
}

function addUnbiasedGradient(
  recorder: Recorder,
  { rows, inputs, outputs }: { rows: number; inputs: number; outputs: number },
  x: StridedRows,
  gradY: GpuArray<'f32'>,
  gradWeight: GpuArray<'f32'>,
  partials: GpuArray<'f32'>,
): void {
  const tile = tileFor(inputs, outputs);
  const splits = weightSplits(tile, rows, inputs - 1, outputs);
  recorder
    .dispatch(denseWeightBackwardKernel('f32', tile, false), {
      params: { rows, inputs, outputs, strideX: x.stride, strideGradY: outputs, splits },
      buffers: { x: x.array, gradY, partials },
    })
    .dispatch(sumPartialsKernel, {
      params: { length: inputs * outputs, splits },
      buffers: { partials, sums: gradWeight },
    });
}

/** gradX [rows, inputs] = gradY Wᵀ; with `mask`, 0 where that activation is not above 0. */
export function denseInputBackward(
  recorder: Recorder,
  { rows, inputs, outputs }: { rows: number; inputs: number; outputs: number },
  gradY: GpuArray<'f32'>,
  weight: GpuArray<'f32'>,
  gradX: StridedRows,
  mask?: StridedRows,
): void {
  recorder.dispatch(denseInputBackwardKernel(mask !== undefined, 'f32', tileFor(rows, inputs)), {
    params: { rows, inputs, outputs, strideX: mask?.stride ?? 0, strideGradX: gradX.stride, strideGradY: outputs },
    buffers: { gradY, weight, x: mask?.array ?? weight, gradX: gradX.array },
  });
}

/** Arrays of the stages of layers with these widths, [inputs, hidden …, outputs]. */
export function stageRequests(prefix: string, rows: number, widths: readonly number[]): ArrayRequests {
  return Object.fromEntries(
    widths
      .slice(1)
      .map((width, layer) => [
        `${prefix}.stage.${layer}`,
        { scalar: 'f32', length: rows * width, purpose: 'activations' },
      ]),
  );
}

/** What the way back through layers of these widths needs besides. */
export function perceptronNeeds(rows: number, widths: readonly number[]): Partial<ScratchNeeds> {
  const pairs = widths.slice(1).map((outputs, layer) => partialsLength(rows, widths[layer], outputs));
  return { gradHidden: rows * Math.max(0, ...widths.slice(1, -1)), partials: Math.max(...pairs) };
}

/** Hidden layers one after the other, each with its ReLU. */
export class Perceptron {
  readonly layers: readonly LayerArrays[];
  /** Outputs of every layer, [rows, outputs]. */
  readonly stages: readonly GpuArray<'f32'>[];

  /** Finds its stages in an arena whose plan had `stageRequests`. */
  constructor(arena: Arena, prefix: string, layers: readonly LayerArrays[]) {
    this.layers = layers;
    this.stages = layers.map((_, layer) => arena.find('f32', `${prefix}.stage.${layer}`));
  }

  get outputs(): GpuArray<'f32'> {
    return this.stages[this.stages.length - 1];
  }

  forward(recorder: Recorder, rows: number, x: StridedRows): void {
    for (const [index, layer] of this.layers.entries())
      denseForward(recorder, rows, layer, this.#inputOf(index, x), this.stages[index], 'relu');
  }

  /**
   * Adds the gradients of weights and biases.
   * @param gradOutputs [rows, outputs] of the last layer before its ReLU; may be one of the two gradHidden arrays
   * @param gradX where the gradient of X goes; absent: it is not wanted
   */
  backward(
    recorder: Recorder,
    rows: number,
    x: StridedRows,
    gradOutputs: GpuArray<'f32'>,
    scratch: ScratchArrays,
    gradX?: StridedRows & { columns: number },
  ): void {
    let gradY = gradOutputs;
    for (let index = this.layers.length - 1; index >= 0; index--) {
      const { inputs, outputs, weight, bias } = this.layers[index];
      const input = this.#inputOf(index, x);
      const shape = { rows, inputs, outputs };
      addWeightGradient(recorder, shape, input, gradY, weight.gradients, bias?.gradients, scratch);
      if (index > 0) {
        const [even, odd] = scratch.gradHidden;
        const next = gradY === even ? odd : even;
        denseInputBackward(recorder, shape, gradY, weight.values, { array: next, stride: inputs }, input);
        gradY = next;
      } else if (gradX) denseInputBackward(recorder, { ...shape, inputs: gradX.columns }, gradY, weight.values, gradX);
    }
  }

  #inputOf(index: number, x: StridedRows): StridedRows {
    return index === 0 ? x : { array: this.stages[index - 1], stride: this.layers[index].inputs };
  }
}
