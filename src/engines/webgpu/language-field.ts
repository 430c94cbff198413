/**
 * One language field on the GPU and its training step (spec §2), in the factored form (savings A1-A5, A8): no vector as
 * wide as an embedding exists per sample. The reference is `engines/reference/language.ts`, the arithmetic that of
 * `ops/language-rendering/factored.ts`.
 */
import type { LanguageConfig } from '../../field/config.ts';
import { gridWidth } from '../../field/parameters.ts';
import {
  blendCornersKernel,
  clipRayBackwardKernel,
  clipRayLossesKernel,
  clipSampleBackwardKernel,
  clipTargetsKernel,
  hiddenRenderingKernel,
} from '../../ops/language-rendering/clip-training.wgsl.ts';
import { languageSamplesKernel, languageScalesKernel } from '../../ops/language-rendering/language-samples.wgsl.ts';
import { denseKernel, tileFor } from '../../ops/mlp/dense.wgsl.ts';
import { largestWeightsKernel } from '../../ops/ray-sampling/ray-sampling.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import { addValuesKernel } from '../../ops/wgsl/add-values.wgsl.ts';
import type { Arena } from './arena.ts';
import type { RayArrays, TargetArrays } from './batch-arrays.ts';
import { DinoHead } from './dino-head.ts';
import type { GridPoints, GridTable } from './grid-table.ts';
import {
  type LanguageArrayName,
  type LanguageShape,
  languageArrayLengths,
  languagePrefix,
  languageShape,
} from './language-arrays.ts';
import type { LossRing } from './loss-ring.ts';
import type { LayerArrays, ParameterStore } from './parameter-store.ts';
import { addWeightGradient, denseInputBackward, Perceptron } from './perceptron.ts';
import type { RayRound } from './ray-round.ts';
import type { Recorder } from './recorder.ts';
import type { ScratchArrays } from './scratch.ts';

export class LanguageField {
  readonly #shape: LanguageShape;
  readonly #grids: { table: GridTable; column: number }[];
  readonly #hidden: Perceptron;
  readonly #last: LayerArrays;
  readonly #dino: DinoHead | undefined;
  readonly #arrays: Record<LanguageArrayName, GpuArray<'f32'>>;
  readonly #indices: GpuArray<'u32'>;
  readonly #losses: LossRing;
  readonly #scratch: ScratchArrays;
  readonly #field: number;

