// Everything that the CPU engine calls, gathered into one WebAssembly module. Names are unique across ops.
export * from '../../ops/gemm/gemm.as';
export * from '../../ops/hash-grid/hash-grid.as';
export * from '../../ops/language-rendering/language-rendering.as';
