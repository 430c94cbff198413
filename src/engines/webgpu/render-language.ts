/**
 * A language field in evaluation mode on a GPU: which samples of a slice it looks at, relevancy of phrases at any number
 * of scales in one pass (spec §3; savings A1, A2, A6, A7, A14, A17), and dense features (A8). The radiance field's part
 * comes first; its weights are all that this reads of it.
 */
import { LangfieldError } from '../../errors.ts';
import type { LanguageConfig, SceneConfig } from '../../field/config.ts';
import { gridWidth } from '../../field/parameters.ts';
import { encodeHashGridKernel, type GridFeatures } from '../../ops/hash-grid/hash-grid.wgsl.ts';
import {
  firstLayerAtScalesKernel,
  relevancyKernel,
  sumFeaturesKernel,
} from '../../ops/language-rendering/language-query.wgsl.ts';
import { type Activation, denseKernel } from '../../ops/mlp/dense.wgsl.ts';
import { denseVectorsKernel, inVectors } from '../../ops/mlp/dense-vectors.wgsl.ts';
import type { Tile } from '../../ops/mlp/tiled-product.wgsl.ts';
import { largestWeightsKernel } from '../../ops/ray-sampling/ray-sampling.wgsl.ts';
import { listSamplesKernel } from '../../ops/ray-sampling/sample-lists.wgsl.ts';
import type { GpuArray } from '../../ops/wgsl/elements.ts';
import { viewOf } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { QueryPlan } from './query-plan.ts';
import type { Recorder } from './recorder.ts';
import { chosenSamples, type RenderArrays, type RenderSizes } from './render-memory.ts';
import { requireTensor, type SceneArrays } from './render-parameters.ts';
import type { RayRange } from './render-radiance.ts';

/** Samples of less than this share of their ray's weight are not looked at (savings A17); as on the CPU. */
export const pruneShare = 1e-5;

/** What these kernels cannot do; the reference engine can. */
export function refuseForeignLanguage({ languages }: SceneConfig): void {
  for (const { name, grids, hiddenWidth, hiddenLayers, dinoDim, dinoWidth, biases } of languages) {
    const widths = [hiddenWidth, ...(dinoDim > 0 ? [dinoWidth] : [])];
    const features = grids.map((grid) => grid.features);
    const faults = [
      [biases === 'every-layer', 'biases', biases, 'padding or none'],
      [hiddenLayers < 1, 'hiddenLayers', `${hiddenLayers}`, '1 or more'],
      [widths.some((width) => width % 4 !== 0), 'widths', widths.join(', '), 'multiples of 4'],
      [features.some((count) => ![2, 4, 8].includes(count)), 'features', features.join(', '), '2, 4 or 8'],
    ] as const;
    for (const [wrong, field, found, expected] of faults)
      if (wrong)
        throw new LangfieldError({
          problem: `the GPU engine cannot execute the language field ${name}`,
          field,
          found,
          expected,
          advice: 'Use the reference engine for such a scene',
        });
  }
}

/** The tile of the dense product that suits a layer on a device. */
export function tileFor({ software }: OpenDevice, rows: number, outputs: number): Tile {
  if (outputs <= 16) return 'narrow';
  return !software && outputs >= 128 && rows >= 2048 ? 'large' : 'square';
}

/** A block of rays whose samples are listed, and the rows that they take among the blocks of a group. */
export interface ListedBlock {
  block: number;
  range: RayRange;
  points: number;
  /** A multiple of `rowGrain`. */
  firstPoint: number;
}

/** Rows of float32 vectors begin where a binding may. */
const rowGrain = 64;
const wholeRows = (points: number): number => Math.ceil(points / rowGrain) * rowGrain;

function rowsOf(blocks: readonly ListedBlock[]): number {
  const last = blocks.at(-1);
  return last ? last.firstPoint + last.points : 0;
}

/**
 * Blocks in groups whose rows fit the activations, so that a view in which few samples carry weight still makes large
 * products.
 * @param counts [blocks] listed samples
 */
