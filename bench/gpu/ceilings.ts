/**
 * What the adapter can do at best, measured: copying a large array, gathering rows of a hash grid at random, fused
 * multiply-adds in registers (what any float32 product is bounded by), and a large square product.
 */
import { denseKernel } from '../../src/ops/mlp/dense.wgsl.ts';
import { denseVectorsKernel } from '../../src/ops/mlp/dense-vectors.wgsl.ts';
import { defineKernel, read, write } from '../../src/ops/wgsl/kernel.ts';
import { randomFunctions } from '../../src/ops/wgsl/random.wgsl.ts';
import type { KernelCase } from './kernel-case.ts';

const copyKernel = defineKernel({
  name: 'bench-copy',
  params: { vectors: 'u32' },
  buffers: { source: read('vec4<f32>', '[vectors, 4]'), copied: write('vec4<f32>', '[vectors, 4] =') },
  workgroupSize: 256,
  over: 'invocations',
  count: ({ vectors }) => vectors,
  body: 'copied[index] = source[index];',
});

const gatherKernel = defineKernel({
  name: 'bench-gather',
  params: { rows: 'u32', count: 'u32' },
  buffers: { table: read('vec4<f32>', '[rows, 8]'), sums: write('f32', '[count / 8] =') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ count }) => count / 8,
  declarations: randomFunctions,
  body: /* wgsl */ `
    var sum = vec4<f32>(0.0);
    for (var k = 0u; k < 8; k++) {
      let row = mixBits(8 * index + k) % params.rows;
      sum += table[2 * row] + table[2 * row + 1];
    }
    sums[index] = dot(sum, vec4<f32>(1.0));
  `,
});

const chains = Array.from({ length: 8 }, (_, i) => `c${i}`);

const multiplyAddKernel = defineKernel({
  name: 'bench-multiply-add',
  params: { invocations: 'u32', rounds: 'u32', factor: 'f32', shift: 'f32' },
  buffers: { sums: write('f32', '[invocations] =') },
  workgroupSize: 256,
  over: 'invocations',
  count: ({ invocations }) => invocations,
  body: /* wgsl */ `
    let a = vec4<f32>(params.factor);
    let b = vec4<f32>(params.shift);
    ${chains.map((c, i) => `var ${c} = vec4<f32>(f32(index + ${i}u));`).join('\n    ')}
    for (var round = 0u; round < params.rounds; round++) {
      ${chains.map((c) => `${c} = fma(${c}, a, b); ${c} = fma(${c}, a, b);`).join('\n      ')}
    }
    sums[index] = dot(${chains.join(' + ')}, vec4<f32>(1.0));
  `,
});

export interface CeilingCase extends KernelCase {
  ceiling: 'copy' | 'gather' | 'multiplyAdd' | 'product';
}

const products = [
  ['in vectors', denseVectorsKernel('none', false)],
  ['tile large', denseKernel('none', false, 'f32', 'large')],
  ['tile square', denseKernel('none', false, 'f32', 'square')],
] as const;

/** @param share of the work that suits a GPU */
export function ceilingCases(share: number): CeilingCase[] {
  const vectors = Math.ceil(2 ** 23 * share);
  const [rows, count] = [Math.ceil(2 ** 22 * share), 8 * Math.ceil(2 ** 21 * share)];
  const [invocations, rounds] = [Math.ceil(2 ** 20 * share), Math.ceil(1024 * Math.sqrt(share))];
  const side = 16 * Math.ceil(256 * Math.cbrt(share) ** 2);
  return [
    {
      ceiling: 'copy',
      label: `copy of ${(vectors * 16) / 2 ** 20} MiB`,
      kernel: copyKernel,
      params: { vectors },
      buffers: { source: { length: 4 * vectors, fill: 'signed' }, copied: { length: 4 * vectors } },
      bytes: 32 * vectors,
    },
    {
      ceiling: 'gather',
      label: `gather of 32-byte rows from ${(rows * 32) / 2 ** 20} MiB`,
      kernel: gatherKernel,
      params: { rows, count },
      buffers: { table: { length: 8 * rows, fill: 'signed' }, sums: { length: count / 8 } },
      bytes: 32 * count,
    },
    {
      ceiling: 'multiplyAdd',
      label: 'float32 multiply-adds in registers',
      kernel: multiplyAddKernel,
      params: { invocations, rounds, factor: 0.999, shift: 1 },
      buffers: { sums: { length: invocations } },
      flops: invocations * rounds * chains.length * 2 * 4 * 2,
    },
    ...products.map(
      ([name, kernel]): CeilingCase => ({
        ceiling: 'product',
        label: `product of ${side}³, ${name}`,
        kernel,
        params: { rows: side, inputs: side, outputs: side, strideX: side, strideY: side },
        buffers: {
          x: { length: side * side, fill: 'signed' },
          weight: { length: side * side, fill: 'signed' },
          bias: { length: 4 },
          y: { length: side * side },
        },
        bytes: 12 * side * side,
        flops: 2 * side ** 3,
      }),
    ),
  ];
}
