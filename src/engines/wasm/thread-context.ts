/**
 * What every part of one engine thread works with: its kernels, the shared memory, and where the parameter arrays lie.
 */
import type { Arena } from './arena.ts';
import type { Kernels } from './kernels.ts';
import { findSegment, type ParameterLayout, type Segment } from './layout.ts';

export interface ParameterAddresses {
  values: number;
  first: number;
  second: number;
  /** Gradient array of thread 0; thread t's lies t · gradientStride bytes further. */
  gradients: number;
  gradientStride: number;
}

export interface ThreadContext {
  kernels: Kernels;
  memory: WebAssembly.Memory;
  thread: number;
  threads: number;
  layout: ParameterLayout;
  addresses: ParameterAddresses;
  /** Buffers that all threads share, such as packed weights; replayed identically by every thread. */
  shared: Arena;
  /** Buffers of this thread alone. */
  scratch: Arena;
  /** Zeros, at least as many as the widest layer has outputs. */
  zeros: number;
}

export function segmentOf(context: ThreadContext, name: string): Segment {
  return findSegment(context.layout, name);
}

export function hasSegment(context: ThreadContext, name: string): boolean {
  return context.layout.segments.some(({ info }) => info.name === name);
}

/** Address of a parameter's values. */
export function valueAddress(context: ThreadContext, segment: Segment): number {
  return context.addresses.values + segment.offset * 4;
}

/** Address of this thread's gradient of a parameter. */
export function gradientAddress(context: ThreadContext, segment: Segment): number {
  const { gradients, gradientStride } = context.addresses;
  return gradients + context.thread * gradientStride + segment.offset * 4;
}

/** Packing of weights that must be done once after every change of the parameters; spread over the threads. */
export type PackJob = () => void;
