/** Kernels of a language field: its grids and heads at the size of a training step, and what a query adds. */
import type { HashGridConfig, LanguageConfig } from '../../src/field/config.ts';
import { gridEntries, gridWidth } from '../../src/field/parameters.ts';
import {
  encodeHashGridKernel,
  type GridFeatures,
  hashGridTableBackwardKernel,
} from '../../src/ops/hash-grid/hash-grid.wgsl.ts';
import { firstLayerAtScalesKernel, relevancyKernel } from '../../src/ops/language-rendering/language-query.wgsl.ts';
import {
  denseInputBackwardKernel,
  denseKernel,
  denseWeightBackwardKernel,
  weightSplits,
} from '../../src/ops/mlp/dense.wgsl.ts';
import { denseVectorsKernel } from '../../src/ops/mlp/dense-vectors.wgsl.ts';
import type { Tile } from '../../src/ops/mlp/tiled-product.wgsl.ts';
import { optimiserKernel, optimiserParams } from '../../src/ops/optimisers/optimisers.wgsl.ts';
import { largestWeightsKernel } from '../../src/ops/ray-sampling/ray-sampling.wgsl.ts';
import type { KernelCase } from './kernel-case.ts';
import { gatherBytes, gridBuffers } from './radiance-cases.ts';
import type { BenchSize } from './sizes.ts';

interface Field {
  language: LanguageConfig;
  rays: number;
  /** Samples of all rays. */
  rows: number;
  encoded: number;
}

const fieldOf = ({ config, rays }: BenchSize): Field => {
  const [language] = config.languages;
  return { language, rays, rows: rays * language.samples, encoded: gridWidth(language.grids) };
};

function gridCases({ language, rows, encoded }: Field, grid: HashGridConfig, index: number): KernelCase[] {
  const features = grid.features as GridFeatures;
  const numbers = gridEntries(grid) * grid.features;
  const place = { points: rows, levels: grid.levels, stride: encoded, column: 0 };
  const positions = { length: 3 * rows, fill: { pointsOf: { samples: language.samples, stride: 3 } } } as const;
  const { table, levelWords } = gridBuffers(grid);
  const width = gridWidth([grid]);
  const settings = { rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-15, step: 100, weightDecay: 1e-9 };
  return [
    {
      label: `language grid ${index}`,
      kernel: encodeHashGridKernel(features, 'f32'),
      params: place,
      buffers: { positions, table, levelWords, encoded: { length: rows * encoded } },
      bytes: gatherBytes(grid, rows) + 4 * rows * (3 + width),
    },
    ...(['fixed', 'exchange'] as const).map(
      (method): KernelCase => ({
        label: `language grid ${index}: gradient sums, ${method}`,
        kernel: hashGridTableBackwardKernel(features, method),
        params: { ...place, gradientScale: 2 ** 20 },
        buffers: {
          positions,
          gradEncoded: { length: rows * encoded, fill: 'signed' },
          levelWords,
          gradTable: { length: numbers },
        },
        // Every corner is read and written.
        bytes: 2 * gatherBytes(grid, rows) + 4 * rows * (3 + width),
      }),
    ),
    {
      label: `language grid ${index}: RAdam, every number touched`,
      kernel: optimiserKernel('radam', 'fixed'),
      params: optimiserParams('radam', numbers, settings, 2 ** 20),
      buffers: {
        gradients: { length: numbers },
        first: { length: numbers, fill: 'signed' },
        second: { length: numbers, fill: 'unit' },
        parameters: { length: numbers, fill: 'signed' },
        missing: { length: 1 },
      },
      bytes: 32 * numbers,
    },
  ];
}

/** Forward product of a layer, by the kernel of a tile or by the one in vectors. */
function layerCase(
  label: string,
  tile: Tile | 'vectors',
  rows: number,
  inputs: number,
  outputs: number,
  stride = inputs,
): KernelCase {
  return {
    label: `${label} ${inputs} to ${outputs}, ${tile === 'vectors' ? 'in vectors' : `tile ${tile}`}`,
    kernel: tile === 'vectors' ? denseVectorsKernel('relu', false) : denseKernel('relu', false, 'f32', tile),
    params: { rows, inputs, outputs, strideX: stride, strideY: outputs },
    buffers: {
      x: { length: rows * stride, fill: 'signed' },
      weight: { length: inputs * outputs, fill: 'signed' },
      bias: { length: 4 },
      y: { length: rows * outputs },
    },
    bytes: 4 * (rows * (inputs + outputs) + inputs * outputs),
    flops: 2 * rows * inputs * outputs,
  };
}

