/** Instantiates the compiled kernels on a shared memory. Every thread has its own instance on the same memory. */

/** Kernels take addresses and numbers; each is documented at its definition in `src/ops/<op>/<op>.as.ts`. */
export type Kernels = Record<string, (...args: number[]) => number>;

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const imports = {
    env: {
      memory,
      abort: () => {
        throw new Error('a CPU kernel aborted');
      },
    },
  };
  return new WebAssembly.Instance(module, imports).exports as unknown as Kernels;
}
