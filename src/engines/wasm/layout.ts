/**
 * Where every parameter lies inside the engine's four equal arrays (values, first moments, second moments, and one
 * gradient array per thread). Linear layers have their outputs padded to a multiple of 4; the padding is zero and
 * stays zero, since its gradient is zero.
 */
import { LangfieldError } from '../../errors.ts';
import type { ParameterInfo, TensorMap } from '../../field/parameters.ts';

export interface Segment {
  info: ParameterInfo;
  /** First float within each array; a multiple of 16. */
  offset: number;
  rows: number;
  columns: number;
  paddedColumns: number;
  /** Floats including padding. */
  size: number;
}

export interface ParameterLayout {
  segments: Segment[];
  /** Floats of one array. */
  total: number;
}

export const padTo4 = (count: number): number => Math.ceil(count / 4) * 4;

function isLinear(name: string): boolean {
  return name.endsWith('.weight') || name.endsWith('.bias');
}

export function parameterLayout(infos: readonly ParameterInfo[]): ParameterLayout {
  const segments: Segment[] = [];
  let offset = 0;
  for (const info of infos) {
    const columns = info.shape[info.shape.length - 1];
    const rows = info.size / columns;
    const paddedColumns = isLinear(info.name) ? padTo4(columns) : columns;
    const size = rows * paddedColumns;
    segments.push({ info, offset, rows, columns, paddedColumns, size });
    offset += Math.ceil(size / 16) * 16;
  }
  return { segments, total: offset };
}

export function findSegment(layout: ParameterLayout, name: string): Segment {
  const segment = layout.segments.find(({ info }) => info.name === name);
  if (!segment) throw new Error(`the scene has no parameter ${name}`);
  return segment;
}

/** Copies one of the arrays out as tensors of the described shapes. */
export function unpackTensors(layout: ParameterLayout, values: Float32Array): TensorMap {
  const tensors: TensorMap = new Map();
  for (const { info, offset, rows, columns, paddedColumns } of layout.segments) {
    const tensor = new Float32Array(info.size);
    for (let row = 0; row < rows; row++) {
      const from = offset + row * paddedColumns;
      tensor.set(values.subarray(from, from + columns), row * columns);
    }
    tensors.set(info.name, tensor);
  }
  return tensors;
}

/** Copies tensors into one of the arrays; every parameter must be there with its exact length. */
export function packTensors(layout: ParameterLayout, tensors: TensorMap, values: Float32Array): void {
  for (const { info, offset, rows, columns, paddedColumns } of layout.segments) {
    const tensor = tensors.get(info.name);
    if (tensor?.length !== info.size)
      throw new LangfieldError({
        problem: 'the parameters do not fit the scene',
        field: info.name,
        found: tensor ? `${tensor.length} numbers` : 'nothing',
        expected: `${info.size} numbers ([${info.shape.join(', ')}])`,
        advice: 'Use the checkpoint with the settings it was trained with',
      });
    for (let row = 0; row < rows; row++)
      values.set(tensor.subarray(row * columns, (row + 1) * columns), offset + row * paddedColumns);
  }
}