  /** @param field its number among the scene's language fields */
  constructor(
    arena: Arena,
    store: ParameterStore,
    language: LanguageConfig,
    {
      field,
      finalSamples,
      losses,
      scratch,
    }: { field: number; finalSamples: number; losses: LossRing; scratch: ScratchArrays },
  ) {
    const prefix = languagePrefix(language);
    this.#shape = languageShape(language, finalSamples);
    let column = 0;
    this.#grids = language.grids.map((grid, index) => {
      const placed = { table: store.grid(`${prefix}.grid.${index}`), column };
      column += gridWidth([grid]);
      return placed;
    });
    const layers = store.layers(`${prefix}.clip`);
    this.#last = layers[layers.length - 1];
    this.#hidden = new Perceptron(arena, `${prefix}.work.clip`, layers.slice(0, -1));
    const names = Object.keys(languageArrayLengths(this.#shape, 1)) as LanguageArrayName[];
    this.#arrays = Object.fromEntries(
      names.map((name) => [name, arena.find('f32', `${prefix}.work.${name}`)]),
    ) as Record<LanguageArrayName, GpuArray<'f32'>>;
    this.#indices = arena.find('u32', `${prefix}.work.indices`);
    this.#losses = losses;
    this.#scratch = scratch;
    this.#field = field;
    this.#dino =
      language.dinoDim > 0 ? new DinoHead(arena, `${prefix}.work.dino`, store.layers(`${prefix}.dino`)) : undefined;
  }

  /** Losses and gradients of the field for the samples of the final round; geometry gets none (§2.7). */
  train(
    recorder: Recorder,
    rays: number,
    geometry: { rays: RayArrays; final: RayRound },
    targets: TargetArrays,
    { heightOverFocal, dino, corners }: { heightOverFocal: number; dino: boolean; corners: boolean },
  ): void {
    if (corners)
      recorder.dispatch(blendCornersKernel, {
        params: { rays, dim: this.#shape.dim },
        buffers: { halves: targets.halves, shares: targets.shares, targets: targets.clip },
      });
    this.#chooseSamples(recorder, rays, geometry, targets, heightOverFocal);
    const { inputs } = this.#arrays;
    for (const { table, column } of this.#grids) table.encode(recorder, this.#points(rays, column), inputs);
    this.#trainClip(recorder, rays, targets);
    if (this.#dino && dino && targets.dino) this.#trainDino(recorder, this.#dino, rays, targets.dino);
    for (const { table, column } of this.#grids)
      table.addTableGradient(recorder, this.#points(rays, column), this.#scratch.gradEncoded);
  }

  #points(rays: number, column: number): GridPoints {
    const { chosen, stride } = this.#shape;
    return { count: rays * chosen, positions: this.#arrays.coordinates, stride, column };
  }

  #chooseSamples(
    recorder: Recorder,
    count: number,
    { rays, final }: { rays: RayArrays; final: RayRound },
    targets: TargetArrays,
    heightOverFocal: number,
  ): void {
    const { chosen, stride, encoded } = this.#shape;
    const { samples, weights, distances } = final;
    const { coordinates, weights: chosenWeights, inputs } = this.#arrays;
    const indices = this.#indices;
    const sizes = { rays: count, samples, chosen };
    recorder
      .dispatch(largestWeightsKernel, { params: sizes, buffers: { weights, indices } })
      .dispatch(languageSamplesKernel, {
        params: sizes,
        buffers: { ...rays, distances, weights, indices, coordinates, chosenWeights },
      })
      .dispatch(languageScalesKernel, {
        params: { ...sizes, stride, column: encoded, heightOverFocal },
        buffers: { directions: rays.directions, distances, indices, rayScales: targets.scales, inputs },
      });
  }

  #trainClip(recorder: Recorder, rays: number, targets: TargetArrays): void {
    const { chosen, stride, encoded, hiddenWidths } = this.#shape;
    const points = rays * chosen;
    const x = { array: this.#arrays.inputs, stride };
    this.#hidden.forward(recorder, points, x);
    this.#renderClip(recorder, rays, targets);
    this.#clipBackward(recorder, rays, targets);
    // The scale is a constant: its column needs no gradient.
    const columns = Math.min(encoded, hiddenWidths[0]);
    const gradX = { array: this.#scratch.gradEncoded, stride, columns };
    this.#hidden.backward(recorder, points, x, this.#scratch.gradHidden[0], this.#scratch, gradX);
  }

  /** Forward from the hidden activations to the losses of the rays. */
  #renderClip(recorder: Recorder, rays: number, { clip, valid }: TargetArrays): void {
    const { chosen, width, dim } = this.#shape;
    const { gram, gramHidden, weights, norms, rayHidden, gramRayHidden, projected, squares, lengths } = this.#arrays;
    const hidden = this.#hidden.outputs;
    const lastWeight = this.#last.weight.values;
    const { perRay, counted } = this.#losses;
    recorder.dispatch(clipTargetsKernel, { params: { rays, dim }, buffers: { targets: clip, valid, squares } });
    // G = W Wᵀ and q = g Wᵀ are both a gradient of inputs in form.
    const projection = { inputs: width, outputs: dim };
    denseInputBackward(recorder, { rows: width, ...projection }, lastWeight, lastWeight, {
      array: gram,
      stride: width,
    });
    denseInputBackward(recorder, { rows: rays, ...projection }, clip, lastWeight, { array: projected, stride: width });
    this.#timesGram(recorder, rays * chosen, hidden, gramHidden);
    recorder.dispatch(hiddenRenderingKernel, {
      params: { rays, chosen, width },
      buffers: { hidden, gramHidden, weights, norms, rayHidden },
    });
    this.#timesGram(recorder, rays, rayHidden, gramRayHidden);
    recorder.dispatch(clipRayLossesKernel, {
      params: { rays, width },
      buffers: { rayHidden, gramRayHidden, projected, valid, squares, lengths, counted, losses: perRay },
    });
    this.#losses.add(recorder, this.#losses.languageSlot(this.#field, 'clip'), perRay, rays);
    this.#losses.add(recorder, this.#losses.languageSlot(this.#field, 'clipCount'), counted, rays);
  }

  /** Y = X G for rows of the hidden width. */
  #timesGram(recorder: Recorder, rows: number, x: GpuArray<'f32'>, y: GpuArray<'f32'>): void {
    this.#multiply(recorder, rows, x, this.#arrays.gram, this.#shape.width, y);
  }

  /** Y [rows, columns] = X [rows, width] B [width, columns]. */
  #multiply(
    recorder: Recorder,
    rows: number,
    x: GpuArray<'f32'>,
    b: GpuArray<'f32'>,
    columns: number,
    y: GpuArray<'f32'>,
  ): void {
    const { width } = this.#shape;
    recorder.dispatch(denseKernel('none', false, 'f32', tileFor(rows, columns)), {
      params: { rows, inputs: width, outputs: columns, strideX: width, strideY: columns },
      buffers: { x, weight: b, bias: b, y },
    });
  }

  /** From the losses to the hidden activations, whose gradient lands in `scratch.gradHidden[0]`, and to the last layer. */
  #clipBackward(recorder: Recorder, rays: number, { clip }: TargetArrays): void {
    const { chosen, width, dim } = this.#shape;
    const { gramHidden, weights, norms, rayHidden, gramRayHidden, projected, lengths, towardsSelf, symmetric } =
      this.#arrays;
    const { counted, sums } = this.#losses;
    const hidden = this.#hidden.outputs;
    const [gradHidden] = this.#scratch.gradHidden;
    const points = rays * chosen;
    recorder
      .dispatch(clipRayBackwardKernel, {
        params: { rays, width, countSlot: this.#losses.languageSlot(this.#field, 'clipCount') },
        buffers: {
          rayHidden,
          lengths,
          counted,
          sums,
          gradRayHidden: projected,
          towardsTarget: gramRayHidden,
          towardsSelf,
        },
      })
      .dispatch(clipSampleBackwardKernel, {
        params: { points, chosen, width },
        buffers: { hidden, weights, norms, gradRayHidden: projected, scaled: gramHidden, gradHidden },
      });
    const { values, gradients } = this.#last.weight;
    const rows = (array: GpuArray<'f32'>) => ({ array, stride: width });
    const square = { inputs: width, outputs: width };
    const scratch = this.#scratch;
    recorder.clear(symmetric);
    addWeightGradient(recorder, { rows: points, ...square }, rows(gramHidden), hidden, symmetric, undefined, scratch);
    addWeightGradient(recorder, { rows: rays, ...square }, rows(towardsSelf), rayHidden, symmetric, undefined, scratch);
    const last = { rows: rays, inputs: width, outputs: dim };
    addWeightGradient(recorder, last, rows(gramRayHidden), clip, gradients, undefined, scratch);
    this.#multiply(recorder, width, symmetric, values, dim, scratch.partials);
    recorder.dispatch(addValuesKernel, {
      params: { length: width * dim },
      buffers: { values: scratch.partials, sums: gradients },
    });
  }

  /** Adds the DINO head's gradient to that of the encoding. */
  #trainDino(recorder: Recorder, head: DinoHead, rays: number, targets: GpuArray<'f32'>): void {
    const { chosen, stride, encoded } = this.#shape;
    const { inputs, weights } = this.#arrays;
    const { gradEncoded, gradEncodedOther } = this.#scratch;
    const slots = {
      loss: this.#losses.languageSlot(this.#field, 'dino'),
      count: this.#losses.languageSlot(this.#field, 'dinoCount'),
    };
    const x = { array: inputs, stride };
    const gradX = { array: gradEncodedOther, stride, columns: encoded };
    head.train(recorder, { rays, chosen }, { x, weights, targets, gradX }, slots, this.#losses, this.#scratch);
    recorder.dispatch(addValuesKernel, {
      params: { length: rays * chosen * stride },
      buffers: { values: gradEncodedOther, sums: gradEncoded },
    });
  }
}
