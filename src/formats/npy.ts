/**
 * NumPy's NPY files: plain arrays of numbers, versions 1 to 3, both byte orders, C and Fortran order (the latter is
 * transposed on reading). Half precision ('f2') is handed out as raw bits; src/formats/half.ts converts. Not
 * supported, and refused with a clear line: pickled objects, structured and complex dtypes. Writing is always
 * version 1 (2 for very long headers), little-endian, C order.
 */
import { LangfieldError } from '../errors.ts';

export type NpyData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;

export interface NpyArray {
  shape: number[];
  /** As in the file, such as '<f4'; '<f2' data are the raw bits in a Uint16Array, '|b1' are 0/1 in a Uint8Array. */
  dtype: string;
  /** Row-major (C order), in the machine's byte order. */
  data: NpyData;
}

/** Where the numbers of a file lie, so that a part of a large file can be read alone. */
export interface NpyHeader {
  shape: number[];
  dtype: string;
  fortranOrder: boolean;
  /** Byte offset of the first number. */
  dataOffset: number;
  /** Bytes of one number. */
  itemSize: number;
  /** Bytes of the whole file: dataOffset + itemSize · product(shape). */
  fileSize: number;
}

interface ArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): NpyData;
}

const arrayTypes: Record<string, ArrayConstructor> = {
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
  b1: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Enough bytes from the start of a file to hold the header of any array langfield writes. */
export const npyHeaderProbe = 256;

/** Decodes a whole file. `what` names it in errors. The data are a copy, so `bytes` may be reused. */
export function decodeNpy(bytes: Uint8Array, what: string): NpyArray {
  const header = parseNpyHeader(bytes, what);
  if (bytes.length !== header.fileSize)
    throw fault(
      what,
      bytes.length < header.fileSize ? 'the file is truncated' : 'the file is longer than its header says',
      {
        found: `${bytes.length} bytes`,
        expected: `${header.fileSize} bytes for ${header.dtype} [${header.shape.join(', ')}]`,
      },
    );
  const data = decodeNpyData(bytes.subarray(header.dataOffset), header.dtype);
  return {
    shape: header.shape,
    dtype: header.dtype,
    data: header.fortranOrder && header.shape.length > 1 ? transposeFromFortran(data, header.shape) : data,
  };
}

/** Numbers of raw bytes of `dtype` (a range of a file's data); the length must be a multiple of the item size. */
export function decodeNpyData(bytes: Uint8Array, dtype: string): NpyData {
  const type = arrayTypes[dtype.slice(1)];
  // Not bytes.slice(): on Node's Buffer that is a view of a larger pool, and a number may start at an odd byte.
  const copy = new Uint8Array(bytes);
  if (dtype.startsWith('>') && type.BYTES_PER_ELEMENT > 1) swapBytes(copy, type.BYTES_PER_ELEMENT);
  return new type(copy.buffer);
}

/** Reads the header alone; `bytes` needs to hold only the beginning of the file (npyHeaderProbe bytes usually do). */
export function parseNpyHeader(bytes: Uint8Array, what: string): NpyHeader {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte))
    throw fault(what, 'this is not an NPY file', { expected: 'the bytes \\x93NUMPY at the start' });
  const version = bytes[6];
  if (version < 1 || version > 3)
    throw fault(what, 'unknown NPY version', { found: String(version), expected: '1, 2 or 3' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = version === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthBytes) throw fault(what, 'the file ends inside its header', {});
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = 8 + lengthBytes + headerLength;
  if (bytes.length < dataOffset) throw fault(what, 'the file ends inside its header', {});
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(8 + lengthBytes, dataOffset));
  const { dtype, fortranOrder, shape } = parseDictionary(text, what);
  const itemSize = arrayTypes[dtype.slice(1)].BYTES_PER_ELEMENT;
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, dtype, fortranOrder, dataOffset, itemSize, fileSize: dataOffset + itemSize * count };
}

