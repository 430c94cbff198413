/** The colour head on the GPU (spec §4.1, §4.6): shading of the final round's samples, and the way back. */
import { colourInputs } from '../../field/parameters.ts';
import type { SceneConfig } from '../../field/config.ts';
import {
  appearanceBackwardKernel,
  colourInputsBackwardKernel,
  colourInputsKernel,
  harmonicsWidth,
  sigmoidBackwardKernel,
} from '../../ops/colour-inputs/colour-inputs.wgsl.ts';
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
import type { ParameterStore, TensorArrays } from './parameter-store.ts';
import { Perceptron, perceptronNeeds, stageRequests } from './perceptron.ts';
import type { RayRound } from './ray-round.ts';
import type { Recorder } from './recorder.ts';
import type { ScratchArrays, ScratchNeeds } from './scratch.ts';

const prefix = 'colour';

function widthsOf({ radiance }: SceneConfig): number[] {
  const { colourWidth, colourLayers } = radiance;
  return [colourInputs(radiance), ...Array.from({ length: colourLayers }, () => colourWidth), 3];
}

export function colourRequests(config: SceneConfig, rays: number): ArrayRequests {
  const { samples, appearanceWidth } = config.radiance;
  const widths = widthsOf(config);
  const floats = (length: number) => ({ scalar: 'f32', length, purpose: 'activations' }) as const;
  return {
    [`${prefix}.harmonics`]: floats(rays * harmonicsWidth),
    [`${prefix}.inputs`]: floats(rays * samples * widths[0]),
    [`${prefix}.rgb`]: floats(rays * 3),
    [`${prefix}.accumulation`]: floats(rays),
    [`${prefix}.gradRgb`]: floats(rays * 3),
    [`${prefix}.gradColours`]: floats(rays * samples * 3),
    [`${prefix}.gradRay`]: floats(rays * (harmonicsWidth + appearanceWidth)),
    ...stageRequests(prefix, rays * samples, widths),
  };
}

export function colourNeeds(config: SceneConfig, rays: number): Partial<ScratchNeeds> {
  const points = rays * config.radiance.samples;
  const widths = widthsOf(config);
  return { ...perceptronNeeds(points, widths), gradEncoded: points * widths[0] };
}

type ArrayName = 'harmonics' | 'inputs' | 'rgb' | 'accumulation' | 'gradRgb' | 'gradColours' | 'gradRay';

export class ColourHead {
  readonly arrays: Readonly<Record<ArrayName, GpuArray<'f32'>>>;
  readonly #config: SceneConfig;
  readonly #network: Perceptron;
  readonly #appearance: TensorArrays | undefined;
  readonly #width: number;

  constructor(arena: Arena, store: ParameterStore, config: SceneConfig) {
    const names: ArrayName[] = ['harmonics', 'inputs', 'rgb', 'accumulation', 'gradRgb', 'gradColours', 'gradRay'];
    const entries = names.map((name) => [name, arena.find('f32', `${prefix}.${name}`)]);
    this.arrays = Object.fromEntries(entries) as Record<ArrayName, GpuArray<'f32'>>;
    this.#config = config;
    this.#network = new Perceptron(arena, prefix, store.layers('radiance.colour'), 'sigmoid');
    this.#appearance = store.find('radiance.appearance');
    this.#width = colourInputs(config.radiance);
  }

  #widths(samples: number) {
    const { geometryFeatures, appearanceWidth } = this.#config.radiance;
    return { samples, geometry: geometryFeatures, appearance: appearanceWidth, stride: this.#width };
  }

  /** Colours of the samples and of the rays; appearance by the rays' cameras. */
  shade(
    recorder: Recorder,
    rays: number,
    directions: GpuArray<'f32'>,
    cameras: GpuArray<'u32'>,
    { samples, weights, network }: RayRound,
  ): void {
    const { harmonics, inputs, rgb, accumulation } = this.arrays;
    recorder
      .dispatch(sphericalHarmonicsKernel, {
        params: { directions: rays, stride: harmonicsWidth, column: 0 },
        buffers: { directions, components: harmonics },
      })
      .dispatch(colourInputsKernel, {
        params: { rays, ...this.#widths(samples) },
        buffers: { harmonics, outputs: network.outputs, table: this.#appearance?.values ?? harmonics, cameras, inputs },
      });
    this.#network.forward(recorder, rays * samples, { array: inputs, stride: this.#width });
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
    final: RayRound,
    scratch: ScratchArrays,
  ): void {
    const { samples, weights, gradWeights } = final;
    const { accumulation, gradRgb, gradColours, inputs, gradRay } = this.arrays;
    const colours = this.#network.outputs;
    const points = rays * samples;
    recorder
      .dispatch(compositeColourBackwardKernel, {
        params: { rays, samples },
        buffers: { weights, colours, accumulation, gradRgb, gradWeights, gradColours },
      })
      .dispatch(sigmoidBackwardKernel, {
        params: { length: points * 3 },
        buffers: { values: colours, gradients: gradColours },
      });
    const gradX = { array: scratch.gradEncoded, stride: this.#width, columns: this.#width };
    this.#network.backward(recorder, points, { array: inputs, stride: this.#width }, gradColours, scratch, gradX);
    recorder
      .dispatch(colourInputsBackwardKernel, {
        params: { rays, ...this.#widths(samples) },
        buffers: { gradInputs: scratch.gradEncoded, gradOutputs: scratch.gradOutputs, gradRay },
      })
      .dispatch(sphericalHarmonicsBackwardKernel, {
        params: { directions: rays, stride: this.#widths(samples).appearance + harmonicsWidth, column: 0 },
        buffers: { directions, gradComponents: gradRay, gradDirections },
      });
    if (this.#appearance)
      recorder.dispatch(appearanceBackwardKernel, {
        params: { rays, cameras: this.#config.cameras, appearance: this.#config.radiance.appearanceWidth },
        buffers: { rayCameras: cameras, gradRay, gradTable: this.#appearance.gradients },
      });
  }
}
