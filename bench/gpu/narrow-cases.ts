/** Narrow perceptrons of the radiance field, forward and backward, at the size of a training step. */
import { colourShape } from '../../src/engines/webgpu/colour-head.ts';
import { describeRounds } from '../../src/engines/webgpu/ray-round.ts';
import { type NarrowPoints, type NarrowShape, narrowPieces } from '../../src/ops/mlp/narrow-layout.ts';
import { narrowBackwardKernel, narrowRayBackwardKernel } from '../../src/ops/mlp/narrow-backward.wgsl.ts';
import { narrowForwardKernel, narrowRayForwardKernel } from '../../src/ops/mlp/narrow-forward.wgsl.ts';
import { requireLayout } from '../../src/ops/mlp/narrow-tile.wgsl.ts';
import { sumNarrowKernel } from '../../src/ops/mlp/narrow-weights.wgsl.ts';
import type { KernelCase } from './kernel-case.ts';
import type { BenchSize } from './sizes.ts';

/** Multiply-adds of a point. */
const macs = ({ inputs, hidden, hiddenLayers, outputs }: NarrowShape): number =>
  inputs * hidden + (hiddenLayers - 1) * hidden ** 2 + hidden * outputs;

/** The partial sums of weight gradients go out and come in once. */
function sumCase(name: string, shape: NarrowShape, pieces: number): KernelCase {
  const { inputs, hidden, hiddenLayers, outputs, kind } = shape;
  const { layers, gradientLength } = requireLayout(shape);
  const weights = layers.map((layer, l) => [`weight${l}`, { length: layer.inputs * layer.outputs }] as const);
  return {
    label: `${name}: sums of its weight gradients`,
    kernel: sumNarrowKernel(inputs, hidden, hiddenLayers, outputs, kind),
    params: { firstRow: 0, pieces },
    buffers: {
      partials: { length: pieces * gradientLength, fill: 'signed' },
      ...Object.fromEntries(weights),
      ...(kind === 'bias' ? { bias: { length: hidden } } : {}),
    },
    bytes: 4 * pieces * gradientLength,
  };
}

function perceptronCases(name: string, shape: NarrowShape, points: NarrowPoints): KernelCase[] {
  const { inputs, hidden, hiddenLayers, outputs, kind } = shape;
  const { rows, samples } = points;
  const layout = requireLayout(shape);
  const { tilesPerPiece, pieces } = narrowPieces(layout, kind, points);
  const ofRays = kind === 'ray' ? (rows / samples) * hidden : 0;
  type Buffers = KernelCase['buffers'];
  const ofRay = (buffers: Buffers): Buffers => (kind === 'ray' ? buffers : {});
  const y = { length: rows * outputs, fill: 'unit' } as const;
  const shared: Buffers = {
    x: { length: rows * inputs, fill: 'signed' },
    packed: { length: layout.packedLength, fill: 'signed' },
    ...ofRay({ base: { length: ofRays, fill: 'signed' } }),
  };
  const params = { rows, samples, strideX: inputs, columnX: 0 };
  return [
    {
      label: `${name}: layers forward`,
      kernel:
        kind === 'ray'
          ? narrowRayForwardKernel(inputs, hidden, hiddenLayers, outputs)
          : narrowForwardKernel(inputs, hidden, hiddenLayers, outputs, kind),
      params,
      buffers: { ...shared, y },
      bytes: 4 * (rows * (inputs + outputs) + ofRays),
      flops: 2 * rows * macs(shape),
    },
    {
      label: `${name}: layers backward`,
      kernel:
        kind === 'ray'
          ? narrowRayBackwardKernel(inputs, hidden, hiddenLayers, outputs)
          : narrowBackwardKernel(inputs, hidden, hiddenLayers, outputs, kind),
      params: { ...params, strideGradX: inputs, columnGradX: 0, tilesPerPiece },
      buffers: {
        ...shared,
        gradY: { length: rows * outputs, fill: 'signed' },
        gradX: { length: rows * inputs },
        partials: { length: pieces * layout.gradientLength },
        ...ofRay({ y, gradBase: { length: ofRays } }),
      },
      bytes: 4 * (rows * (2 * inputs + outputs * (kind === 'ray' ? 2 : 1)) + 2 * ofRays),
      flops: 4 * rows * macs(shape),
    },
    sumCase(name, shape, pieces),
  ];
}

export function narrowCases({ rays, config }: BenchSize): KernelCase[] {
  const { samples, proposals } = config.radiance;
  return [
    ...describeRounds(config).flatMap(({ network, ...round }, index) => {
      const rows = rays * round.samples;
      const name = index < proposals.length ? `proposal ${index}` : 'field';
      return perceptronCases(name, network, { rows, samples: rows });
    }),
    ...perceptronCases('colour', colourShape(config), { rows: rays * samples, samples }),
  ];
}
