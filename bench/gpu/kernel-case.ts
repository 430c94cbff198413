/** One kernel at one size: its arrays, and what it moves and computes at least, by the cost document. */
import { Arena, upload } from '../../src/engines/webgpu/arena.ts';
import type { OpenDevice } from '../../src/engines/webgpu/device.ts';
import type { ArrayRequests } from '../../src/engines/webgpu/memory-plan.ts';
import { type GpuArray, type Scalar, scalarOf } from '../../src/ops/wgsl/elements.ts';
import type { AnyKernel } from '../../src/ops/wgsl/kernel.ts';
import type { GpuClock } from './clock.ts';
import { fillEdgesKernel, fillPointsKernel, fillUniformKernel } from './fill.wgsl.ts';

/** 'signed' in [−1, 1), 'unit' in [0, 1); zeros without. */
export type Fill =
  | 'signed'
  | 'unit'
  | { pointsOf: { samples: number; stride: number } }
  | { edgesOf: number }
  | Uint32Array;

export interface KernelCase {
  label: string;
  kernel: AnyKernel;
  params: Readonly<Record<string, number>>;
  buffers: Readonly<Record<string, { length: number; fill?: Fill }>>;
  /** Bytes that must be read and written, and operations that must be done, whatever the kernel does besides. */
  bytes?: number;
  flops?: number;
}

export interface Measured {
  label: string;
  kernel: string;
  milliseconds: number;
  gigabytesPerSecond?: number;
  teraflops?: number;
}

function fillArray(clock: GpuClock, opened: OpenDevice, array: GpuArray, fill: Fill, seed: number): Promise<void> {
  const values = array as GpuArray<'f32'>;
  const { length } = array;
  if (fill instanceof Uint32Array) {
    upload(opened, array as GpuArray<'u32'>, fill);
    return Promise.resolve();
  }
  return clock.run((recorder) => {
    if (fill === 'signed' || fill === 'unit')
      recorder.dispatch(fillUniformKernel('f32'), {
        params: { length, seed, low: fill === 'signed' ? -1 : 0, high: 1 },
        buffers: { values },
      });
    else if ('edgesOf' in fill)
      recorder.dispatch(fillEdgesKernel, {
        params: { rows: length / (fill.edgesOf + 1), columns: fill.edgesOf + 1 },
        buffers: { values },
      });
    else {
      const { samples, stride } = fill.pointsOf;
      recorder.dispatch(fillPointsKernel, {
        params: { points: length / stride, samples, stride, seed },
        buffers: { values },
      });
    }
  });
}

/** Allocates, fills, measures, frees. */
export async function measureCase(opened: OpenDevice, clock: GpuClock, given: KernelCase): Promise<Measured> {
  const { kernel, params, label, bytes, flops } = given;
  const requests: ArrayRequests = {};
  for (const [name, { length }] of Object.entries(given.buffers)) {
    const scalar = scalarOf(kernel.spec.buffers[name].element) as Scalar;
    requests[name] = { scalar, length: Math.max(1, length), purpose: 'activations' };
  }
  const arena = await Arena.allocate(opened, requests);
  try {
    let seed = 1;
    for (const [name, { fill }] of Object.entries(given.buffers))
      if (fill) await fillArray(clock, opened, (arena.arrays as Record<string, GpuArray>)[name], fill, seed++);
    const milliseconds = await clock.time((recorder) =>
      recorder.dispatch(kernel, { params, buffers: arena.arrays as never }),
    );
    return {
      label,
      kernel: kernel.name,
      milliseconds,
      gigabytesPerSecond: bytes && milliseconds > 0 ? bytes / milliseconds / 1e6 : undefined,
      teraflops: flops && milliseconds > 0 ? flops / milliseconds / 1e9 : undefined,
    };
  } finally {
    arena.free();
  }
}
