/**
 * Gates: the GPU's dense kernels against the float64 reference, sizes that are no multiple of any tile, padded rows,
 * every tile; relative L2, cosine and signed bias below 2e-6 (sums of a few hundred float32 products).
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear, type GpuBench } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import { floatsToHalves, halvesToFloats } from '../../formats/half.ts';
import {
  denseKernel,
  denseInputBackwardKernel,
  denseWeightBackwardKernel,
  sumPartialsKernel,
  sumWeightPartialsKernel,
  weightSplits,
} from './dense.wgsl.ts';
import { linear, linearBackward, mlpBackward, mlpForward } from './mlp.ts';
import type { Tile } from './tiled-product.wgsl.ts';

const shapes = [
  { rows: 1, inputs: 1, outputs: 1 },
  { rows: 67, inputs: 33, outputs: 16 },
  { rows: 130, inputs: 17, outputs: 70 },
];
/** Software compiles a product for a second or more, so each tile takes other options. */
const cases = [
  { tile: 'square', activation: 'relu', biased: true, masked: true, f: (v: number) => Math.max(v, 0) },
  { tile: 'large', activation: 'none', biased: false, masked: false, f: (v: number) => v },
  { tile: 'narrow', activation: 'none', biased: true, masked: false, f: (v: number) => v },
] as const;

/** [rows, columns] in rows of `stride`, with numbers in between that must not count. */
function padded(values: ArrayLike<number>, columns: number, stride: number): Float32Array {
  return Float32Array.from({ length: (values.length / columns) * stride }, (_, i) =>
    i % stride < columns ? values[Math.floor(i / stride) * columns + (i % stride)] : 1e9,
  );
}

function unpadded(values: ArrayLike<number>, columns: number, stride: number): Float32Array {
  return Float32Array.from(
    { length: (values.length / stride) * columns },
    (_, i) => values[Math.floor(i / columns) * stride + (i % columns)],
  );
}

function setUp({ rows, inputs, outputs }: (typeof shapes)[number]) {
  const [x, gradY] = [normals(1, rows * inputs), normals(2, rows * outputs)];
  const [weight, bias] = [normals(3, inputs * outputs), normals(4, outputs)];
  const [strideX, strideY] = [inputs + 3, outputs + 1];
  return { x, gradY, weight, bias, strideX, strideY, layer: { inputs, outputs, weight, bias } };
}

async function weightGradients(gpu: GpuBench, shape: (typeof shapes)[number], tile: Tile) {
  const { rows, inputs, outputs } = shape;
  const { x, gradY, strideX, strideY } = setUp(shape);
  for (const splits of [1, 3]) {
    const partials = await gpu.zeros('f32', splits * (inputs + 1) * outputs);
    const [gradWeight, gradBias] = [await gpu.floats(normals(5, inputs * outputs)), await gpu.zeros('f32', outputs)];
    const params = { rows, inputs, outputs, strideX, strideGradY: strideY, splits };
    const buffers = {
      x: await gpu.floats(padded(x, inputs, strideX)),
      gradY: await gpu.floats(padded(gradY, outputs, strideY)),
      partials,
    };
    gpu.recorder
      .dispatch(denseWeightBackwardKernel('f32', tile), { params, buffers })
      .dispatch(sumWeightPartialsKernel, {
        params: { inputs, outputs, splits, biased: 1 },
        buffers: { partials, gradWeight, gradBias },
      });
    const expected = linearBackward(setUp(shape).layer, x, gradY);
    const unbiased = await gpu.floats(normals(5, inputs * outputs));
    gpu.recorder
      .dispatch(denseWeightBackwardKernel('f32', tile, false), { params, buffers })
      .dispatch(sumPartialsKernel, {
        params: { length: inputs * outputs, splits },
        buffers: { partials, sums: unbiased },
      });
    const before = normals(5, inputs * outputs);
    const summed = expected.gradWeight.map((g, i) => g + before[i]);
    expectNear(await gpu.read(unbiased), summed, 2e-6);
    expectNear(await gpu.read(gradWeight), summed, 2e-6);
    expectNear(await gpu.read(gradBias), expected.gradBias!, 2e-6);
  }
}

