/**
 * Gates: narrow perceptrons on the GPU against the float64 reference, forward and backward, rows that fill no tile and
 * rays that share none, columns of longer rows, one piece and several: relative L2, cosine and signed bias below 2e-6
 * for outputs (sums of at most 64 float32 products), 4e-6 for gradients, which go through all layers twice.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear, type GpuBench } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import type { GpuArray } from '../wgsl/elements.ts';
import { type LinearLayer, mlpBackward, mlpForward } from './mlp.ts';
import { mostNarrowPieces, type NarrowPoints, type NarrowShape, narrowLayout, narrowPieces } from './narrow-layout.ts';
import { narrowBackwardKernel, narrowRayBackwardKernel } from './narrow-backward.wgsl.ts';
import { narrowForwardKernel, narrowRayForwardKernel } from './narrow-forward.wgsl.ts';
import { requireLayout } from './narrow-tile.wgsl.ts';
import { packNarrowKernel, sumNarrowKernel } from './narrow-weights.wgsl.ts';

const cases: (NarrowShape & NarrowPoints)[] = [
  { inputs: 10, hidden: 16, hiddenLayers: 1, outputs: 1, kind: 'bias', rows: 201, samples: 201 },
  { inputs: 32, hidden: 64, hiddenLayers: 1, outputs: 16, kind: 'plain', rows: 50, samples: 50 },
  { inputs: 5, hidden: 40, hiddenLayers: 1, outputs: 7, kind: 'bias', rows: 3, samples: 3 },
  { inputs: 15, hidden: 64, hiddenLayers: 2, outputs: 3, kind: 'ray', rows: 3 * 43, samples: 43 },
];
/** Rows of x and of its gradient are longer than what is used; the used part begins here. */
const column = 2;
/** Rows of the first weight before those of the perceptron, and after them. */
const [before, after] = [3, 2];

type Case = (typeof cases)[number];

/** Every width of a case, xavier-like weights, inputs and gradients. */
function setUp({ inputs, hidden, hiddenLayers, outputs, kind, rows, samples }: Case) {
  const widths = [inputs, ...new Array<number>(hiddenLayers).fill(hidden), outputs];
  const layers = widths.slice(1).map((width, l): LinearLayer => {
    const weight = normals(10 + l, widths[l] * width).map((v) => v / Math.sqrt(widths[l]));
    return {
      inputs: widths[l],
      outputs: width,
      weight,
      bias: l === 0 && kind === 'bias' ? normals(20, width) : undefined,
    };
  });
  const base = normals(21, (rows / samples) * hidden);
  return { layers, x: normals(1, rows * inputs), gradOutputs: normals(2, rows * outputs), base };
}

/** The reference: a base is a one-hot input per ray, whose weights are the base. */
function reference(given: Case) {
  const { inputs, hidden, outputs, kind, rows, samples } = given;
  const { layers, x, gradOutputs, base } = setUp(given);
  if (kind !== 'ray') {
    const stages = mlpForward(layers, x);
    const { gradInputs, gradWeights, gradBiases } = mlpBackward(layers, stages, gradOutputs);
    return { y: stages.at(-1)!, gradInputs, gradWeights, gradBias: gradBiases[0], gradBase: undefined };
  }
  const rays = rows / samples;
  const width = inputs + rays;
  const wide = Float64Array.from({ length: rows * width }, (_, i) => {
    const [row, k] = [Math.floor(i / width), i % width];
    return k < inputs ? x[row * inputs + k] : Number(k - inputs === Math.floor(row / samples));
  });
  const first = { inputs: width, outputs: hidden, weight: [...Array.from(layers[0].weight), ...base] };
  const all = [first, ...layers.slice(1)];
  const stages = mlpForward(all, wide);
  const y = stages.at(-1)!.map((v) => 1 / (1 + Math.exp(-v)));
  const gradients = mlpBackward(
    all,
    stages,
    gradOutputs.map((g, i) => g * y[i] * (1 - y[i])),
  );
  expect(y.length).toBe(rows * outputs);
  return {
    y,
    gradInputs: gradients.gradInputs.filter((_, i) => i % width < inputs),
    gradWeights: [gradients.gradWeights[0].subarray(0, inputs * hidden), ...gradients.gradWeights.slice(1)],
    gradBias: undefined,
    gradBase: gradients.gradWeights[0].subarray(inputs * hidden),
  };
}

