import { describe, expect, it } from 'vitest';
import { LangfieldError } from '../errors.ts';
import { decodeNpy, decodeNpyData, encodeNpy, encodeNpyHeader, parseNpyHeader } from './npy.ts';

/** A file as another program could have written it. */
function handMade(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${dictionary}\n`);
  const prefix = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(prefix + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  new DataView(bytes.buffer).setUint16(8, text.length, true);
  bytes.set(text, prefix);
  bytes.set(data, prefix + text.length);
  return bytes;
}

const bytesOf = (array: Float32Array | Int32Array | Uint16Array | BigInt64Array) => new Uint8Array(array.buffer);

describe('NPY', () => {
  it('round-trips every supported type', () => {
    const arrays = [
      Float32Array.of(1.5, -2, Number.NaN, 3e38, 0, -0),
      Float64Array.of(1 / 3, -2, 4, 5, 6, Number.POSITIVE_INFINITY),
      Uint8Array.of(0, 255, 3, 4, 5, 6),
      Int8Array.of(-128, 127, 3, 4, 5, 6),
      Uint16Array.of(0, 65535, 3, 4, 5, 6),
      Int16Array.of(-32768, 32767, 3, 4, 5, 6),
      Uint32Array.of(0, 4294967295, 3, 4, 5, 6),
      Int32Array.of(-2147483648, 2147483647, 3, 4, 5, 6),
      BigInt64Array.of(-5n, 2n ** 62n, 3n, 4n, 5n, 6n),
      BigUint64Array.of(5n, 2n ** 63n, 3n, 4n, 5n, 6n),
    ];
    for (const array of arrays) {
      const decoded = decodeNpy(encodeNpy(array, [2, 3]), 'a.npy');
      expect(decoded.shape).toEqual([2, 3]);
      expect(decoded.data).toEqual(array);
    }
  });

  it('reads from the middle of a larger buffer, at any alignment', () => {
    const file = encodeNpy(Float64Array.of(1, 2, 3), [3]);
    for (const shift of [0, 1, 4]) {
      const pool = Buffer.alloc(file.length + 20);
      pool.set(file, shift);
      const { data } = decodeNpy(pool.subarray(shift, shift + file.length), 'a.npy');
      expect(data).toEqual(Float64Array.of(1, 2, 3));
    }
  });

  it('keeps half precision as bits and marks it <f2', () => {
    const file = encodeNpy(Uint16Array.of(0x3c00, 0xc000), [2], '<f2');
    const decoded = decodeNpy(file, 'a.npy');
    expect(decoded.dtype).toBe('<f2');
    expect(decoded.data).toEqual(Uint16Array.of(0x3c00, 0xc000));
  });

  it('writes what NumPy writes: aligned data, trailing newline, 1-tuples and scalars', () => {
    const file = encodeNpy(Float32Array.of(1, 2, 3), [3]);
    expect(new TextDecoder('latin1').decode(file.subarray(10, 128)).trimEnd()).toBe(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
    );
    expect(file[127]).toBe(10);
    expect(file.length).toBe(128 + 12);
    expect(decodeNpy(encodeNpy(Float32Array.of(7), []), 'a.npy')).toEqual({
      shape: [],
      dtype: '<f4',
      data: Float32Array.of(7),
    });
    expect(decodeNpy(encodeNpy(new Float32Array(0), [0, 4]), 'a.npy').shape).toEqual([0, 4]);
  });

  it('reads versions 2 and 3, big-endian and Fortran order', () => {
    const header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }";
    for (const version of [2, 3])
      expect(decodeNpy(handMade(header, bytesOf(Int32Array.of(4, 5)), version), 'a.npy').data).toEqual(
        Int32Array.of(4, 5),
      );
    const big = "{'shape': (2,), 'fortran_order': False, 'descr': '>u2'}";
    expect(decodeNpy(handMade(big, Uint8Array.of(1, 2, 3, 4)), 'a.npy').data).toEqual(Uint16Array.of(0x102, 0x304));
    const fortran = '{"descr": "<f4", "fortran_order": True, "shape": (2, 3)}';
    const columnMajor = Float32Array.of(1, 4, 2, 5, 3, 6);
    expect(decodeNpy(handMade(fortran, bytesOf(columnMajor)), 'a.npy').data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    const cube = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1, 3), }";
    expect(decodeNpy(handMade(cube, bytesOf(columnMajor)), 'a.npy').data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  it('lets a part of a file be read from its header', () => {
    const file = encodeNpy(
      Float32Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
    );
    const header = parseNpyHeader(file.subarray(0, 128), 'a.npy');
    expect(header.fileSize).toBe(file.length);
    expect(encodeNpyHeader([3, 4], '<f4')).toEqual(file.subarray(0, header.dataOffset));
    const rowBytes = 4 * header.itemSize;
    const start = header.dataOffset + 2 * rowBytes;
    expect(decodeNpyData(file.subarray(start, start + rowBytes), header.dtype)).toEqual(Float32Array.of(8, 9, 10, 11));
  });

  it.each([
    ['not an NPY file', new TextEncoder().encode('PK\x03\x04 some archive')],
    ['not an NPY file', new Uint8Array(0)],
    ['truncated', encodeNpy(Float32Array.of(1, 2), [2]).subarray(0, -1)],
    ['longer than its header says', new Uint8Array([...encodeNpy(Float32Array.of(1, 2), [2]), 0])],
    ['ends inside its header', encodeNpy(Float32Array.of(1, 2), [2]).subarray(0, 40)],
    ['not supported', handMade("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8))],
    ['not supported', handMade("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8))],
    ['structured', handMade("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4))],
    ['cannot be read', handMade("{'descr': '<f4'}", new Uint8Array(4))],
    [
      'impossible',
      handMade(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'9'.repeat(20)},), }`, new Uint8Array(4)),
    ],
  ])('refuses with "%s"', (text, file) => {
    expect(() => decodeNpy(file, 'maps/a.npy')).toThrow(LangfieldError);
    expect(() => decodeNpy(file, 'maps/a.npy')).toThrow(new RegExp(`^maps/a.npy: .*${text}`));
  });

  it('refuses to write numbers that do not fit the shape or the type', () => {
    expect(() => encodeNpy(Float32Array.of(1, 2), [3])).toThrow(RangeError);
    expect(() => encodeNpy(Float32Array.of(1, 2), [2], '<f2')).toThrow(TypeError);
  });
});
