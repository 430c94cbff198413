/** Kernels of the radiance field at the size of a training step, and the fused ones that rendering uses. */
import type { HashGridConfig } from '../../src/field/config.ts';
import { gridEntries, gridWidth } from '../../src/field/parameters.ts';
import {
  encodeHashGridKernel,
  type GridFeatures,
  hashGridPositionBackwardKernel,
} from '../../src/ops/hash-grid/hash-grid.wgsl.ts';
import { levelWords } from '../../src/ops/hash-grid/level-words.ts';
import { hashGridLevels } from '../../src/ops/hash-grid/levels.ts';
import { distortionLossKernel, interlevelLossKernel } from '../../src/ops/losses/losses.wgsl.ts';
import { denseKernel } from '../../src/ops/mlp/dense.wgsl.ts';
import { optimiserKernel, optimiserParams } from '../../src/ops/optimisers/optimisers.wgsl.ts';
import { colourNetworkKernel, harmonics } from '../../src/ops/radiance-rendering/colour-network.wgsl.ts';
import { densityNetworkKernel } from '../../src/ops/radiance-rendering/density-network.wgsl.ts';
import { resampleEdgesKernel } from '../../src/ops/ray-sampling/ray-sampling.wgsl.ts';
import {
  compositeColourKernel,
  compositeWeightsBackwardKernel,
  compositeWeightsKernel,
} from '../../src/ops/volume-rendering/volume-rendering.wgsl.ts';
import type { Fill, KernelCase } from './kernel-case.ts';
import { narrowCases } from './narrow-cases.ts';
import type { BenchSize } from './sizes.ts';

/** Numbers of a table and of the words that describe it. */
export const gridBuffers = (grid: HashGridConfig) => {
  const words = levelWords(hashGridLevels(grid));
  return {
    table: { length: gridEntries(grid) * grid.features, fill: 'signed' },
    levelWords: { length: words.length, fill: words },
  } as const;
};

/** Eight corners of every level of a point. */
export const gatherBytes = (grid: HashGridConfig, points: number): number => points * 8 * gridWidth([grid]) * 4;

const points = (samples: number, stride: number): Fill => ({ pointsOf: { samples, stride } });

interface Network {
  name: string;
  grid: HashGridConfig;
  hidden: number;
  outputs: number;
  samples: number;
}

function networks({ config: { radiance } }: BenchSize): Network[] {
  const { proposals, grid, densityWidth, geometryFeatures, samples } = radiance;
  return [
    ...proposals.map((proposal, index) => ({
      name: `proposal ${index}`,
      grid: proposal.grid,
      hidden: proposal.hiddenWidth,
      outputs: 1,
      samples: proposal.samples,
    })),
    { name: 'field', grid, hidden: densityWidth, outputs: 1 + geometryFeatures, samples },
  ];
}

function densityCases({ rays }: BenchSize, { name, grid, hidden, outputs, samples }: Network): KernelCase[] {
  const count = rays * samples;
  const inputs = gridWidth([grid]);
  const biased = inputs % 16 !== 0;
  const features = grid.features as GridFeatures;
  const place = { points: count, levels: grid.levels, stride: inputs, column: 0 };
  const written = 4 + (outputs > 1 ? 4 * outputs : 0);
  return [
    {
      label: `${name}: whole density network`,
      kernel: densityNetworkKernel(grid.levels, features, hidden, outputs, biased),
      params: { points: count, initialDensity: 1 },
      buffers: {
        places: { length: 4 * count, fill: points(samples, 4) },
        ...gridBuffers(grid),
        weight0: { length: inputs * hidden, fill: 'signed' },
        bias0: { length: hidden, fill: 'signed' },
        weight1: { length: hidden * outputs, fill: 'signed' },
        density: { length: count },
        outputs: { length: Math.max(4, count * outputs) },
      },
      bytes: gatherBytes(grid, count) + count * (16 + written),
      flops: 2 * count * hidden * (inputs + outputs) + count * grid.levels * (16 * grid.features + 28),
    },
    {
      label: `${name}: hash grid`,
      kernel: encodeHashGridKernel(features, 'f32'),
      params: place,
      buffers: {
        positions: { length: 3 * count, fill: points(samples, 3) },
        ...gridBuffers(grid),
        encoded: { length: count * inputs },
      },
      bytes: gatherBytes(grid, count) + count * 4 * (3 + inputs),
    },
  ];
}

function compositingCases({ rays }: BenchSize, { name, samples }: Network, bins: number): KernelCase[] {
  const count = rays * samples;
  const params = { rays, samples };
  const density = { length: count, fill: 'unit' } as const;
  const edges = { length: rays * (samples + 1), fill: { edgesOf: samples } } as const;
  return [
    {
      label: `${name}: weights of samples`,
      kernel: compositeWeightsKernel,
      params,
      buffers: { density, edges, weights: { length: count } },
      bytes: count * 12,
    },
    {
      label: `${name}: weights of samples, backward`,
      kernel: compositeWeightsBackwardKernel,
      params,
      buffers: { density, edges, gradWeights: { length: count, fill: 'signed' }, gradDensity: { length: count } },
      bytes: count * 16,
    },
    {
      label: `${name}: resampling to ${bins}`,
      kernel: resampleEdgesKernel,
      params: { rays, bins: samples, samples: bins, anneal: 1, train: 1, column: 1 },
      buffers: {
        weights: density,
        edges,
        jitter: { length: 3 * rays, fill: 'unit' },
        newEdges: { length: rays * (bins + 1) },
      },
      bytes: 4 * rays * (2 * samples + bins + 2),
    },
  ];
}

