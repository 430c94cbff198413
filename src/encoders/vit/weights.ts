/**
 * Named tensors of a published checkpoint, checked as they are taken: every missing or mis-shaped one is a
 * LangfieldError with its name, what was found and what was expected. Float32 and float16 stay what they are, bfloat16
 * is widened. What the names mean is layouts.ts's business.
 */
import { LangfieldError } from '../../errors.ts';
import { halvesToFloats } from '../../formats/half.ts';
import { decodeRawSafetensors, type RawTensor } from '../../formats/safetensors.ts';

/** A matrix, vector or kernel; Uint16Array holds the bits of halves. Row-major. */
export interface Weight {
  shape: readonly number[];
  data: Float32Array | Uint16Array;
}

export class WeightFile {
  /** Path of the file, for errors. */
  readonly path: string;
  private readonly tensors: ReadonlyMap<string, RawTensor>;

  /** `bytes` is a whole safetensors file; the weights may share its memory. */
  constructor(bytes: Uint8Array, path: string) {
    this.path = path;
    this.tensors = decodeRawSafetensors(bytes, path).tensors;
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  names(): Iterable<string> {
    return this.tensors.keys();
  }

  /** Shape of a tensor that must be there with this number of axes; for sizes that no configuration gives. */
  shapeOf(name: string, axes: number): readonly number[] {
    const { shape } = this.find(name, `${axes} axes`);
    if (shape.length !== axes) throw this.misshaped(name, shape, `${axes} axes`);
    return shape;
  }

  /** The tensor `name`, which must have this shape. */
  take(name: string, shape: readonly number[]): Weight {
    const tensor = this.find(name, `[${shape.join(', ')}]`);
    if (tensor.shape.length !== shape.length || shape.some((size, axis) => tensor.shape[axis] !== size))
      throw this.misshaped(name, tensor.shape, `[${shape.join(', ')}]`);
    return { shape, data: this.numbers(name, tensor) };
  }

  /** How many blocks `prefix`0…, `prefix`1… there are; they must follow each other without a hole. */
  countBlocks(prefix: string): number {
    const found = new Set<number>();
    for (const name of this.names()) {
      if (!name.startsWith(prefix)) continue;
      const index = Number.parseInt(name.slice(prefix.length), 10);
      if (Number.isInteger(index)) found.add(index);
    }
    let count = 0;
    while (found.has(count)) count++;
    if (count === 0 || count < found.size)
      throw new LangfieldError({
        file: this.path,
        field: `${prefix}${count}`,
        problem: 'the block is not in this file',
        found: `${found.size} blocks ${prefix}…`,
        advice: 'Take the whole checkpoint; parts of one must be joined first',
      });
    return count;
  }

  private find(name: string, expected: string): RawTensor {
    const tensor = this.tensors.get(name);
    if (!tensor)
      throw new LangfieldError({
        file: this.path,
        field: name,
        problem: 'the tensor is not in this file',
        found: `${this.tensors.size} others`,
        expected,
        advice: 'Check that the weights and the configuration belong to the same model',
      });
    return tensor;
  }

  private misshaped(name: string, found: readonly number[], expected: string): LangfieldError {
    return new LangfieldError({
      file: this.path,
      field: name,
      problem: 'the tensor has another shape',
      found: `[${found.join(', ')}]`,
      expected,
      advice: 'Check that the weights and the configuration belong to the same model',
    });
  }

  private numbers(name: string, { dtype, bytes }: RawTensor): Float32Array | Uint16Array {
    // A copy by constructor: slice() of Node's Buffer shares memory and stays where it is.
    if (dtype === 'F32') {
      const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
      return new Float32Array(buffer, byteOffset, length / 4);
    }
    const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
    const bits = new Uint16Array(buffer, byteOffset, length / 2);
    if (dtype === 'F16') return bits;
    if (dtype === 'BF16') return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
    throw new LangfieldError({
      file: this.path,
      field: name,
      problem: 'this kind of number is not supported for weights',
      found: dtype,
      expected: 'F32, F16 or BF16',
      advice: 'Take the checkpoint in full or half precision',
    });
  }
}

/** [rows, cols] → [cols, rows]: a linear layer of PyTorch, [out, in], as the right side of a product. */
export function transposed({ shape: [rows, cols], data }: Weight): Weight {
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Uint16Array(data.length);
  // In squares, so that neither side leaves the cache.
  const square = 32;
  for (let row = 0; row < rows; row += square)
    for (let col = 0; col < cols; col += square)
      for (let r = row; r < Math.min(row + square, rows); r++)
        for (let c = col; c < Math.min(col + square, cols); c++) result[c * rows + r] = data[r * cols + c];
  return { shape: [cols, rows], data: result };
}

/** The slices [begin, end) of axis 0; shares memory. */
export function sliced({ shape: [, ...rest], data }: Weight, begin: number, end: number): Weight {
  const step = rest.reduce((product, size) => product * size, 1);
  return { shape: [end - begin, ...rest], data: data.subarray(begin * step, end * step) };
}

/** Slice `order[i]` of axis 0 at place i. */
export function reordered(weight: Weight, order: readonly number[]): Weight {
  const step = weight.data.length / weight.shape[0];
  const data = weight.data.slice();
  order.forEach((from, to) => {
    data.set(weight.data.subarray(from * step, (from + 1) * step), to * step);
  });
  return { shape: weight.shape, data };
}

/** The same numbers under another shape. */
export function reshaped({ data }: Weight, shape: readonly number[]): Weight {
  return { shape, data };
}

/** As float32. */
export function widened({ shape, data }: Weight): Weight & { data: Float32Array } {
  return { shape, data: data instanceof Float32Array ? data : halvesToFloats(data) };
}

/** Slice i of axis 0 times factor i, as float32. */
export function scaledRows(weight: Weight, factors: Weight): Weight {
  const { shape, data } = widened(weight);
  const { data: by } = widened(factors);
  const step = data.length / by.length;
  return { shape, data: data.map((value, i) => value * by[Math.floor(i / step)]) };
}
