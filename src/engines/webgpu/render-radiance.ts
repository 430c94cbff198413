/** The radiance field in evaluation mode on a GPU (spec §4): where samples lie, their weights, and colours of rays. */
import { LangfieldError } from '../../errors.ts';
import type { HashGridConfig, RadianceConfig, SceneConfig } from '../../field/config.ts';
import type { GridFeatures } from '../../ops/hash-grid/hash-grid.wgsl.ts';
import {
  colourBaseKernel,
  colourNetworkKernel,
  meanRowsKernel,
} from '../../ops/radiance-rendering/colour-network.wgsl.ts';
import { densityNetworkKernel } from '../../ops/radiance-rendering/density-network.wgsl.ts';
import {
  euclideanEdgesKernel,
  initialEdgesKernel,
  planeParams,
  resampleEdgesKernel,
} from '../../ops/ray-sampling/ray-sampling.wgsl.ts';
import { placeSamplesKernel } from '../../ops/ray-sampling/sample-lists.wgsl.ts';
import { sphericalHarmonicsKernel } from '../../ops/spherical-harmonics/spherical-harmonics.wgsl.ts';
import {
  compositeColourKernel,
  compositeWeightsKernel,
  medianDepthKernel,
} from '../../ops/volume-rendering/volume-rendering.wgsl.ts';
import { harmonics } from '../../ops/radiance-rendering/colour-network.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import { viewOf } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { Recorder } from './recorder.ts';
import type { RenderArrays } from './render-memory.ts';
import { type GridPartArrays, requireTensor, type SceneArrays } from './render-parameters.ts';

/** Rays [first, first + count) of a slice. */
export interface RayRange {
  first: number;
  count: number;
}

interface DensityNetwork {
  grid: HashGridConfig;
  gridName: string;
  mlpName: string;
  hidden: number;
  outputs: number;
  samples: number;
}

/** What these kernels cannot do; the reference engine can. */
export function refuseForeignRadiance({ radiance }: SceneConfig): void {
  const { proposals, grid, densityWidth, colourWidth, colourLayers, geometryFeatures, biases } = radiance;
  const widths = [...proposals.map(({ hiddenWidth }) => hiddenWidth), densityWidth, colourWidth, 1 + geometryFeatures];
  const features = [...proposals.map((proposal) => proposal.grid.features), grid.features];
  const faults = [
    [biases === 'every-layer', 'biases', biases, 'padding or none'],
    [colourLayers !== 2, 'colourLayers', `${colourLayers}`, '2'],
    [widths.some((width) => width % 4 !== 0), 'widths', widths.join(', '), 'multiples of 4'],
    [features.some((count) => count !== 2 && count !== 4), 'features', features.join(', '), '2 or 4'],
  ] as const;
  for (const [wrong, field, found, expected] of faults)
    if (wrong)
      throw new LangfieldError({
        problem: 'the GPU engine cannot execute such a radiance field',
        field,
        found,
        expected,
        advice: 'Use the reference engine for such a scene',
      });
}

export class RadianceRenderer {
  readonly #opened: OpenDevice;
  readonly #scene: SceneArrays;
  readonly #arrays: RenderArrays;
  readonly #radiance: RadianceConfig;
  readonly #networks: DensityNetwork[];

