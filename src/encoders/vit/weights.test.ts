import { describe, expect, it } from 'vitest';
import { randomUniform } from '../../math/random.ts';
import { reordered, sliced, transposed, WeightFile } from './weights.ts';

/** A safetensors file of these tensors, every byte given. */
function fileOf(tensors: Record<string, { dtype: string; shape: number[]; bytes: number[] }>): WeightFile {
  const header: Record<string, unknown> = {};
  const data: number[] = [];
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [data.length, data.length + bytes.length] };
    data.push(...bytes);
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return new WeightFile(file, 'model.safetensors');
}

const one = [0, 0, 0x80, 0x3f];

describe('weights of a checkpoint', () => {
  it('keep float32 and float16, widen bfloat16', () => {
    const file = fileOf({
      full: { dtype: 'F32', shape: [1], bytes: one },
      half: { dtype: 'F16', shape: [2], bytes: [0x00, 0x3c, 0x00, 0xc0] },
      brain: { dtype: 'BF16', shape: [2], bytes: [0x80, 0x3f, 0x00, 0xc0] },
    });
    expect(file.take('full', [1]).data).toEqual(Float32Array.of(1));
    expect(file.take('half', [2]).data).toEqual(Uint16Array.of(0x3c00, 0xc000));
    expect(file.take('brain', [2]).data).toEqual(Float32Array.of(1, -2));
  });

  it('that are absent, mis-shaped or no numbers of ours are refused by name', () => {
    const file = fileOf({
      matrix: { dtype: 'F32', shape: [1, 1], bytes: one },
      steps: { dtype: 'I64', shape: [], bytes: [1, 0, 0, 0, 0, 0, 0, 0] },
    });
    expect(() => file.take('bias', [4])).toThrow(/model\.safetensors: bias: .*not in this file.*expected \[4\]/);
    expect(() => file.take('matrix', [1])).toThrow(/matrix: .*another shape \(found \[1, 1\]; expected \[1\]\)/);
    expect(() => file.shapeOf('matrix', 4)).toThrow(/matrix: .*found \[1, 1\]; expected 4 axes/);
    expect(() => file.take('steps', [])).toThrow(/steps: .*found I64; expected F32, F16 or BF16/);
  });

  it('count blocks without holes', () => {
    const block = { dtype: 'F32', shape: [1], bytes: one };
    expect(fileOf({ 'b.0.w': block, 'b.1.w': block, 'b.1.v': block }).countBlocks('b.')).toBe(2);
    expect(() => fileOf({ 'b.0.w': block, 'b.2.w': block }).countBlocks('b.')).toThrow(/b\.1: .*not in this file/);
    expect(() => fileOf({ w: block }).countBlocks('b.')).toThrow(/b\.0: .*not in this file/);
  });
});

describe('rearranging weights', () => {
  it('transposes matrices of any shape', () => {
    for (const [rows, cols] of [
      [1, 1],
      [3, 70],
      [65, 33],
    ]) {
      const data = Float32Array.from({ length: rows * cols }, (_, i) => randomUniform(3, 1, i));
      const result = transposed({ shape: [rows, cols], data });
      expect(result.shape).toEqual([cols, rows]);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) expect(result.data[c * rows + r]).toBe(data[r * cols + c]);
    }
  });

  it('slices and reorders axis 0, halves too', () => {
    const matrix = { shape: [3, 2], data: Uint16Array.of(1, 2, 3, 4, 5, 6) };
    expect(sliced(matrix, 1, 3)).toEqual({ shape: [2, 2], data: Uint16Array.of(3, 4, 5, 6) });
    expect(reordered(matrix, [2, 0, 1])).toEqual({ shape: [3, 2], data: Uint16Array.of(5, 6, 1, 2, 3, 4) });
  });
});
