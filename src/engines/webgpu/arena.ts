/**
 * The arrays of an engine on one device, allocated all at once from a memory plan and freed all at once. Every array is
 * a buffer of its own: WebGPU does not let one dispatch read and write different parts of the same buffer unless
 * every binding is writable, which would cost the compiler its knowledge of what never changes.
 */
import { LangfieldError } from '../../errors.ts';
import type { GpuArray, Scalar } from '../../ops/wgsl/elements.ts';
import { scalarBytes } from '../../ops/wgsl/elements.ts';
import type { OpenDevice } from './device.ts';
import type { ArrayRequest, ArrayRequests, MemoryPlan } from './memory-plan.ts';
import { allocatedBytes, describeBytes, planMemory } from './memory-plan.ts';

/** Typed arrays in JavaScript memory; f16 travels as its bits. */
export interface HostArrays {
  f32: Float32Array;
  u32: Uint32Array;
  i32: Int32Array;
  f16: Uint16Array;
}

export type Arrays<R extends ArrayRequests> = { readonly [K in keyof R]: GpuArray<R[K]['scalar']> };

export class Arena<R extends ArrayRequests = ArrayRequests> {
  readonly arrays: Arrays<R>;
  readonly plan: MemoryPlan;

  private constructor(arrays: Arrays<R>, plan: MemoryPlan) {
    this.arrays = arrays;
    this.plan = plan;
  }

  /**
   * All arrays, filled with zeros.
   * @param maxMemory bytes of all arrays together
   * @throws LangfieldError when they do not fit, before or while they are allocated
   */
  static async allocate<R extends ArrayRequests>(
    opened: OpenDevice,
    requests: R,
    options: { maxMemory?: number } = {},
  ): Promise<Arena<R>> {
    const { device, limits } = opened;
    const { maxBufferSize, maxStorageBufferBindingSize } = limits;
    const plan = planMemory(requests, { maxBufferSize, maxStorageBufferBindingSize, ...options });
    opened.check();
    device.pushErrorScope('out-of-memory');
    const arrays = Object.fromEntries(
      Object.entries(requests).map(([name, request]) => [name, makeArray(device, name, request)]),
    ) as Arrays<R>;
    const arena = new Arena(arrays, plan);
    const error = await device.popErrorScope();
    if (!error) return arena;
    arena.free();
    throw new LangfieldError({
      problem: `the GPU ${opened.name} has not enough memory`,
      found: error.message.split('\n')[0],
      expected: `${describeBytes(plan.totalBytes)} free`,
      advice: 'Close other programs that use the GPU, take fewer rays per step, a smaller preset, or --device cpu',
    });
  }

  /** An array by a name that was put together at run time; `scalar` is what it must hold. */
  find<S extends Scalar>(scalar: S, name: string): GpuArray<S> {
    const array = (this.arrays as Record<string, GpuArray | undefined>)[name];
    if (array?.scalar !== scalar) throw new Error(`the memory plan has no ${scalar} array "${name}"`);
    return array as GpuArray<S>;
  }

  free(): void {
    for (const array of Object.values<GpuArray>(this.arrays)) array.buffer.destroy();
  }
}

function makeArray(device: GPUDevice, name: string, { scalar, length }: ArrayRequest): GpuArray {
  const size = allocatedBytes({ scalar, length });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: name, size, usage });
  return { name, scalar, length, buffer, offset: 0, boundBytes: size };
}

/**
 * A part of an array, for kernels that only read it or that write nothing else of the same array.
 * @param start first scalar; its byte offset must be a multiple of the device's storage offset alignment
 */
export function viewOf<S extends Scalar>(
  { limits }: OpenDevice,
  array: GpuArray<S>,
  start: number,
  length: number,
): GpuArray<S> {
  const bytes = scalarBytes[array.scalar];
  const offset = array.offset + start * bytes;
  if (start < 0 || length < 1 || start + length > array.length)
    throw new Error(`${array.name} has no part of ${length} from ${start} on`);
  if (offset % limits.minStorageBufferOffsetAlignment !== 0)
    throw new Error(`part of ${array.name} starts at byte ${offset}, which the device cannot bind`);
  return { ...array, length, offset, boundBytes: Math.ceil((length * bytes) / 4) * 4 };
}

/** Copies values to the start of an array; queued after all work submitted before. */
export function upload<S extends Scalar>(opened: OpenDevice, array: GpuArray<S>, values: HostArrays[S]): void {
  opened.check();
  if (values.length !== array.length)
    throw new Error(`${array.name} holds ${array.length} numbers, not ${values.length}`);
  const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  if (whole > 0) opened.device.queue.writeBuffer(array.buffer, array.offset, bytes, 0, whole);
  if (whole === bytes.byteLength) return;
  // An odd number of halves: the last word is filled up with zeros, which lie in the array's padding.
  const rest = new Uint8Array(4);
  rest.set(bytes.subarray(whole));
  opened.device.queue.writeBuffer(array.buffer, array.offset + whole, rest);
}