describeGpu('dense kernels', (gpu) => {
  for (const { tile, activation, biased, masked, f } of cases) {
    for (const shape of shapes) {
      const { rows, inputs, outputs } = shape;
      const { x, gradY, weight, bias, strideX, strideY, layer } = setUp(shape);
      it(`multiply ${rows} × ${inputs} × ${outputs} in ${tile} tiles`, async () => {
        const y = await gpu.floats(new Float32Array(rows * strideY).fill(5));
        const buffers = {
          x: await gpu.floats(padded(x, inputs, strideX)),
          weight: await gpu.floats(weight),
          bias: await gpu.floats(bias),
          y,
        };
        const params = { rows, inputs, outputs, strideX, strideY };
        await gpu.run(denseKernel(activation, biased, 'f32', tile), { params, buffers });
        const out = await gpu.read(y);
        const expected = linear({ ...layer, bias: biased ? bias : undefined }, x).map(f);
        expectNear(unpadded(out, outputs, strideY), expected, 2e-6);
        expect(out[outputs], 'padding stays').toBe(5);
      });

      it(`find gradients of ${rows} × ${inputs} × ${outputs} in ${tile} tiles`, async () => {
        const gradX = await gpu.zeros('f32', rows * strideX);
        const buffers = {
          gradY: await gpu.floats(padded(gradY, outputs, strideY)),
          weight: await gpu.floats(weight),
          x: await gpu.floats(padded(x, inputs, strideX)),
          gradX,
        };
        const params = { rows, inputs, outputs, strideX, strideGradX: strideX, strideGradY: strideY };
        const expected = linearBackward(layer, x, gradY).gradX;
        await gpu.run(denseInputBackwardKernel(masked, 'f32', tile), { params, buffers });
        const wanted = masked ? expected.map((g, i) => (x[i] > 0 ? g : 0)) : expected;
        expectNear(unpadded(await gpu.read(gradX), inputs, strideX), wanted, 2e-6);
        await weightGradients(gpu, shape, tile);
      });
    }
  }

  it('chain into a perceptron, forward and backward, without coming back in between', async () => {
    const [rows, widths] = [70, [19, 24, 24, 5]];
    const layers = widths.slice(1).map((outputs, l) => {
      const inputs = widths[l];
      return { inputs, outputs, weight: normals(20 + l, inputs * outputs), bias: normals(30 + l, outputs) };
    });
    const [x, gradOutput] = [normals(40, rows * widths[0]), normals(41, rows * widths[3])];
    const placed = await Promise.all(
      layers.map(async ({ weight, bias }) => ({ weight: await gpu.floats(weight), bias: await gpu.floats(bias) })),
    );
    const stages = [await gpu.floats(x)];
    for (const { outputs } of layers) stages.push(await gpu.zeros('f32', rows * outputs));
    const gradients = await Promise.all(widths.slice(0, 3).map((width) => gpu.zeros('f32', rows * width)));
    gradients.push(await gpu.floats(gradOutput));
    for (const [l, { inputs, outputs }] of layers.entries()) {
      const kernel = denseKernel(l < 2 ? 'relu' : 'none', l < 2, 'f32', l < 2 ? 'square' : 'large');
      const params = { rows, inputs, outputs, strideX: inputs, strideY: outputs };
      gpu.recorder.dispatch(kernel, { params, buffers: { ...placed[l], x: stages[l], y: stages[l + 1] } });
    }
    for (const l of [2, 1, 0]) {
      const { inputs, outputs } = layers[l];
      const kernel = denseInputBackwardKernel(l > 0, 'f32', l > 0 ? 'square' : 'large');
      const params = { rows, inputs, outputs, strideX: inputs, strideGradX: inputs, strideGradY: outputs };
      const buffers = { x: stages[l], weight: placed[l].weight, gradY: gradients[l + 1], gradX: gradients[l] };
      gpu.recorder.dispatch(kernel, { params, buffers });
    }
    const reference = layers.map((layer, l) => (l < 2 ? layer : { ...layer, bias: undefined }));
    const activations = mlpForward(reference, x);
    expectNear(await gpu.read(stages[3]), activations[3], 2e-6);
    const expected = mlpBackward(reference, activations, gradOutput).gradInputs;
    expectNear(await gpu.read(gradients[0]), expected, 2e-6);
  });

  it('cut the rows of a weight gradient into pieces, and never into more than there are', () => {
    expect(weightSplits('square', 98_304, 256, 256)).toBeGreaterThan(10);
    expect(weightSplits('square', 1, 256, 256)).toBe(1);
    expect(weightSplits('square', 0, 3, 5)).toBe(1);
  });

  it('keep values in half precision where the adapter has it', async ({ skip }) => {
    if (!gpu.opened.features.halfPrecision) return skip('the adapter has no shader-f16');
    const { x, weight, bias, layer } = setUp(shapes[1]);
    const { rows, inputs, outputs } = shapes[1];
    const y = await gpu.zeros('f16', rows * outputs);
    const buffers = {
      x: await gpu.place('f16', floatsToHalves(x)),
      weight: await gpu.place('f16', floatsToHalves(weight)),
      bias: await gpu.place('f16', floatsToHalves(bias)),
      y,
    };
    const params = { rows, inputs, outputs, strideX: inputs, strideY: outputs };
    await gpu.run(denseKernel('none', true, 'f16', 'square'), { params, buffers });
    expectNear(halvesToFloats(await gpu.read(y)), linear(layer, x), 2e-3);
  });
});