function backwardCases(tile: Tile, { rows, language: { hiddenWidth: width } }: Field): KernelCase[] {
  const splits = weightSplits(tile, rows, width, width);
  const [x, gradY] = [
    { length: rows * width, fill: 'signed' },
    { length: rows * width, fill: 'signed' },
  ] as const;
  const flops = 2 * rows * width * width;
  return [
    {
      label: `CLIP hidden layer, gradient of inputs, tile ${tile}`,
      kernel: denseInputBackwardKernel(true, 'f32', tile),
      params: { rows, inputs: width, outputs: width, strideX: width, strideGradX: width, strideGradY: width },
      buffers: { gradY, weight: { length: width * width, fill: 'signed' }, x, gradX: { length: rows * width } },
      bytes: 12 * rows * width,
      flops,
    },
    {
      label: `CLIP hidden layer, gradient of weights, tile ${tile}`,
      kernel: denseWeightBackwardKernel('f32', tile),
      params: { rows, inputs: width, outputs: width, strideX: width, strideGradY: width, splits },
      buffers: { x, gradY, partials: { length: splits * (width + 1) * width } },
      bytes: 8 * rows * width,
      flops,
    },
  ];
}

/** Scales that are measured together: arrays of all of them have to fit a binding. */
const scales = 1;

function queryCases({ language, rays, rows }: Field): KernelCase[] {
  const { hiddenWidth, samples } = language;
  const vectors = hiddenWidth / 4;
  const spans = Uint32Array.from({ length: 2 * rays }, (_, i) => (i % 2 === 0 ? (i / 2) * samples : samples));
  return [
    {
      label: 'first layer at one scale',
      kernel: firstLayerAtScalesKernel,
      params: { points: rows, vectors, scales, firstScale: 0, scaleRow: 0 },
      buffers: {
        base: { length: rows * hiddenWidth, fill: 'signed' },
        weight: { length: hiddenWidth, fill: 'signed' },
        scales: { length: scales, fill: 'unit' },
        hidden: { length: scales * rows * hiddenWidth },
      },
      bytes: 4 * hiddenWidth * rows * (1 + scales),
    },
    {
      label: 'relevancy of one phrase at one scale',
      kernel: relevancyKernel,
      params: {
        rays,
        firstRay: 0,
        points: rows,
        firstPoint: 0,
        vectors,
        scales,
        firstScale: 0,
        phrases: 1,
        canonical: 4,
        mapRays: rays,
      },
      buffers: {
        rows: { length: scales * rows * hiddenWidth, fill: 'signed' },
        listWeights: { length: rows, fill: 'unit' },
        spans: { length: spans.length, fill: spans },
        texts: { length: 5 * hiddenWidth, fill: 'signed' },
        slots: { length: scales, fill: Uint32Array.from({ length: scales }, (_, i) => i) },
        maps: { length: scales * rays },
      },
      bytes: 4 * scales * rows * hiddenWidth,
    },
  ];
}

export function languageCases(size: BenchSize): KernelCase[] {
  const field = fieldOf(size);
  const { language, rays, rows, encoded } = field;
  const { hiddenWidth, clipDim, dinoDim, dinoWidth } = language;
  const { samples } = size.config.radiance;
  const tiles: Tile[] = ['large', 'square'];
  return [
    layerCase('CLIP hidden layer', 'vectors', rows, hiddenWidth, hiddenWidth),
    layerCase('DINO first layer', 'vectors', rows, encoded, dinoWidth),
    ...tiles.flatMap((tile) => [
      layerCase('CLIP first layer', tile, rows, encoded + 1, hiddenWidth, 4 * Math.ceil((encoded + 1) / 4)),
      layerCase('CLIP hidden layer', tile, rows, hiddenWidth, hiddenWidth),
      ...backwardCases(tile, field),
      layerCase('DINO first layer', tile, rows, encoded, dinoWidth),
    ]),
    layerCase('CLIP last layer, once per ray', 'large', rays, hiddenWidth, clipDim),
    layerCase('DINO last layer, once per ray', 'large', rays, dinoWidth, dinoDim),
    ...language.grids.flatMap((grid, index) => gridCases(field, grid, index)),
    {
      label: 'choice of samples',
      kernel: largestWeightsKernel,
      params: { rays, samples, chosen: language.samples },
      buffers: {
        weights: { length: rays * samples, fill: 'unit' },
        indices: { length: rows },
      },
      bytes: 4 * (rays * samples + rows),
    },
    ...queryCases(field),
  ];
}
