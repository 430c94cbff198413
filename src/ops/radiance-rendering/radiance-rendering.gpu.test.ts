/**
 * Gates: whole networks on the GPU against the float64 reference op by op: density and outputs relative L2 2e-5 (exp of
 * sums over a hash grid), colours 1e-5; with points outside the cube, at NaN, and samples nobody sees.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import { encodeHashGrid } from '../hash-grid/hash-grid.ts';
import { levelWords } from '../hash-grid/level-words.ts';
import { hashGridLevels } from '../hash-grid/levels.ts';
import { type LinearLayer, linear, mlpForward } from '../mlp/mlp.ts';
import { sphericalHarmonics } from '../spherical-harmonics/spherical-harmonics.ts';
import { densityActivation, sigmoid } from '../volume-rendering/volume-rendering.ts';
import { colourBaseKernel, colourNetworkKernel, harmonics, meanRowsKernel } from './colour-network.wgsl.ts';
import { densityNetworkKernel } from './density-network.wgsl.ts';

const xavier = (seed: number, inputs: number, outputs: number) =>
  normals(seed, inputs * outputs).map((v) => v / Math.sqrt(inputs));

describeGpu('radiance rendering kernels', (gpu) => {
  for (const { features, hidden, outputs, biased } of [
    { features: 2, hidden: 16, outputs: 1, biased: true },
    { features: 4, hidden: 8, outputs: 16, biased: false },
  ] as const)
    it(`density of ${features} features per level, ${outputs} outputs`, async () => {
      const shape = { levels: 3, features, log2Entries: 8, baseResolution: 4, maxResolution: 24 };
      const [points, levels] = [131, hashGridLevels(shape)];
      const rows = levels.reduce((sum, { entries }) => sum + entries, 0);
      const [coordinates, table] = [uniforms(1, points * 3), normals(2, rows * features)];
      const selector = uniforms(3, points).map((u) => (u < 0.2 ? 0 : 1));
      const places = Float32Array.from({ length: points * 4 }, (_, i) =>
        i % 4 === 3 ? selector[i >> 2] : coordinates[3 * (i >> 2) + (i % 4)],
      );
      const inputs = shape.levels * features;
      const layers: LinearLayer[] = [
        { inputs, outputs: hidden, weight: xavier(4, inputs, hidden), bias: biased ? normals(5, hidden) : undefined },
        { inputs: hidden, outputs, weight: xavier(6, hidden, outputs) },
      ];
      const [density, raw] = [await gpu.zeros('f32', points), await gpu.zeros('f32', points * Math.max(4, outputs))];
      const buffers = {
        places: await gpu.floats(places),
        table: await gpu.floats(table),
        levelWords: await gpu.place('u32', levelWords(levels)),
        weight0: await gpu.floats(layers[0].weight),
        bias0: await gpu.floats(layers[0].bias ?? [0]),
        weight1: await gpu.floats(layers[1].weight),
        density,
        outputs: raw,
      };
      const kernel = densityNetworkKernel(shape.levels, features, hidden, outputs, biased);
      await gpu.run(kernel, { params: { points, initialDensity: 0.3 }, buffers });
      const expected = mlpForward(layers, encodeHashGrid(shape, coordinates, table)).at(-1)!;
      const column = expected.filter((_, i) => i % outputs === 0);
      expectNear(await gpu.read(density), densityActivation(column, selector, 0.3), 2e-5);
      if (outputs > 1) expectNear(await gpu.read(raw), expected, 2e-5);
      else expect((await gpu.read(raw)).every((v) => v === 0)).toBe(true);
    });

  it('a density outside the cube is zero, at NaN too', async () => {
    const kernel = densityNetworkKernel(1, 2, 4, 1, false);
    const density = await gpu.floats([7]);
    const shape = { levels: 1, features: 2, log2Entries: 8, baseResolution: 4, maxResolution: 4 };
    const buffers = {
      places: await gpu.floats([Number.NaN, 1e30, Number.POSITIVE_INFINITY, 0]),
      table: await gpu.floats(normals(1, 128 * 2)),
      levelWords: await gpu.place('u32', levelWords(hashGridLevels(shape))),
      weight0: await gpu.floats(normals(2, 8)),
      bias0: await gpu.zeros('f32', 1),
      weight1: await gpu.floats(normals(3, 4)),
      density,
      outputs: await gpu.zeros('f32', 4),
    };
    await gpu.run(kernel, { params: { points: 1, initialDensity: 1 }, buffers });
    expect(Array.from(await gpu.read(density))).toEqual([0]);
    expect(() => densityNetworkKernel(1, 8, 4, 1, false)).toThrow(/8 features/);
    expect(() => densityNetworkKernel(1, 2, 6, 1, false)).toThrow(/6 hidden/);
  });

  for (const { appearance, biased } of [
    { appearance: 5, biased: true },
    { appearance: 0, biased: false },
  ])
    it(`colours with ${appearance} numbers of appearance`, async () => {
      const [rays, samples, geometry, width, cameras] = [3, 50, 15, 16, 4];
      const inputs = harmonics + geometry + appearance;
      const layers: LinearLayer[] = [
        { inputs, outputs: width, weight: xavier(1, inputs, width), bias: biased ? normals(2, width) : undefined },
        { inputs: width, outputs: width, weight: xavier(3, width, width) },
        { inputs: width, outputs: 3, weight: xavier(4, width, 3) },
      ];
      const directions = normals(5, rays * 3);
      const table = normals(6, cameras * appearance);
      const outputs = normals(7, rays * samples * (geometry + 1));
      const weights = uniforms(8, rays * samples).map((w) => (w < 0.3 ? 0 : w));
      const components = sphericalHarmonics(directions);
      const mean = Float64Array.from(
        { length: appearance },
        (_, k) =>
          linear(
            { inputs: cameras, outputs: 1, weight: new Float64Array(cameras).fill(1 / cameras) },
            Float64Array.from({ length: cameras }, (_, c) => table[c * appearance + k]),
          )[0],
      );
      const rows = Array.from({ length: rays * samples }, (_, i) => [
        ...components.subarray(harmonics * Math.floor(i / samples), harmonics * (Math.floor(i / samples) + 1)),
        ...outputs.subarray(i * (geometry + 1) + 1, (i + 1) * (geometry + 1)),
        ...mean,
      ]);
      const seen = (i: number) => weights[i] > 0 || i % samples === samples - 1;
      const expected = mlpForward(layers, Float64Array.from(rows.flat()))
        .at(-1)!
        .map((v, i) => (seen(Math.floor(i / 3)) ? sigmoid(v) : 0));
      const arrays = await Promise.all(layers.map(({ weight }) => gpu.floats(weight)));
      const means = await gpu.zeros('f32', Math.max(1, appearance));
      const [base, colours] = [await gpu.zeros('f32', rays * width), await gpu.zeros('f32', rays * samples * 3)];
      gpu.recorder.dispatch(meanRowsKernel, {
        params: { rows: cameras, columns: appearance },
        buffers: { values: await gpu.floats(appearance > 0 ? table : [0]), means },
      });
      gpu.recorder.dispatch(colourBaseKernel(biased), {
        params: { rays, vectors: width / 4, geometry, appearance },
        buffers: {
          components: await gpu.floats(components),
          means,
          weight: arrays[0],
          bias: await gpu.floats(layers[0].bias ?? [0]),
          base,
        },
      });
      await gpu.run(colourNetworkKernel(geometry, width), {
        params: { points: rays * samples, samples },
        buffers: {
          weights: await gpu.floats(weights),
          outputs: await gpu.floats(outputs),
          base,
          weight0: arrays[0],
          weight1: arrays[1],
          weight2: arrays[2],
          colours,
        },
      });
      expectNear(await gpu.read(colours), expected, 1e-5);
    });
});
