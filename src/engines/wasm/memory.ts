/**
 * The CPU engine's memory: one shared WebAssembly memory, handed out by a bump allocator in 64-byte lines. Nothing is
 * freed; an engine owns its memory and drops it whole. Addresses are byte offsets.
 */
import { LangfieldError } from '../../errors.ts';

const pageBytes = 65536;
/** 4 GiB, or less where a browser on a small machine does not set so many addresses aside. */
const maximumPages = [65536, 32768, 16384, 8192];

export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  private next: number;

  /** `firstFree` leaves the kernels' own static data alone. */
  constructor(firstFree = 1024 * 64) {
    this.memory = reserveMemory();
    this.next = firstFree;
  }

  get usedBytes(): number {
    return this.next;
  }

  /** Address of `bytes` zeroed bytes on a 64-byte line. */
  allocate(bytes: number): number {
    const address = Math.ceil(this.next / 64) * 64;
    this.next = address + Math.ceil(bytes / 64) * 64;
    const missing = Math.ceil(this.next / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch {
        throw new LangfieldError({
          problem: 'the CPU engine could not get the memory it needs',
          found: `${Math.round(this.next / 2 ** 20)} MiB asked for`,
          expected: 'at most 4096 MiB, and as much free memory',
          advice: 'Use a smaller preset or fewer rays per step',
        });
      }
    }
    return address;
  }

  allocateFloats(count: number): number {
    return this.allocate(count * 4);
  }

  /** A view that is valid until the memory grows; take it afresh after allocations. */
  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, count);
  }

  bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, count);
  }

  /** Allocates and copies. */
  place(values: ArrayLike<number>): number {
    const address = this.allocateFloats(values.length);
    this.floats(address, values.length).set(values);
    return address;
  }
}

function reserveMemory(): WebAssembly.Memory {
  let refused: unknown;
  for (const maximum of maximumPages)
    try {
      return new WebAssembly.Memory({ initial: 2, maximum, shared: true });
    } catch (error) {
      refused = error;
    }
  throw refused;
}
