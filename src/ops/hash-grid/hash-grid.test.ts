import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { randomUniform } from '../../math/random.ts';
import { encodeHashGrid, encodeHashGridBackward, nodeRow } from './hash-grid.ts';
import type { HashGridGradients } from './interpolation.ts';
import type { HashGridShape } from './levels.ts';
import { hashGridLevels } from './levels.ts';
import { encodeTorchHashGrid, encodeTorchHashGridBackward, torchEntries, torchScalings } from './torch-hash-grid.ts';

type Encode = (grid: HashGridShape, positions: Float64Array, table: Float64Array) => Float64Array;
type EncodeBackward = (
  grid: HashGridShape,
  positions: Float64Array,
  table: Float64Array,
  gradEncoded: Float64Array,
) => HashGridGradients;

const random = (length: number, stream: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => randomUniform(7, stream, index) - 0.5);

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, index) => sum + value * b[index], 0);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number, absolute: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i] - expected[i]), `element ${i}: ${actual[i]} for ${expected[i]}`).toBeLessThanOrEqual(
      absolute + relative * Math.abs(expected[i]),
    );
}

describe.each<[string, Encode, EncodeBackward, (grid: HashGridShape) => number]>([
  [
    'tcnn',
    encodeHashGrid,
    encodeHashGridBackward,
    (grid) => hashGridLevels(grid).reduce((sum, { entries }) => sum + entries, 0),
  ],
  ['torch', encodeTorchHashGrid, encodeTorchHashGridBackward, torchEntries],
])('gradients of the %s convention', (_name, encode, encodeBackward, entries) => {
  const grid: HashGridShape = { levels: 3, features: 4, log2Entries: 7, baseResolution: 3, maxResolution: 11 };
  const positions = random(15, 1).map((value) => value + 0.5);
  const table = random(entries(grid) * grid.features, 2);
  const cotangent = random(5 * grid.levels * grid.features, 3);
  const { gradTable, gradPositions } = encodeBackward(grid, positions, table, cotangent);
  const loss = () => dot(encode(grid, positions, table), cotangent);

  function centralDifference(values: Float64Array, index: number): number {
    const kept = values[index];
    values[index] = kept + 1e-6;
    const above = loss();
    values[index] = kept - 1e-6;
    const below = loss();
    values[index] = kept;
    return (above - below) / 2e-6;
  }

  it('agree with central differences at the positions', () => {
    for (let i = 0; i < positions.length; i++) expect(gradPositions[i]).toBeCloseTo(centralDifference(positions, i), 7);
  });

  it('agree with central differences in the table', () => {
    const touched = [...gradTable.keys()].filter((index) => gradTable[index] !== 0);
    expect(touched.length).toBeGreaterThan(50);
    for (const i of touched) expect(gradTable[i]).toBeCloseTo(centralDifference(table, i), 8);
  });
});

describe.skipIf(!hasShared)('recorded vectors', () => {
  it('tcnn: values, rows and gradients (03-hashgrid-tcnn)', () => {
    const { arrays } = readVectors('03-hashgrid-tcnn');
    const grid: HashGridShape = { levels: 4, features: 2, log2Entries: 9, baseResolution: 4, maxResolution: 32 };
    const positions = Float64Array.from(arrays.x.data);
    const table = Float64Array.from(arrays.table.data);
    const levels = hashGridLevels(grid);
    expect(levels.map(({ scale }) => scale)).toEqual(arrays.scale.data);
    expect(levels.map(({ entries }) => entries)).toEqual(arrays.entries.data);
    for (let point = 0; point < positions.length / 3; point++)
      levels.forEach((level, l) => {
        const [i, j, k] = [0, 1, 2].map((axis) => Math.floor(positions[point * 3 + axis] * level.scale + 0.5));
        expect(nodeRow(level, i, j, k)).toBe(arrays.index_base.data[point * 4 + l]);
      });
    expectClose(encodeHashGrid(grid, positions, table), arrays.out.data, 1e-5, 1e-6);
    const gradients = encodeHashGridBackward(grid, positions, table, Float64Array.from(arrays.cotangent.data));
    expectClose(gradients.gradTable, arrays.grad_table.data, 1e-4, 1e-5);
    expectClose(gradients.gradPositions, arrays.grad_x.data, 1e-4, 1e-4);
  });

  it('torch: values and gradients (03-hashgrid-torch)', () => {
    const { arrays } = readVectors('03-hashgrid-torch');
    const grid: HashGridShape = { levels: 4, features: 2, log2Entries: 9, baseResolution: 4, maxResolution: 32 };
    const positions = Float64Array.from(arrays.x.data);
    const table = Float64Array.from(arrays.table.data);
    expect(torchScalings(grid)).toEqual(arrays.scalings.data);
    expectClose(encodeTorchHashGrid(grid, positions, table), arrays.out.data, 1e-5, 1e-6);
    const gradients = encodeTorchHashGridBackward(grid, positions, table, Float64Array.from(arrays.cotangent.data));
    expectClose(gradients.gradTable, arrays.grad_table.data, 1e-4, 1e-5);
    expectClose(gradients.gradPositions, arrays.grad_x.data, 1e-4, 1e-4);
  });

  it('torch scalings of the official configurations (03-hashgrid-scalings)', () => {
    const { arrays } = readVectors('03-hashgrid-scalings');
    const official: Record<string, [levels: number, base: number, max: number]> = {
      nerfacto: [16, 16, 2048],
      prop0: [5, 16, 128],
      lerf0: [12, 16, 128],
      lerf1: [12, 128, 512],
      lerf_lite: [16, 16, 512],
      small_main: [8, 16, 1024],
      small_lang1: [8, 128, 512],
    };
    for (const [name, [levels, baseResolution, maxResolution]] of Object.entries(official))
      expect(torchScalings({ levels, features: 2, log2Entries: 19, baseResolution, maxResolution }), name).toEqual(
        arrays[name].data,
      );
  });
});