/** [rows, width] within rows of `stride` full of numbers that must not count. */
const spread = (values: ArrayLike<number>, width: number, stride: number): Float32Array =>
  Float32Array.from({ length: (values.length / width) * stride }, (_, i) => {
    const k = (i % stride) - column;
    return k >= 0 && k < width ? values[Math.floor(i / stride) * width + k] : 1e9;
  });

const gathered = (values: Float32Array, width: number, stride: number): Float32Array =>
  values.filter((_, i) => i % stride >= column && i % stride < column + width);

/** The rows of a first weight among rows of others. */
const among = (values: ArrayLike<number>, width: number): number[] => [
  ...new Array<number>(before * width).fill(1e9),
  ...Array.from(values),
  ...new Array<number>(after * width).fill(1e9),
];

async function place(gpu: GpuBench, given: Case) {
  const { inputs, hidden, hiddenLayers, outputs, kind, rows, samples } = given;
  const { layers, x, gradOutputs, base } = setUp(given);
  const weights: Record<string, GpuArray<'f32'>> = {};
  for (const [l, { weight, outputs: width }] of layers.entries())
    weights[`weight${l}`] = await gpu.floats(l === 0 ? among(weight, width) : weight);
  if (kind === 'bias') weights.bias = await gpu.floats(layers[0].bias!);
  const packed = await gpu.zeros('f32', requireLayout(given).packedLength);
  gpu.recorder.dispatch(packNarrowKernel(inputs, hidden, hiddenLayers, outputs, kind), {
    params: { firstRow: before },
    buffers: { ...weights, packed },
  });
  const stride = inputs + 5;
  return {
    params: { rows, samples, strideX: stride, columnX: column },
    x: await gpu.floats(spread(x, inputs, stride)),
    base: await gpu.floats(base),
    packed,
    y: await gpu.zeros('f32', rows * outputs),
    gradY: await gpu.floats(gradOutputs),
  };
}

async function backward(gpu: GpuBench, given: Case, placed: Awaited<ReturnType<typeof place>>, wanted: number) {
  const { inputs, hidden, hiddenLayers, outputs, kind, rows, samples } = given;
  const stride = inputs + column;
  const { layers } = setUp(given);
  const layout = requireLayout(given);
  const { tilesPerPiece, pieces } = narrowPieces(layout, kind, given, wanted);
  const gradX = await gpu.floats(new Float32Array(rows * stride).fill(7));
  const gradBase = await gpu.zeros('f32', (rows / samples) * hidden);
  const partials = await gpu.zeros('f32', pieces * layout.gradientLength);
  const { params, base, y, ...buffers } = { ...placed, gradX, partials };
  const backwardParams = { ...params, strideGradX: stride, columnGradX: column, tilesPerPiece };
  if (kind === 'ray')
    gpu.recorder.dispatch(narrowRayBackwardKernel(inputs, hidden, hiddenLayers, outputs), {
      params: backwardParams,
      buffers: { ...buffers, base, y, gradBase },
    });
  else
    gpu.recorder.dispatch(narrowBackwardKernel(inputs, hidden, hiddenLayers, outputs, kind), {
      params: backwardParams,
      buffers,
    });
  const sums: Record<string, GpuArray<'f32'>> = {};
  for (const [l, { weight, outputs: width }] of layers.entries())
    sums[`weight${l}`] = await gpu.floats(l === 0 ? among(weight, width) : weight);
  if (kind === 'bias') sums.bias = await gpu.floats(layers[0].bias!);
  gpu.recorder.dispatch(sumNarrowKernel(inputs, hidden, hiddenLayers, outputs, kind), {
    params: { firstRow: before, pieces },
    buffers: { ...sums, partials },
  });
  return { gradX: await gpu.read(gradX), gradBase: await gpu.read(gradBase), sums, stride, pieces };
}