export function groupBlocks(ranges: readonly RayRange[], counts: Uint32Array, rows: number): ListedBlock[][] {
  const groups: ListedBlock[][] = [];
  let free = 0;
  for (const [block, range] of ranges.entries()) {
    const points = counts[block];
    let group = groups.at(-1);
    if (!group || wholeRows(points) > free) {
      groups.push((group = []));
      free = rows;
    }
    const before = group.at(-1);
    group.push({ block, range, points, firstPoint: before ? before.firstPoint + wholeRows(before.points) : 0 });
    free -= wholeRows(points);
  }
  return groups;
}

interface Layer {
  weight: GpuArray<'f32'>;
  bias?: GpuArray<'f32'>;
  inputs: number;
  outputs: number;
  activation: Activation;
}

export class LanguageRenderer {
  readonly #opened: OpenDevice;
  readonly #scene: SceneArrays;
  readonly #arrays: RenderArrays;
  readonly #sizes: RenderSizes;
  readonly #field: number;
  readonly #config: LanguageConfig;
  readonly #chosen: number;

  constructor(opened: OpenDevice, scene: SceneArrays, arrays: RenderArrays, sizes: RenderSizes, field: number) {
    const config = scene.config.languages[field];
    if (!config) throw new RangeError(`the scene has no language field ${field}`);
    this.#opened = opened;
    this.#scene = scene;
    this.#arrays = arrays;
    this.#sizes = sizes;
    this.#field = field;
    this.#config = config;
    this.#chosen = chosenSamples(scene.config, field);
  }

