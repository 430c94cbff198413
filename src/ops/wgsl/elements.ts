/**
 * Element types of GPU buffers: what WGSL calls them, which scalar lies in memory, how many bytes it takes. A buffer
 * holds scalars; a kernel may look at the same buffer as scalars, vectors or atomics.
 */

export type Scalar = 'f32' | 'u32' | 'i32' | 'f16';
export type Element = Scalar | `vec2<${Scalar}>` | `vec4<${Scalar}>` | 'atomic<u32>' | 'atomic<i32>';

/** The scalar in memory of an element type. */
export type ScalarOf<E extends Element> = E extends Scalar
  ? E
  : E extends `${'vec2' | 'vec4' | 'atomic'}<${infer S extends Scalar}>`
    ? S
    : never;

export const scalarBytes: Record<Scalar, number> = { f32: 4, u32: 4, i32: 4, f16: 2 };

/** A GPU buffer, or a part of one, that holds `length` scalars of one type. Made by the engine's arena. */
export interface GpuArray<S extends Scalar = Scalar> {
  readonly name: string;
  readonly scalar: S;
  readonly length: number;
  readonly buffer: GPUBuffer;
  /** Bytes; a multiple of the device's storage offset alignment. */
  readonly offset: number;
  /** Bytes that a kernel sees: the length, padded to 16 where the buffer has room. */
  readonly boundBytes: number;
}

export function scalarOf(element: Element): Scalar {
  return (/<(\w+)>/.exec(element)?.[1] ?? element) as Scalar;
}

/** Bytes of one element; a bound buffer must have room for at least one. */
export function elementBytes(element: Element): number {
  const lanes = element.startsWith('vec4') ? 4 : element.startsWith('vec2') ? 2 : 1;
  return lanes * scalarBytes[scalarOf(element)];
}
