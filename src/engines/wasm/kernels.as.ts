// Everything that the CPU engine calls, gathered into one WebAssembly module. Names are unique across ops.
export * from '../../ops/gemm/gemm.as';
export * from '../../ops/hash-grid/hash-grid-forward.as';
export * from '../../ops/hash-grid/hash-grid-backward.as';
export * from '../../ops/language-rendering/language-rendering.as';
export * from '../../ops/language-rendering/language-query.as';
export * from '../../ops/contraction/contraction.as';
export * from '../../ops/spherical-harmonics/spherical-harmonics.as';
export * from '../../ops/ray-sampling/ray-sampling.as';
export * from '../../ops/volume-rendering/volume-rendering.as';
export * from '../../ops/losses/losses.as';
export * from '../../ops/optimisers/optimisers.as';
