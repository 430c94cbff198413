/**
 * The safetensors format: named tensors in one file – an 8-byte little-endian header length, a JSON header with
 * dtype, shape and byte range of every tensor (and string metadata under "__metadata__"), then the numbers.
 * Written: F32 only. Read: F32 and F16 (converted), or every kind as it is stored (decodeRawSafetensors, for weights
 * of others). What the numbers mean is the business of field/checkpoint.ts and encoders/vit.
 */
import { LangfieldError } from '../errors.ts';
import { halvesToFloats } from './half.ts';

export interface Tensor {
  shape: readonly number[];
  /** Row-major. */
  data: Float32Array;
}

export interface TensorFile {
  metadata: Record<string, string>;
  tensors: Map<string, Tensor>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A tensor as it is stored. */
export interface RawTensor {
  /** "F32", "F16", "BF16", "I64" and so on. */
  dtype: string;
  shape: readonly number[];
  /** Little-endian, row-major, of any alignment; shares memory with the file. */
  bytes: Uint8Array;
}

export interface RawTensorFile {
  metadata: Record<string, string>;
  tensors: Map<string, RawTensor>;
}

const itemSizes: Record<string, number> = { F32: 4, F16: 2 };
const rawItemSizes: Record<string, number> = {
  ...itemSizes,
  ...{ BF16: 2, F64: 8, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
};
/** The format's own limit; a larger number means that this is not a safetensors file. */
const largestHeader = 100_000_000;
const metadataKey = '__metadata__';

function elements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Bytes of a file with these tensors (in this order) and metadata. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { [metadataKey]: metadata };
  let dataSize = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === metadataKey) throw new Error(`a tensor must not be called ${metadataKey}`);
    if (elements(shape) !== data.length) throw new Error(`${name}: ${data.length} numbers do not fill [${shape}]`);
    header[name] = { dtype: 'F32', shape, data_offsets: [dataSize, dataSize + data.byteLength] };
    dataSize += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerSize = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerSize + dataSize);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerSize), true);
  // Padding with spaces keeps the header valid JSON and the numbers aligned.
  file.fill(0x20, 8, 8 + headerSize);
  file.set(text, 8);
  let offset = 8 + headerSize;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/** Reads a whole file; `file` names it in errors. The tensors may share memory with `bytes`. */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const { metadata, tensors: raw } = readTensors(bytes, file, itemSizes);
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, bytes: numbers }] of raw)
    tensors.set(name, { shape, data: dtype === 'F32' ? asFloats(numbers) : halvesToFloats(asHalves(numbers)) });
  return { metadata, tensors };
}

/** The metadata alone, from the beginning of a file: its first 8 + `headerLength` bytes or more. */
export function decodeMetadata(head: Uint8Array, file: string): Record<string, string> {
  return readMetadata(readHeader(head, file).header[metadataKey], file);
}

/** Length of the JSON header, from the first 8 bytes of a file. */
export function headerLength(start: Uint8Array): number {
  return Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
}

/** Reads a whole file without converting its numbers; `file` names it in errors. */
export function decodeRawSafetensors(bytes: Uint8Array, file: string): RawTensorFile {
  return readTensors(bytes, file, rawItemSizes);
}

function readTensors(bytes: Uint8Array, file: string, sizes: Record<string, number>): RawTensorFile {
  const { header, dataOffset } = readHeader(bytes, file);
  const dataSize = bytes.length - dataOffset;
  const metadata = readMetadata(header[metadataKey], file);
  const entries: [string, HeaderEntry][] = [];
  for (const [name, entry] of Object.entries(header))
    if (name !== metadataKey) entries.push([name, checkEntry(name, entry, file, sizes)]);
  checkLayout(entries, dataSize, file);
  const tensors = new Map<string, RawTensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [begin, end] = data_offsets;
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(dataOffset + begin, dataOffset + end) });
  }
  return { metadata, tensors };
}

function broken(file: string, problem: string, more: { field?: string; found?: string; expected?: string } = {}) {
  return new LangfieldError({
    problem,
    file,
    ...more,
    advice: 'The file is damaged or not a safetensors file; take it from a backup or make it again',
  });
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; dataOffset: number } {
  if (bytes.length < 8)
    throw broken(file, 'the file is cut short', { found: `${bytes.length} bytes`, expected: 'at least 8' });
  const size = headerLength(bytes);
  if (size > largestHeader)
    throw broken(file, 'this is not a safetensors file', { found: `a header of ${size} bytes` });
  if (8 + size > bytes.length)
    throw broken(file, 'the file is cut short', { found: `${bytes.length} bytes`, expected: `more than ${8 + size}` });
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + size)));
  } catch {
    throw broken(file, 'the header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw broken(file, 'the header is not a JSON object');
  return { header: header as Record<string, unknown>, dataOffset: 8 + size };
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  if (value === undefined) return {};
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord || !Object.values(value).every((entry) => typeof entry === 'string'))
    throw broken(file, 'the metadata must be an object of strings', { field: metadataKey });
  return value as Record<string, string>;
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkEntry(field: string, value: unknown, file: string, sizes: Record<string, number>): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<HeaderEntry>;
  if (typeof dtype !== 'string' || !Object.hasOwn(sizes, dtype))
    throw broken(file, 'this kind of number is not supported', {
      field,
      found: String(dtype),
      expected: Object.keys(sizes).join(' or '),
    });
  if (!Array.isArray(shape) || !shape.every(isIndex))
    throw broken(file, 'the shape must be a list of sizes', { field, found: JSON.stringify(shape) });
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isIndex) || offsets[0] > offsets[1])
    throw broken(file, 'data_offsets must be [begin, end]', { field, found: JSON.stringify(offsets) });
  const expected = elements(shape) * sizes[dtype];
  if (offsets[1] - offsets[0] !== expected)
    throw broken(file, 'the byte range does not fit the shape', {
      field,
      found: `${offsets[1] - offsets[0]} bytes`,
      expected: `${expected} for ${dtype} [${shape.join(', ')}]`,
    });
  return { dtype, shape, data_offsets: offsets as [number, number] };
}

/** The ranges must follow each other without overlaps or holes and end with the file. */
function checkLayout(entries: [string, HeaderEntry][], dataSize: number, file: string): void {
  const ordered = entries
    .map(([name, { data_offsets }]) => ({ name, begin: data_offsets[0], end: data_offsets[1] }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const { name, begin, end } of ordered) {
    if (begin < reached) throw broken(file, 'tensors overlap', { field: name });
    if (begin > reached) throw broken(file, 'there is a hole before this tensor', { field: name });
    reached = end;
  }
  if (reached > dataSize)
    throw broken(file, 'the file is cut short', { found: `${dataSize} bytes of numbers`, expected: `${reached}` });
  if (reached < dataSize)
    throw broken(file, 'there are bytes after the last tensor', {
      found: `${dataSize} bytes of numbers`,
      expected: `${reached}`,
    });
}

// A copy by constructor: slice() of Node's Buffer shares memory and stays where it is.
function asFloats(raw: Uint8Array): Float32Array {
  const aligned = raw.byteOffset % 4 === 0 ? raw : new Uint8Array(raw);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

function asHalves(raw: Uint8Array): Uint16Array {
  const aligned = raw.byteOffset % 2 === 0 ? raw : new Uint8Array(raw);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}