/**
 * Encodes an array. `dtype` defaults to the array's own type; pass '<f2' for raw half bits in a Uint16Array or '|b1'
 * for booleans in a Uint8Array.
 */
export function encodeNpy(data: NpyData, shape: readonly number[], dtype = dtypeOf(data)): Uint8Array {
  const type = arrayTypes[dtype.slice(1)];
  const count = shape.reduce((product, size) => product * size, 1);
  if (!type || !(data instanceof type) || dtype.startsWith('>'))
    throw new TypeError(`cannot write ${data.constructor.name} as ${dtype}`);
  if (count !== data.length)
    throw new RangeError(`${data.length} numbers do not fill an array of shape [${shape.join(', ')}]`);
  const header = encodeNpyHeader(shape, dtype);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return bytes;
}

/** The bytes before the numbers, exactly as encodeNpy writes them; its length is the offset of the first number. */
export function encodeNpyHeader(shape: readonly number[], dtype: string): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const version = dictionary.length + 64 > 65535 ? 2 : 1;
  const prefix = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(Math.ceil((prefix + dictionary.length + 1) / 64) * 64);
  bytes.set(magic);
  bytes[6] = version;
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, bytes.length - prefix, true);
  else view.setUint32(8, bytes.length - prefix, true);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(bytes.length - prefix - 1)}\n`), prefix);
  return bytes;
}

function dtypeOf(data: NpyData): string {
  if (data instanceof Uint8Array) return '|u1';
  if (data instanceof Int8Array) return '|i1';
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Uint16Array) return '<u2';
  if (data instanceof Int16Array) return '<i2';
  if (data instanceof Uint32Array) return '<u4';
  if (data instanceof Int32Array) return '<i4';
  return data instanceof BigUint64Array ? '<u8' : '<i8';
}

/** The header is a Python dictionary literal with three known keys; nothing of it is evaluated. */
function parseDictionary(text: string, what: string): { dtype: string; fortranOrder: boolean; shape: number[] } {
  const descr = /['"]descr['"]\s*:\s*(['"])(.*?)\1/.exec(text)?.[2];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined && /['"]descr['"]\s*:\s*\[/.test(text))
    throw fault(what, 'structured arrays are not supported', { field: 'descr', expected: 'a plain array of numbers' });
  if (descr === undefined || order === undefined || tuple === undefined)
    throw fault(what, 'the NPY header cannot be read', { found: text.trim().slice(0, 120) });
  const dtype = descr.startsWith('=') ? `<${descr.slice(1)}` : descr;
  if (!/^[<>|]/.test(dtype) || !Object.hasOwn(arrayTypes, dtype.slice(1)))
    throw fault(what, 'this kind of number is not supported', {
      field: 'descr',
      found: descr,
      expected: Object.keys(arrayTypes).join(', '),
    });
  const shape = tuple
    .split(',')
    .map((part) => part.replace('L', '').trim())
    .filter((part) => part !== '')
    .map(Number);
  if (shape.some((size) => !Number.isSafeInteger(size)) || !Number.isSafeInteger(shape.reduce((a, b) => a * b, 8)))
    throw fault(what, 'the NPY shape is impossible', { field: 'shape', found: `(${tuple})` });
  return { dtype, fortranOrder: order === 'True', shape };
}

function swapBytes(bytes: Uint8Array, itemSize: number): void {
  for (let start = 0; start < bytes.length; start += itemSize) bytes.subarray(start, start + itemSize).reverse();
}

function transposeFromFortran(data: NpyData, shape: number[]): NpyData {
  const result = data.slice();
  const index = new Array<number>(shape.length).fill(0);
  for (let target = 0; target < result.length; target++) {
    let source = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) source = source * shape[axis] + index[axis];
    result[target] = data[source];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}

function fault(
  file: string,
  problem: string,
  details: { field?: string; found?: string; expected?: string },
): LangfieldError {
  return new LangfieldError({ file, problem, ...details, advice: 'Write it again with numpy.save' });
}
