/**
 * Times of kernels on the GPU's own clock, for benchmarks: with a timer every dispatch gets a pass of its own between
 * two timestamps. That keeps dispatches from overlapping, so the sum may exceed what the same work takes untimed.
 */
import type { OpenDevice } from './device.ts';

export interface KernelTime {
  dispatches: number;
  milliseconds: number;
}

export class KernelTimer {
  readonly #opened: OpenDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #times = new Map<string, KernelTime>();

  /** @param capacity dispatches of one submit */
  constructor(opened: OpenDevice, capacity: number) {
    if (!opened.features.timestamps) throw new Error(`${opened.name} has no timestamps`);
    this.#opened = opened;
    this.#queries = opened.device.createQuerySet({ type: 'timestamp', count: 2 * capacity });
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    this.#resolved = opened.device.createBuffer({ label: 'timestamps', size: 16 * capacity, usage });
  }

  /** Timestamps around the pass of dispatch number `slot`. */
  passOf(slot: number): GPUComputePassDescriptor {
    const first = 2 * slot;
    return {
      timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 },
    };
  }

  /** Ends a submit's encoder; the returned function reads the times once it was submitted. */
  resolve(encoder: GPUCommandEncoder, kernels: readonly string[]): () => Promise<void> {
    const size = 16 * kernels.length;
    if (size === 0) return async () => {};
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = this.#opened.device.createBuffer({ label: 'read-back of timestamps', size, usage });
    encoder.resolveQuerySet(this.#queries, 0, 2 * kernels.length, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, size);
    return async () => {
      await staging.mapAsync(GPUMapMode.READ);
      const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.destroy();
      for (const [slot, kernel] of kernels.entries()) this.#add(kernel, stamps[2 * slot], stamps[2 * slot + 1]);
    };
  }

  #add(kernel: string, begin: bigint, end: bigint): void {
    const time = this.#times.get(kernel) ?? { dispatches: 0, milliseconds: 0 };
    time.dispatches++;
    // Clocks of some drivers step back between passes; such a pair says nothing.
    if (end > begin) time.milliseconds += Number(end - begin) / 1e6;
    this.#times.set(kernel, time);
  }

  /** Times since the last call, per kernel. */
  take(): Map<string, KernelTime> {
    const times = new Map(this.#times);
    this.#times.clear();
    return times;
  }
}
