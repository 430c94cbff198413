/**
 * Gates: the GPU kernels against the float64 reference over dense, wrapping and hashed levels, whole and split tables:
 * relative L2, cosine and signed bias below 2e-5 (positions are float32: a scale of 200 costs two digits of the
 * fraction). Fixed-point sums have steps of 2^-16 beside gradients near 1: below 1e-4.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear, type GpuBench } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import { floatToHalf } from '../../formats/half.ts';
import { encodeHashGrid, encodeHashGridBackward } from './hash-grid.ts';
import type { GridFeatures } from './hash-grid.wgsl.ts';
import { encodeHashGridKernel, hashGridPositionBackwardKernel, hashGridTableBackwardKernel } from './hash-grid.wgsl.ts';
import { levelWords } from './level-words.ts';
import type { GridPart } from './split-levels.ts';
import { splitLevels } from './split-levels.ts';

const points = 37;
const levels = 5;
/** Two corners of the cube, then points close to each other, which share cells, then points anywhere. */
const coordinates = Float32Array.from(uniforms(1, points * 3), (u, i) =>
  i < 3 ? 0 : i < 6 ? 0.999999 : i < 60 ? 0.3 + 0.0005 * i + 0.01 * u : u,
);

function gridOf(features: GridFeatures) {
  const grid = { levels, features, log2Entries: 10, baseResolution: 4, maxResolution: 200 };
  const rows = splitLevels(grid, 1e9)[0].rows;
  return { grid, rows, table: normals(2, rows * features), gradient: normals(3, points * levels * features) };
}

/** [points, levels · features] into rows of `stride`. */
function strided(values: ArrayLike<number>, width: number, stride: number): Float32Array {
  const out = new Float32Array(points * stride);
  for (let i = 0; i < points * width; i++) out[Math.floor(i / width) * stride + (i % width)] = values[i];
  return out;
}

function unstrided(values: ArrayLike<number>, width: number, stride: number): Float32Array {
  return Float32Array.from({ length: points * width }, (_, i) => values[Math.floor(i / width) * stride + (i % width)]);
}

async function placePart(gpu: GpuBench, part: GridPart, table: Float32Array, features: number) {
  const from = part.firstRow * features;
  return {
    table: await gpu.floats(table.subarray(from, from + part.rows * features)),
    levelWords: await gpu.place('u32', levelWords(part.levels)),
  };
}

describeGpu('hash grid kernels', (gpu) => {
  for (const features of [2, 4, 8] as const) {
    const { grid, rows, table, gradient } = gridOf(features);
    const width = levels * features;
    const stride = width + 4;
    for (const [words, maxBytes] of [
      ['a whole table', 1e9],
      ['a table in parts', 1024 * features * 4],
    ] as const) {
      const parts = splitLevels(grid, maxBytes);

      it(`encode with ${features} features and ${words}`, async () => {
        const [positions, encoded] = [await gpu.floats(coordinates), await gpu.zeros('f32', points * stride)];
        for (const part of parts) {
          const params = { points, levels: part.levels.length, stride, column: part.column };
          const buffers = { positions, encoded, ...(await placePart(gpu, part, table, features)) };
          gpu.recorder.dispatch(encodeHashGridKernel(features, 'f32'), { params, buffers });
        }
        const actual = unstrided(await gpu.read(encoded), width, stride);
        expectNear(actual, encodeHashGrid(grid, coordinates, table), 2e-5);
      });

      it(`find gradients with ${features} features and ${words}`, async () => {
        const expected = encodeHashGridBackward(grid, coordinates, table, gradient);
        const [positions, gradPositions] = [await gpu.floats(coordinates), await gpu.zeros('f32', points * 3)];
        const gradEncoded = await gpu.floats(strided(gradient, width, stride));
        const sums = [1, 5].flatMap((run) =>
          (['fixed', 'exchange'] as const).map((method) => ({ run, method, sum: new Float64Array(rows * features) })),
        );
        for (const part of parts) {
          const params = { points, levels: part.levels.length, stride, column: part.column };
          const buffers = { positions, gradEncoded, ...(await placePart(gpu, part, table, features)) };
          const position = { params, buffers: { ...buffers, gradPositions } };
          gpu.recorder.dispatch(hashGridPositionBackwardKernel(features, 'f32'), position);
          for (const { run, method, sum } of sums) {
            const gradTable = await gpu.zeros('u32', part.rows * features);
            const kernel = hashGridTableBackwardKernel(features, method, run);
            const scaled = { ...params, gradientScale: 65536 };
            gpu.recorder.dispatch(kernel, { params: scaled, buffers: { ...buffers, gradTable } });
            const bits = await gpu.read(gradTable);
            const values = method === 'fixed' ? new Int32Array(bits.buffer) : new Float32Array(bits.buffer);
            sum.set(
              method === 'fixed' ? Float64Array.from(values, (v) => v / 65536) : values,
              part.firstRow * features,
            );
          }
        }
        for (const { method, sum } of sums) expectNear(sum, expected.gradTable, method === 'fixed' ? 1e-4 : 2e-5);
        expectNear(await gpu.read(gradPositions), expected.gradPositions, 2e-5);
      });
    }
  }

  it('read half-precision tables where the adapter has them', async ({ skip }) => {
    if (!gpu.opened.features.halfPrecision) return skip('the adapter has no shader-f16');
    const { grid, table } = gridOf(8);
    const positions = await gpu.floats(coordinates);
    const encoded = await gpu.zeros('f32', points * levels * 8);
    const buffers = {
      positions,
      encoded,
      table: await gpu.place('f16', Uint16Array.from(table, floatToHalf)),
      levelWords: await gpu.place('u32', levelWords(splitLevels(grid, 1e9)[0].levels)),
    };
    const params = { points, levels, stride: levels * 8, column: 0 };
    await gpu.run(encodeHashGridKernel(8, 'f16'), { params, buffers });
    expectNear(await gpu.read(encoded), encodeHashGrid(grid, coordinates, table), 1e-3);
  });

  it('stay inside the table with NaN, infinities and positions out of range', async () => {
    const { grid, rows, table } = gridOf(2);
    const wild = [Number.NaN, 0.5, 0.5, Number.POSITIVE_INFINITY, 0, 1, -3, 0.2, 7, 0.25, 0.5, 0.75];
    const positions = await gpu.floats(wild);
    const encoded = await gpu.zeros('f32', 4 * levels * 2);
    const words = await gpu.place('u32', levelWords(splitLevels(grid, 1e9)[0].levels));
    const params = { points: 4, levels, stride: levels * 2, column: 0 };
    const buffers = { positions, encoded, table: await gpu.floats(table), levelWords: words };
    await gpu.run(encodeHashGridKernel(2, 'f32'), { params, buffers });
    const tame = encodeHashGrid(grid, wild.slice(9), table);
    expectNear((await gpu.read(encoded)).subarray(3 * levels * 2), tame, 2e-5);
    const gradTable = await gpu.zeros('u32', rows * 2);
    const gradEncoded = await gpu.floats(new Float32Array(4 * levels * 2).fill(Number.NaN));
    const scaled = { ...params, gradientScale: 65536 };
    const gradBuffers = { positions, gradEncoded, levelWords: words, gradTable };
    await gpu.run(hashGridTableBackwardKernel(2, 'fixed'), { params: scaled, buffers: gradBuffers });
    expect((await gpu.read(gradTable)).every((bits) => bits === 0)).toBe(true);
  });
});
