/**
 * Gates: a grid whose table is cut into parts, encoded, differentiated and stepped on the GPU, against the float64
 * reference: encodings 2e-5, the table after two steps 1e-4 (Adam's first steps divide gradients by their own size).
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import { encodeHashGrid, encodeHashGridBackward } from '../../ops/hash-grid/hash-grid.ts';
import { splitLevels } from '../../ops/hash-grid/split-levels.ts';
import { adamStep, defaultBetas } from '../../ops/optimisers/optimisers.ts';
import { Arena } from './arena.ts';
import { GridTable, type GridTableSettings, gridTableRequests } from './grid-table.ts';

const shape = { levels: 4, features: 4, log2Entries: 8, baseResolution: 4, maxResolution: 60 };
const [count, stride, column] = [33, 24, 4];
const width = shape.levels * shape.features;

describeGpu('grid table', (gpu) => {
  for (const sums of ['fixed', 'exchange'] as const)
    it(`trains a table in parts with ${sums} sums`, async () => {
      const settings: GridTableSettings = { name: 'grid', shape, sums, gradientScale: 2 ** 20, maxBytes: 9000 };
      expect(splitLevels(shape, settings.maxBytes).length).toBeGreaterThan(1);
      const arena = await Arena.allocate(gpu.opened, gridTableRequests(settings));
      const grid = new GridTable(gpu.opened, arena, settings);
      const positions = uniforms(1, count * 3);
      const { firstRow, rows } = splitLevels(shape, settings.maxBytes).at(-1)!;
      const start = normals(2, (firstRow + rows) * shape.features);
      const cotangent = normals(3, count * width);
      const strided = new Float32Array(count * stride);
      for (let i = 0; i < cotangent.length; i++)
        strided[Math.floor(i / width) * stride + column + (i % width)] = cotangent[i];
      const points = { count, positions: await gpu.floats(positions), stride, column };
      const [encoded, gradEncoded] = [await gpu.zeros('f32', count * stride), await gpu.floats(strided)];
      const [missing, gradPositions] = [await gpu.zeros('u32', 1), await gpu.zeros('f32', count * 3)];
      grid.write('table', start);
      const reference = [Float64Array.from(start), new Float64Array(start.length), new Float64Array(start.length)];
      for (let step = 1; step <= 2; step++) {
        const rule = { ...defaultBetas, rate: 0.01, step, weightDecay: 0 };
        grid.encode(gpu.recorder, points, encoded);
        grid.addTableGradient(gpu.recorder, points, gradEncoded);
        grid.step(gpu.recorder, 'adam', rule, missing);
        const { gradTable } = encodeHashGridBackward(shape, positions, reference[0], cotangent);
        if (step === 2) {
          const rowsOut = await gpu.read(encoded);
          const actual = Array.from(
            cotangent,
            (_, i) => rowsOut[Math.floor(i / width) * stride + column + (i % width)],
          );
          expectNear(actual, encodeHashGrid(shape, positions, reference[0]), 1e-4);
        }
        adamStep(reference[0], reference[1], reference[2], gradTable, rule);
      }
      grid.addPositionGradient(gpu.recorder, points, gradEncoded, gradPositions);
      expectNear(await grid.read('table', gpu.recorder), reference[0], 1e-4);
      expectNear(await grid.read('first', gpu.recorder), reference[1], 1e-4);
      const { gradPositions: expected } = encodeHashGridBackward(shape, positions, reference[0], cotangent);
      expectNear(await gpu.read(gradPositions), expected, 1e-4);
      arena.free();
    });

  it('refuses numbers of features that no kernel has, and names that the plan has not', async () => {
    const settings: GridTableSettings = { name: 'grid', shape, sums: 'fixed', gradientScale: 1, maxBytes: 1e6 };
    const arena = await Arena.allocate(gpu.opened, gridTableRequests(settings));
    expect(() => new GridTable(gpu.opened, arena, { ...settings, name: 'other' })).toThrow(/no u32 array "other\.0/);
    const odd = { ...settings, shape: { ...shape, features: 3 } };
    expect(() => new GridTable(gpu.opened, arena, odd)).toThrow(/not 3/);
    arena.free();
  });
});
