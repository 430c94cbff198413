/**
 * The colour head on the GPU (spec §4.1, §4.6): shading of the final round's samples, and the way back. What belongs to a ray
 * – direction, appearance, bias – goes through the first layer once per ray (savings A9), as a layer of its own on rows
 * whose geometry columns are zero; samples start from its sums.
 */
import { colourInputs } from '../../field/parameters.ts';
import type { SceneConfig } from '../../field/config.ts';
import {
  appearanceBackwardKernel,
  appearanceRowsKernel,
  harmonicsWidth,
} from '../../ops/colour-inputs/colour-inputs.wgsl.ts';
import type { NarrowShape } from '../../ops/mlp/narrow-layout.ts';
import {
  sphericalHarmonicsBackwardKernel,
  sphericalHarmonicsKernel,
} from '../../ops/spherical-harmonics/spherical-harmonics.wgsl.ts';
import {
  compositeColourBackwardKernel,
  compositeColourKernel,
} from '../../ops/volume-rendering/volume-rendering.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import type { Arena } from './arena.ts';
import type { ArrayRequests } from './memory-plan.ts';
import { NarrowPerceptron, narrowNeeds, narrowRequests, type RowColumns } from './narrow-perceptron.ts';
import type { LayerArrays, ParameterStore, TensorArrays } from './parameter-store.ts';
import { addWeightGradient, denseForward, denseInputBackward, type StridedRows } from './perceptron.ts';
import type { RayRound } from './ray-round.ts';
import type { Recorder } from './recorder.ts';
import { partialsLength, type ScratchArrays, type ScratchNeeds } from './scratch.ts';

const prefix = 'colour';

/** What follows the sums of a ray: geometry features of a sample to its colour. */
export function colourShape({ radiance }: SceneConfig): NarrowShape {
  const { geometryFeatures, colourWidth, colourLayers } = radiance;
  return { inputs: geometryFeatures, hidden: colourWidth, hiddenLayers: colourLayers, outputs: 3, kind: 'ray' };
}

export function colourRequests(config: SceneConfig, rays: number): ArrayRequests {
  const { samples, colourWidth } = config.radiance;
  const width = colourInputs(config.radiance);
  const floats = (length: number) => ({ scalar: 'f32', length, purpose: 'activations' }) as const;
  return {
    [`${prefix}.rayInputs`]: floats(rays * width),
    [`${prefix}.gradRayInputs`]: floats(rays * width),
    [`${prefix}.base`]: floats(rays * colourWidth),
    [`${prefix}.gradBase`]: floats(rays * colourWidth),
    [`${prefix}.rgb`]: floats(rays * 3),
    [`${prefix}.accumulation`]: floats(rays),
    [`${prefix}.gradRgb`]: floats(rays * 3),
    [`${prefix}.gradColours`]: floats(rays * samples * 3),
    ...narrowRequests(prefix, colourShape(config), rays * samples),
  };
}

export function colourNeeds(config: SceneConfig, rays: number): Partial<ScratchNeeds>[] {
  const { samples, colourWidth } = config.radiance;
  return [
    narrowNeeds(colourShape(config), { rows: rays * samples, samples }),
    { partials: partialsLength(rays, colourInputs(config.radiance), colourWidth) },
  ];
}

const arrayNames = [
  'rayInputs',
  'gradRayInputs',
  'base',
  'gradBase',
  'rgb',
  'accumulation',
  'gradRgb',
  'gradColours',
] as const;
type ArrayName = (typeof arrayNames)[number];

export class ColourHead {
  readonly arrays: Readonly<Record<ArrayName, GpuArray<'f32'>>>;
  readonly #config: SceneConfig;
  readonly #network: NarrowPerceptron;
  /** The first layer, of which the harmonics' rows come before the geometry's and the appearance's after them. */
  readonly #first: LayerArrays;
  readonly #appearance: TensorArrays | undefined;

  constructor(arena: Arena, store: ParameterStore, config: SceneConfig) {
    const entries = arrayNames.map((name) => [name, arena.find('f32', `${prefix}.${name}`)]);
    this.arrays = Object.fromEntries(entries) as Record<ArrayName, GpuArray<'f32'>>;
    this.#config = config;
    const layers = store.layers('radiance.colour');
    this.#first = layers[0];
    this.#network = new NarrowPerceptron(arena, prefix, colourShape(config), layers, harmonicsWidth);
    this.#appearance = store.find('radiance.appearance');
  }

