/**
 * A narrow multi-layer perceptron on the GPU (ops/mlp/narrow-forward.wgsl.ts, narrow-backward.wgsl.ts): one kernel forward, one backward. Only
 * its outputs stay in memory; hidden activations are computed again on the way back. Every network of a radiance field is
 * one; those of language fields are wide (perceptron.ts).
 */
import { LangfieldError } from '../../errors.ts';
import {
  mostNarrowPieces,
  type NarrowPoints,
  type NarrowShape,
  narrowLayout,
  narrowPieces,
} from '../../ops/mlp/narrow-layout.ts';
import { narrowBackwardKernel, narrowRayBackwardKernel } from '../../ops/mlp/narrow-backward.wgsl.ts';
import { narrowForwardKernel, narrowRayForwardKernel } from '../../ops/mlp/narrow-forward.wgsl.ts';
import { requireLayout } from '../../ops/mlp/narrow-tile.wgsl.ts';
import { packNarrowKernel, sumNarrowKernel } from '../../ops/mlp/narrow-weights.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { Arena } from './arena.ts';
import type { ArrayRequests } from './memory-plan.ts';
import type { LayerArrays } from './parameter-store.ts';
import type { StridedRows } from './perceptron.ts';
import type { Recorder } from './recorder.ts';
import type { ScratchArrays, ScratchNeeds } from './scratch.ts';

/** Columns of longer rows, from `column` on. */
export interface RowColumns extends StridedRows {
  column: number;
}

/** What rays bring to the first layer, [rays, hidden], and its gradient. */
export interface RaySums {
  base: GpuArray<'f32'>;
  gradBase: GpuArray<'f32'>;
}

/** @throws LangfieldError for a perceptron that is too wide; `name` is what the user calls it */
export function refuseWide(name: string, shape: NarrowShape): void {
  if (narrowLayout(shape)) return;
  const { inputs, hidden, outputs } = shape;
  throw new LangfieldError({
    problem: `the GPU engine cannot train ${name}`,
    field: 'widths',
    found: `${inputs}, ${hidden}, ${outputs}`,
    expected: '64 or less',
    advice: 'Use --device cpu for such a scene',
  });
}

export function narrowRequests(prefix: string, shape: NarrowShape, rows: number): ArrayRequests {
  const floats = (length: number) => ({ scalar: 'f32', length, purpose: 'activations' }) as const;
  return {
    [`${prefix}.outputs`]: floats(rows * shape.outputs),
    [`${prefix}.packed`]: floats(requireLayout(shape).packedLength),
  };
}

/** What the way back of so many points or fewer needs besides. */
export function narrowNeeds(shape: NarrowShape, points: NarrowPoints): Partial<ScratchNeeds> {
  const layout = requireLayout(shape);
  return { partials: mostNarrowPieces(layout, shape.kind, points) * layout.gradientLength };
}

export class NarrowPerceptron {
  /** [rows, outputs] */
  readonly outputs: GpuArray<'f32'>;
  readonly #shape: NarrowShape;
  readonly #packed: GpuArray<'f32'>;
  readonly #layers: readonly LayerArrays[];
  /** Row of the first layer's weight that belongs to the first input. */
  readonly #firstRow: number;

  /** Finds its arrays in an arena whose plan had `narrowRequests`. */
  constructor(arena: Arena, prefix: string, shape: NarrowShape, layers: readonly LayerArrays[], firstRow = 0) {
    this.outputs = arena.find('f32', `${prefix}.outputs`);
    this.#packed = arena.find('f32', `${prefix}.packed`);
    this.#shape = shape;
    this.#layers = layers;
    this.#firstRow = firstRow;
  }

  /** @param sums of the rays, for a shape of that kind */
  forward(recorder: Recorder, points: NarrowPoints, x: RowColumns, sums?: RaySums): void {
    const { inputs, hidden, hiddenLayers, outputs, kind } = this.#shape;
    recorder.dispatch(packNarrowKernel(inputs, hidden, hiddenLayers, outputs, kind), {
      params: { firstRow: this.#firstRow },
      buffers: { ...this.#tensors('values'), packed: this.#packed },
    });
    const params = { ...points, strideX: x.stride, columnX: x.column };
    const buffers = { x: x.array, packed: this.#packed, y: this.outputs };
    if (kind === 'ray')
      recorder.dispatch(narrowRayForwardKernel(inputs, hidden, hiddenLayers, outputs), {
        params,
        buffers: { ...buffers, base: requireSums(sums).base },
      });
    else recorder.dispatch(narrowForwardKernel(inputs, hidden, hiddenLayers, outputs, kind), { params, buffers });
  }

  /**
   * After `forward`: adds the gradients of weights and bias; those of the inputs and of the rays' sums =.
   * @param gradOutputs [rows, outputs]
   */
  backward(
    recorder: Recorder,
    points: NarrowPoints,
    x: RowColumns,
    gradOutputs: GpuArray<'f32'>,
    { partials }: ScratchArrays,
    gradX: RowColumns,
    sums?: RaySums,
  ): void {
    const { inputs, hidden, hiddenLayers, outputs, kind } = this.#shape;
    const { tilesPerPiece, pieces } = narrowPieces(requireLayout(this.#shape), kind, points);
    const params = {
      ...points,
      strideX: x.stride,
      columnX: x.column,
      strideGradX: gradX.stride,
      columnGradX: gradX.column,
      tilesPerPiece,
    };
    const buffers = { x: x.array, packed: this.#packed, gradY: gradOutputs, gradX: gradX.array, partials };
    if (kind === 'ray') {
      const { base, gradBase } = requireSums(sums);
      recorder.dispatch(narrowRayBackwardKernel(inputs, hidden, hiddenLayers, outputs), {
        params,
        buffers: { ...buffers, base, gradBase, y: this.outputs },
      });
    } else recorder.dispatch(narrowBackwardKernel(inputs, hidden, hiddenLayers, outputs, kind), { params, buffers });
    recorder.dispatch(sumNarrowKernel(inputs, hidden, hiddenLayers, outputs, kind), {
      params: { firstRow: this.#firstRow, pieces },
      buffers: { partials, ...this.#tensors('gradients') },
    });
  }

  /** weight0, weight1, … and the bias that belongs to it. */
  #tensors(which: 'values' | 'gradients'): Record<string, GpuArray<'f32'>> {
    const weights = this.#layers.map(({ weight }, l) => [`weight${l}`, weight[which]]);
    const bias = this.#shape.kind === 'bias' ? this.#layers[0].bias?.[which] : undefined;
    return { ...Object.fromEntries(weights), ...(bias ? { bias } : {}) };
  }
}

function requireSums(sums: RaySums | undefined): RaySums {
  if (!sums) throw new Error('a perceptron that starts from the sums of rays was given none');
  return sums;
}