describeGpu('narrow perceptrons', (gpu) => {
  for (const given of cases) {
    const { inputs, hidden, hiddenLayers, outputs, kind, rows } = given;
    it(`${inputs} → ${hidden} × ${hiddenLayers} → ${outputs}, ${kind}, of ${rows} points`, {
      timeout: 300_000,
    }, async ({ skip }) => {
      if (kind === 'ray' && gpu.opened.name.startsWith('llvmpipe'))
        return skip('LLVM compiles this kernel for half a minute; the GPU engine has its own there');
      const placed = await place(gpu, given);
      const { params, x, base, packed, y } = placed;
      if (kind === 'ray') {
        const kernel = narrowRayForwardKernel(inputs, hidden, hiddenLayers, outputs);
        await gpu.run(kernel, { params, buffers: { x, base, packed, y } });
      } else {
        const kernel = narrowForwardKernel(inputs, hidden, hiddenLayers, outputs, kind);
        await gpu.run(kernel, { params, buffers: { x, packed, y } });
      }
      const expected = reference(given);
      expectNear(await gpu.read(y), expected.y, 2e-6);
      const { layers } = setUp(given);
      for (const wanted of [1, 3]) {
        const found = await backward(gpu, given, placed, wanted);
        expect(found.pieces).toBeLessThanOrEqual(wanted);
        expectNear(gathered(found.gradX, inputs, found.stride), expected.gradInputs, 4e-6);
        expect(found.gradX[0], 'columns before the gradient stay').toBe(7);
        if (expected.gradBase) expectNear(found.gradBase, expected.gradBase, 4e-6);
        for (const [l, { weight, outputs: width }] of layers.entries()) {
          const sum = await gpu.read(found.sums[`weight${l}`]);
          const own = l === 0 ? sum.subarray(before * width, sum.length - after * width) : sum;
          expectNear(
            own,
            expected.gradWeights[l].map((g, i) => g + weight[i]),
            4e-6,
          );
          if (l === 0) expect(sum[sum.length - 1], 'rows of the ray stay').toBe(1e9);
        }
        if (expected.gradBias)
          expectNear(
            await gpu.read(found.sums.bias),
            expected.gradBias.map((g, i) => g + layers[0].bias![i]),
            4e-6,
          );
      }
    });
  }
});

it('takes perceptrons that fit', () => {
  const fits = (shape: Partial<NarrowShape>) =>
    narrowLayout({ inputs: 32, hidden: 64, hiddenLayers: 1, outputs: 16, kind: 'plain', ...shape }) !== undefined;
  expect(fits({})).toBe(true);
  expect(fits({ inputs: 64, outputs: 64, hiddenLayers: 3 })).toBe(true);
  expect(fits({ inputs: 64, kind: 'bias' })).toBe(false);
  expect(fits({ hidden: 68 })).toBe(false);
  expect(fits({ hidden: 30 })).toBe(false);
  expect(fits({ hiddenLayers: 20 })).toBe(false);
  expect(fits({ hiddenLayers: 0 })).toBe(false);
});

it('gives every workgroup of the way back something to do, and whole rays', () => {
  const shape = { inputs: 15, hidden: 64, hiddenLayers: 2, outputs: 3, kind: 'ray' } as const;
  const layout = requireLayout(shape);
  expect(narrowPieces(layout, 'ray', { rows: 4096 * 48, samples: 48 })).toEqual({ tilesPerPiece: 12, pieces: 1024 });
  expect(narrowPieces(layout, 'ray', { rows: 48, samples: 48 })).toEqual({ tilesPerPiece: 3, pieces: 1 });
  expect(narrowPieces(layout, 'plain', { rows: 48, samples: 48 })).toEqual({ tilesPerPiece: 1, pieces: 3 });
  expect(narrowPieces(layout, 'plain', { rows: 0, samples: 0 }).pieces).toBe(0);
  for (const kind of ['plain', 'ray'] as const)
    for (const planned of [1, 700, 1024, 1100, 2100]) {
      const pointsOf = (rays: number) => ({ rows: rays * 20, samples: kind === 'ray' ? 20 : rays * 20 });
      const most = mostNarrowPieces(layout, kind, pointsOf(planned));
      for (let rays = 1; rays <= planned; rays++)
        expect(narrowPieces(layout, kind, pointsOf(rays)).pieces).toBeLessThanOrEqual(most);
    }
});