  /** Rows of the rays; columns of the geometry are never written and stay zero. */
  get #rayInputs(): StridedRows {
    return { array: this.arrays.rayInputs, stride: this.#first.inputs };
  }

  /** Geometry features in the outputs of the density network, or their gradients. */
  #geometry(array: GpuArray<'f32'>): RowColumns {
    return { array, stride: 1 + this.#config.radiance.geometryFeatures, column: 1 };
  }

  #appearanceColumns(rays: number) {
    const { geometryFeatures, appearanceWidth } = this.#config.radiance;
    const column = harmonicsWidth + geometryFeatures;
    return { rays, appearance: appearanceWidth, stride: this.#first.inputs, column };
  }

  /** Colours of the samples and of the rays; appearance by the rays' cameras. */
  shade(
    recorder: Recorder,
    rays: number,
    directions: GpuArray<'f32'>,
    cameras: GpuArray<'u32'>,
    { samples, weights, network }: RayRound,
  ): void {
    const { rayInputs, rgb, accumulation, base } = this.arrays;
    recorder.dispatch(sphericalHarmonicsKernel, {
      params: { directions: rays, stride: this.#first.inputs, column: 0 },
      buffers: { directions, components: rayInputs },
    });
    if (this.#appearance)
      recorder.dispatch(appearanceRowsKernel, {
        params: this.#appearanceColumns(rays),
        buffers: { table: this.#appearance.values, rayCameras: cameras, rows: rayInputs },
      });
    denseForward(recorder, rays, this.#first, this.#rayInputs, base, 'none');
    const geometry = this.#geometry(network.outputs);
    this.#network.forward(recorder, { rows: rays * samples, samples }, geometry, this.arrays);
    recorder.dispatch(compositeColourKernel, {
      params: { rays, samples },
      buffers: { weights, colours: this.#network.outputs, rgb, accumulation },
    });
  }

  /**
   * From `gradRgb` to the head's gradients, appearance included; columns 1 … of `scratch.gradOutputs` = the density
   * network's; the final round's gradWeights +=; gradDirections +=.
   */
  backward(
    recorder: Recorder,
    rays: number,
    { directions, gradDirections }: { directions: GpuArray<'f32'>; gradDirections: GpuArray<'f32'> },
    cameras: GpuArray<'u32'>,
    { samples, weights, gradWeights, network }: RayRound,
    scratch: ScratchArrays,
  ): void {
    const { accumulation, gradRgb, gradColours } = this.arrays;
    recorder.dispatch(compositeColourBackwardKernel, {
      params: { rays, samples },
      buffers: { weights, colours: this.#network.outputs, accumulation, gradRgb, gradWeights, gradColours },
    });
    const points = { rows: rays * samples, samples };
    const [geometry, gradGeometry] = [this.#geometry(network.outputs), this.#geometry(scratch.gradOutputs)];
    this.#network.backward(recorder, points, geometry, gradColours, scratch, gradGeometry, this.arrays);
    this.#rayBackward(recorder, rays, scratch);
    recorder.dispatch(sphericalHarmonicsBackwardKernel, {
      params: { directions: rays, stride: this.#first.inputs, column: 0 },
      buffers: { directions, gradComponents: this.arrays.gradRayInputs, gradDirections },
    });
    if (this.#appearance)
      recorder.dispatch(appearanceBackwardKernel, {
        params: { ...this.#appearanceColumns(rays), cameras: this.#config.cameras },
        buffers: {
          rayCameras: cameras,
          gradRows: this.arrays.gradRayInputs,
          gradTable: this.#appearance.gradients,
        },
      });
  }

  /** The first layer's part of the rays: gradients of its weight and bias, and of what goes into it. */
  #rayBackward(recorder: Recorder, rays: number, scratch: ScratchArrays): void {
    const { gradBase, gradRayInputs } = this.arrays;
    const { inputs, outputs, weight, bias } = this.#first;
    const shape = { rows: rays, inputs, outputs };
    addWeightGradient(recorder, shape, this.#rayInputs, gradBase, weight.gradients, bias?.gradients, scratch);
    denseInputBackward(recorder, shape, gradBase, weight.values, { array: gradRayInputs, stride: inputs });
  }
}
