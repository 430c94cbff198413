/**
 * One thread's kernels on a private memory, for tests and micro-benchmarks of single kernels.
 * Usage: `const h = new KernelHarness(loadKernelModule()); const x = h.memory.place(values); h.kernels.foo(x, …)`.
 */
import { instantiateKernels, type Kernels } from './kernels.ts';
import { KernelMemory } from './memory.ts';

export class KernelHarness {
  readonly memory = new KernelMemory();
  readonly kernels: Kernels;

  constructor(module: WebAssembly.Module) {
    this.kernels = instantiateKernels(module, this.memory.memory);
  }

  read(address: number, count: number): Float32Array {
    return this.memory.floats(address, count).slice();
  }
}
