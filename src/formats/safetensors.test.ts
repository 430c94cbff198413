import { describe, expect, it } from 'vitest';
import { decodeRawSafetensors, decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors.ts';

const tensors = (): Map<string, Tensor> =>
  new Map([
    ['grid', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, 1e-30) }],
    ['empty', { shape: [0, 4], data: new Float32Array(0) }],
    ['scalar', { shape: [], data: Float32Array.of(7) }],
  ]);

/** A file with this header object and `dataBytes` zero bytes. */
function handMade(header: unknown, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

const decode = (file: Uint8Array) => () => decodeSafetensors(file, 'scene.safetensors');

describe('safetensors', () => {
  it('gives back names, order, shapes, numbers and metadata', () => {
    const read = decodeSafetensors(encodeSafetensors(tensors(), { step: '12', unicode: 'gläsern' }), 'a');
    expect(read.metadata).toEqual({ step: '12', unicode: 'gläsern' });
    expect([...read.tensors]).toEqual([...tensors()]);
  });

  it('is laid out as the format says: length, padded JSON, aligned little-endian numbers', () => {
    const file = encodeSafetensors(new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]));
    const size = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(size % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + size)));
    expect(header).toEqual({ __metadata__: {}, x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } });
    expect([...file.subarray(8 + size)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  });

  it('reads from any byte offset', () => {
    const file = encodeSafetensors(tensors());
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect([...decodeSafetensors(shifted.subarray(1), 'a').tensors]).toEqual([...tensors()]);
  });

  it("reads from any byte offset of Node's buffers, whose slice() does not copy", () => {
    const file = encodeSafetensors(tensors());
    const shifted = Buffer.alloc(file.length + 1);
    shifted.set(file, 1);
    expect([...decodeSafetensors(shifted.subarray(1), 'a').tensors]).toEqual([...tensors()]);
  });

  it('gives other kinds of numbers as they are stored, and refuses them for floats', () => {
    const file = handMade({ steps: { dtype: 'I64', shape: [], data_offsets: [0, 8] } }, 8);
    file[file.length - 8] = 77;
    const raw = decodeRawSafetensors(file, 'a').tensors.get('steps')!;
    expect([raw.dtype, raw.shape, [...raw.bytes]]).toEqual(['I64', [], [77, 0, 0, 0, 0, 0, 0, 0]]);
    expect(decode(file)).toThrow(/scene\.safetensors: steps: .*found I64; expected F32 or F16/);
  });

  it('reads half precision', () => {
    const file = handMade({ h: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, 4);
    file.set([0x00, 0x3c, 0x00, 0xc0], file.length - 4);
    expect([...decodeSafetensors(file, 'a').tensors.get('h')!.data]).toEqual([1, -2]);
  });

  it('refuses every file that is cut short', () => {
    const file = encodeSafetensors(tensors());
    for (let length = 0; length < file.length; length++)
      expect(decode(file.subarray(0, length)), `${length} bytes`).toThrow(/scene\.safetensors: .*cut short/);
  });

  it.each([
    [
      'overlap',
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } },
      8,
      /b: tensors overlap/,
    ],
    ['hole', { a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8, /a: there is a hole/],
    ['trailing bytes', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 8, /bytes after the last tensor/],
    [
      'dtype',
      { a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } },
      4,
      /a: this kind of number.*found BF16; expected F32 or F16/,
    ],
    ['shape', { a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4, /a: the shape must be/],
    ['range', { a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, 8, /found 8 bytes; expected 12/],
    ['offsets', { a: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } }, 4, /data_offsets must be/],
    ['entry', { a: null }, 0, /a: this kind of number/],
    ['metadata', { __metadata__: { step: 3 } }, 0, /__metadata__: the metadata must be an object of strings/],
    ['no JSON', '{"a": ', 0, /the header is not JSON/],
    ['a list', '[]', 0, /the header is not a JSON object/],
  ])('refuses a wrong header: %s', (_, header, dataBytes, message) => {
    expect(decode(handMade(header, dataBytes))).toThrow(message);
  });

  it('refuses something else entirely', () => {
    expect(decode(new TextEncoder().encode('this is a text file'))).toThrow(/not a safetensors file/);
  });

  it('refuses to write numbers that do not fill their shape', () => {
    expect(() => encodeSafetensors(new Map([['x', { shape: [3], data: new Float32Array(2) }]]))).toThrow(/do not fill/);
  });
});