  constructor(opened: OpenDevice, scene: SceneArrays, arrays: RenderArrays) {
    refuseForeignRadiance(scene.config);
    this.#opened = opened;
    this.#scene = scene;
    this.#arrays = arrays;
    const { radiance } = scene.config;
    this.#radiance = radiance;
    this.#networks = radiance.proposals.map(({ grid, hiddenWidth, samples }, index) => {
      const names = { gridName: `proposal.${index}.grid`, mlpName: `proposal.${index}.mlp` };
      return { ...names, grid, hidden: hiddenWidth, outputs: 1, samples };
    });
    this.#networks.push({
      gridName: 'radiance.grid',
      mlpName: 'radiance.density',
      grid: radiance.grid,
      hidden: radiance.densityWidth,
      outputs: 1 + radiance.geometryFeatures,
      samples: radiance.samples,
    });
  }

  /** Proposal rounds and the field: leaves `weights`, `distances` and `outputs` of the range in the arrays. */
  sample(recorder: Recorder, range: RayRange): void {
    const { edges, nextEdges, weights, lines } = this.#arrays;
    let [before, own] = [nextEdges, edges];
    this.#networks.forEach((network, round) => {
      const { samples } = network;
      if (round === 0)
        recorder.dispatch(initialEdgesKernel, {
          params: { rays: range.count, samples, train: 0 },
          buffers: { jitter: lines, edges: own },
        });
      else {
        [before, own] = [own, before];
        const bins = this.#networks[round - 1].samples;
        recorder.dispatch(resampleEdgesKernel, {
          params: { rays: range.count, bins, samples, anneal: 1, train: 0, column: 0 },
          buffers: { weights, edges: before, jitter: lines, newEdges: own },
        });
      }
      this.#weigh(recorder, range, network, own);
    });
  }

  /** Densities and weights of one round. */
  #weigh(recorder: Recorder, { first, count }: RayRange, network: DensityNetwork, edges: GpuArray<'f32'>): void {
    const { distances, places, density, weights, outputs, lines } = this.#arrays;
    const { samples, grid, hidden } = network;
    const biased = this.#scene.tensor(`${network.mlpName}.0.bias`);
    const { table, words } = this.#wholeGrid(network);
    recorder
      .dispatch(euclideanEdgesKernel, {
        params: { edges: count * (samples + 1), ...planeParams(0, this.#radiance.far) },
        buffers: { spacing: edges, distances },
      })
      .dispatch(placeSamplesKernel, {
        params: { rays: count, samples, firstRay: first },
        buffers: { lines, distances, places },
      })
      .dispatch(
        densityNetworkKernel(
          grid.levels,
          grid.features as GridFeatures,
          hidden,
          network.outputs,
          biased !== undefined,
          table.scalar,
        ),
        {
          params: { points: count * samples, initialDensity: this.#radiance.averageInitDensity },
          buffers: {
            places,
            table,
            levelWords: words,
            weight0: requireTensor(this.#scene, `${network.mlpName}.0.weight`),
            bias0: biased ?? lines,
            weight1: requireTensor(this.#scene, `${network.mlpName}.1.weight`),
            density,
            outputs,
          },
        },
      )
      .dispatch(compositeWeightsKernel, {
        params: { rays: count, samples },
        buffers: { density, edges: distances, weights },
      });
  }

  #wholeGrid({ gridName }: DensityNetwork): GridPartArrays {
    const parts = this.#scene.grid(gridName);
    if (parts.length === 1) return parts[0];
    throw new LangfieldError({
      problem: `the table of ${gridName} does not fit into one buffer of the GPU ${this.#opened.name}`,
      advice: 'Take a smaller preset, or use --device cpu',
    });
  }

  /** Once per change of the parameters: the appearance that pictures have. */
  prepareAppearance(recorder: Recorder): void {
    const { appearanceWidth } = this.#radiance;
    if (appearanceWidth === 0) return;
    recorder.dispatch(meanRowsKernel, {
      params: { rows: this.#scene.config.cameras, columns: appearanceWidth },
      buffers: { values: requireTensor(this.#scene, 'radiance.appearance'), means: this.#arrays.means },
    });
  }

  /** rgb, depth and accumulation of a sampled range. */
  shade(recorder: Recorder, { first, count }: RayRange): void {
    const { components, base, means, weights, outputs, colours, distances, directions } = this.#arrays;
    const { samples, geometryFeatures: geometry, colourWidth, appearanceWidth } = this.#radiance;
    const weight0 = requireTensor(this.#scene, 'radiance.colour.0.weight');
    const bias = this.#scene.tensor('radiance.colour.0.bias');
    const part = (array: GpuArray<'f32'>, width: number) => viewOf(this.#opened, array, first * width, count * width);
    recorder
      .dispatch(sphericalHarmonicsKernel, {
        params: { directions: count, stride: harmonics, column: 0 },
        buffers: { directions: part(directions, 3), components },
      })
      .dispatch(colourBaseKernel(bias !== undefined), {
        params: { rays: count, vectors: colourWidth / 4, geometry, appearance: appearanceWidth },
        buffers: { components, means, weight: weight0, bias: bias ?? components, base },
      })
      .dispatch(colourNetworkKernel(geometry, colourWidth), {
        params: { points: count * samples, samples },
        buffers: {
          weights,
          outputs,
          base,
          weight0,
          weight1: requireTensor(this.#scene, 'radiance.colour.1.weight'),
          weight2: requireTensor(this.#scene, 'radiance.colour.2.weight'),
          colours,
        },
      })
      .dispatch(compositeColourKernel, {
        params: { rays: count, samples },
        buffers: {
          weights,
          colours,
          rgb: part(this.#arrays.rgb, 3),
          accumulation: part(this.#arrays.accumulation, 1),
        },
      })
      .dispatch(medianDepthKernel, {
        params: { rays: count, samples },
        buffers: { weights, edges: distances, depth: part(this.#arrays.depth, 1) },
      });
  }
}