  /** Lists the samples of a range whose weights were just computed. The counters must be 0 before the first range. */
  list(recorder: Recorder, { first, count }: RayRange): void {
    const { weights, indices, lines, distances, spans, counters, listWeights, positions } = this.#arrays;
    const { samples } = this.#scene.config.radiance;
    recorder
      .dispatch(largestWeightsKernel, {
        params: { rays: count, samples, chosen: this.#chosen },
        buffers: { weights, indices },
      })
      .dispatch(listSamplesKernel, {
        params: {
          rays: count,
          samples,
          chosen: this.#chosen,
          firstRay: first,
          blockRays: this.#sizes.blockRays,
          share: pruneShare,
        },
        buffers: { lines, distances, weights, indices, spans, counters, listWeights, positions },
      });
  }

  /** Encodes the listed samples of some blocks; between blocks rows are left as they are. */
  encode(recorder: Recorder, blocks: readonly ListedBlock[]): void {
    const { name, grids } = this.#config;
    const stride = gridWidth(grids);
    const perBlock = 3 * this.#sizes.blockRays * this.#chosen;
    for (const { block, points, firstPoint } of blocks) {
      if (points === 0) continue;
      const positions = viewOf(this.#opened, this.#arrays.positions, block * perBlock, perBlock);
      const encoded = viewOf(this.#opened, this.#arrays.encoded, firstPoint * stride, points * stride);
      let column = 0;
      for (const [index, grid] of grids.entries()) {
        for (const part of this.#scene.grid(`language.${name}.grid.${index}`))
          recorder.dispatch(encodeHashGridKernel(grid.features as GridFeatures, part.table.scalar), {
            params: { points, levels: part.levels.length, stride, column: column + part.column },
            buffers: { positions, table: part.table, levelWords: part.words, encoded },
          });
        column += grid.levels * grid.features;
      }
    }
  }

  /** Relevancy maps of encoded blocks into `results` [maps, mapRays]. */
  answer(recorder: Recorder, plan: QueryPlan, blocks: readonly ListedBlock[], mapRays: number): void {
    const { encoded, firstLayer, results, spans } = this.#arrays;
    const points = rowsOf(blocks);
    const layer = this.#layer('clip.0', gridWidth(this.#config.grids), this.#config.hiddenWidth, 'none');
    this.#apply(recorder, layer, points, encoded, firstLayer);
    const together = Math.max(1, Math.floor(this.#sizes.rows / Math.max(1, points)));
    const { texts, slots } = plan.arrays;
    const { vectors, phrases, canonical } = plan;
    for (let firstScale = 0; firstScale < plan.scales; firstScale += together) {
      const scales = Math.min(together, plan.scales - firstScale);
      const rows = this.#headAtScales(recorder, plan, points, firstScale, scales);
      const common = { points, vectors, scales, firstScale, phrases, canonical, mapRays };
      for (const { block, range, firstPoint } of blocks)
        recorder.dispatch(relevancyKernel, {
          params: { ...common, rays: range.count, firstRay: range.first, firstPoint },
          buffers: { rows, listWeights: this.#weightsOf(block), spans, texts, slots, maps: results },
        });
    }
  }

  /** The CLIP head in the row space of its last layer, [scales, points, 4 · vectors]; returns where it is. */
  #headAtScales(
    recorder: Recorder,
    plan: QueryPlan,
    points: number,
    firstScale: number,
    scales: number,
  ): GpuArray<'f32'> {
    const { hiddenLayers, hiddenWidth, grids, name } = this.#config;
    let [from, to] = [this.#arrays.hidden, this.#arrays.nextHidden];
    recorder.dispatch(firstLayerAtScalesKernel, {
      params: { points, vectors: hiddenWidth / 4, scales, firstScale, scaleRow: gridWidth(grids) },
      buffers: {
        base: this.#arrays.firstLayer,
        weight: requireTensor(this.#scene, `language.${name}.clip.0.weight`),
        scales: plan.arrays.scales,
        hidden: from,
      },
    });
    for (let index = 1; index < hiddenLayers; index++) {
      this.#apply(recorder, this.#layer(`clip.${index}`, hiddenWidth, hiddenWidth, 'relu'), points * scales, from, to);
      [from, to] = [to, from];
    }
    const last = {
      weight: plan.arrays.reduced,
      inputs: hiddenWidth,
      outputs: 4 * plan.vectors,
      activation: 'none',
    } as const;
    this.#apply(recorder, last, points * scales, from, to);
    return to;
  }

  /** Dense features of encoded blocks into `results` [rays, dinoDim]. */
  renderFeatures(recorder: Recorder, blocks: readonly ListedBlock[]): void {
    const { encoded, firstLayer, sums, results, spans } = this.#arrays;
    const { grids, dinoWidth, dinoDim } = this.#config;
    const [first, last] = [
      this.#layer('dino.0', gridWidth(grids), dinoWidth, 'relu'),
      this.#layer('dino.1', dinoWidth, dinoDim, 'none'),
    ];
    this.#apply(recorder, first, rowsOf(blocks), encoded, firstLayer);
    for (const { block, range, firstPoint } of blocks) {
      recorder.dispatch(sumFeaturesKernel, {
        params: { rays: range.count, firstRay: range.first, firstPoint, vectors: dinoWidth / 4 },
        buffers: { rows: firstLayer, listWeights: this.#weightsOf(block), spans, sums },
      });
      const rows = viewOf(this.#opened, results, range.first * dinoDim, range.count * dinoDim);
      this.#apply(recorder, last, range.count, sums, rows);
    }
  }

  #weightsOf(block: number): GpuArray<'f32'> {
    const perBlock = this.#sizes.blockRays * this.#chosen;
    return viewOf(this.#opened, this.#arrays.listWeights, block * perBlock, perBlock);
  }

  #layer(layer: string, inputs: number, outputs: number, activation: Activation): Layer {
    const name = `language.${this.#config.name}.${layer}`;
    const weight = requireTensor(this.#scene, `${name}.weight`);
    return { weight, bias: this.#scene.tensor(`${name}.bias`), inputs, outputs, activation };
  }

  #apply(recorder: Recorder, layer: Layer, rows: number, x: GpuArray<'f32'>, y: GpuArray<'f32'>): void {
    const { weight, bias, inputs, outputs, activation } = layer;
    const tile = tileFor(this.#opened, rows, outputs);
    const given = {
      params: { rows, inputs, outputs, strideX: inputs, strideY: outputs },
      buffers: { x, weight, bias: bias ?? weight, y },
    };
    if (tile === 'large' && inVectors(inputs, outputs))
      recorder.dispatch(denseVectorsKernel(activation, bias !== undefined), given);
    else recorder.dispatch(denseKernel(activation, bias !== undefined, 'f32', tile), given);
  }

  get field(): number {
    return this.#field;
  }

  get config(): LanguageConfig {
    return this.#config;
  }
}