function lossCases({ rays, config: { radiance } }: BenchSize): KernelCase[] {
  const { samples, proposals } = radiance;
  const bins = proposals[0].samples;
  const edges = { length: rays * (samples + 1), fill: { edgesOf: samples } } as const;
  const weights = { length: rays * samples, fill: 'unit' } as const;
  const losses = { length: rays };
  return [
    {
      label: 'interlevel loss of proposal 0',
      kernel: interlevelLossKernel,
      params: { rays, samples, bins, gradFactor: 1 },
      buffers: {
        edges,
        weights,
        proposalEdges: { length: rays * (bins + 1), fill: { edgesOf: bins } },
        proposalWeights: { length: rays * bins, fill: 'unit' },
        losses,
        gradProposalWeights: { length: rays * bins },
      },
      bytes: 4 * rays * (2 * samples + 3 * bins + 3),
    },
    {
      label: 'distortion loss',
      kernel: distortionLossKernel,
      params: { rays, samples, gradFactor: 1 },
      buffers: { edges, weights, losses, gradWeights: { length: rays * samples } },
      bytes: 4 * rays * (4 * samples + 2),
    },
  ];
}

function colourCases({ rays, config: { radiance } }: BenchSize): KernelCase[] {
  const { samples, geometryFeatures: geometry, colourWidth: width, appearanceWidth } = radiance;
  const count = rays * samples;
  const inputs = harmonics + geometry + appearanceWidth;
  return [
    {
      label: 'colour network after the first sums',
      kernel: colourNetworkKernel(geometry, width),
      params: { points: count, samples },
      buffers: {
        weights: { length: count, fill: 'unit' },
        outputs: { length: count * (1 + geometry), fill: 'signed' },
        base: { length: rays * width, fill: 'signed' },
        weight0: { length: inputs * width, fill: 'signed' },
        weight1: { length: width * width, fill: 'signed' },
        weight2: { length: width * 3, fill: 'signed' },
        colours: { length: 3 * count },
      },
      bytes: count * 4 * (1 + 1 + geometry + 3),
      flops: 2 * count * (geometry * width + width * width + 3 * width),
    },
    {
      label: `colour layer ${width} to ${width} as a tiled product of its own`,
      kernel: denseKernel('relu', false, 'f32', 'square'),
      params: { rows: count, inputs: width, outputs: width, strideX: width, strideY: width },
      buffers: {
        x: { length: count * width, fill: 'signed' },
        weight: { length: width * width, fill: 'signed' },
        bias: { length: 4 },
        y: { length: count * width },
      },
      bytes: 8 * count * width,
      flops: 2 * count * width * width,
    },
    {
      label: 'colours of rays',
      kernel: compositeColourKernel,
      params: { rays, samples },
      buffers: {
        weights: { length: count, fill: 'unit' },
        colours: { length: 3 * count, fill: 'unit' },
        rgb: { length: 3 * rays },
        accumulation: { length: rays },
      },
      bytes: 16 * count + 16 * rays,
    },
  ];
}

function gridTrainingCases({ rays, config: { radiance } }: BenchSize): KernelCase[] {
  const { grid, samples } = radiance;
  const count = rays * samples;
  const width = gridWidth([grid]);
  const numbers = gridEntries(grid) * grid.features;
  const settings = { rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-15, step: 100, weightDecay: 0 };
  return [
    {
      label: 'field: gradient of positions',
      kernel: hashGridPositionBackwardKernel(grid.features as GridFeatures, 'f32'),
      params: { points: count, levels: grid.levels, stride: width, column: 0 },
      buffers: {
        positions: { length: 3 * count, fill: points(samples, 3) },
        ...gridBuffers(grid),
        gradEncoded: { length: count * width, fill: 'signed' },
        gradPositions: { length: 3 * count },
      },
      bytes: gatherBytes(grid, count) + 4 * count * (width + 9),
    },
    {
      label: 'field: Adam, every number touched',
      kernel: optimiserKernel('adam', 'f32'),
      params: optimiserParams('adam', numbers, settings),
      buffers: {
        // Moments that are not zero keep the kernel from skipping what has no gradient.
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

export function radianceCases(size: BenchSize): KernelCase[] {
  const all = networks(size);
  return [
    ...all.flatMap((network) => densityCases(size, network)),
    ...colourCases(size),
    ...narrowCases(size),
    ...all.flatMap((network, index) => compositingCases(size, network, (all[index + 1] ?? network).samples)),
    ...lossCases(size),
    ...gridTrainingCases(size),
  ];
}
