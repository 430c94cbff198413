/**
 * The forward layer of `dense.wgsl.ts` for wide layers on large GPUs, everything in vectors of four: Y [rows, outputs] =
 * act(X [rows, inputs] W [inputs, outputs] + b), with inputs, outputs and both row lengths multiples of 4.
 *
 * A workgroup of 256 makes a tile of 128 × 128, an invocation 8 × 8 results. Slices of 16 values of k go through shared
 * memory (16 KiB in all); while one is multiplied, the next is already on its way into registers. The first half of the
 * workgroup fetches X, turning blocks of 4 × 4 so that four rows of one k are a vector, the other half fetches W. The
 * column of a block of X is mixed with its k, which keeps the stores of the turned blocks off each other's memory banks.
 */
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';
import type { Activation } from './dense.wgsl.ts';

const [tile, slice] = [128, 16];
const vectors = tile / 4;
const lanes = ['x', 'y', 'z', 'w'] as const;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const activate: Record<Activation, string> = {
  none: 'sum',
  relu: 'max(sum, vec4<f32>(0.0))',
};

/** Four vectors of the slice that begins at `start`, into p0 … p3. */
const fetch = (start: string) => /* wgsl */ `
  if (lane < 128) {
    let k = ${start} / 4 + lane % 4;
    let inside = k < vectorsX;
    let at = min(k, vectorsX - 1);
    ${numbers(4)
      .map(
        (j) =>
          `p${j} = select(vec4<f32>(0.0), x[min(firstRow + lane / 4 * 4 + ${j}, rows - 1) * strideX + at], inside);`,
      )
      .join('\n    ')}
  } else {
    let v = min(firstColumn + lane % 32, vectorsY - 1);
    ${numbers(4)
      .map((j) => `p${j} = weight[min(${start} + (lane - 128) / 32 + ${4 * j}, params.inputs - 1) * vectorsY + v];`)
      .join('\n    ')}
  }`;

const store = /* wgsl */ `
  if (lane < 128) {
    let column = (lane / 4) ^ (2 * (lane % 4));
    ${lanes
      .map(
        (k, i) =>
          `sliceX[(lane % 4 * 4 + ${i}) * ${vectors} + column] = vec4<f32>(p0.${k}, p1.${k}, p2.${k}, p3.${k});`,
      )
      .join('\n    ')}
  } else {
    ${numbers(4)
      .map((j) => `sliceW[(lane - 128) + ${4 * j * vectors}] = p${j};`)
      .join('\n    ')}
  }`;

const sums = numbers(8).flatMap((r) => [`s${r}_0`, `s${r}_1`]);

/** Products of one k of a slice. */
const multiply = (k: number) => /* wgsl */ `{
    let a0 = sliceX[${k * vectors}u + (ty ^ ${2 * (k >> 2)}u)];
    let a1 = sliceX[${k * vectors}u + ((ty + 16) ^ ${2 * (k >> 2)}u)];
    let b0 = sliceW[${k * vectors}u + tx];
    let b1 = sliceW[${k * vectors}u + tx + 16];
    ${numbers(8)
      .flatMap((r) =>
        numbers(2).map((c) => `s${r}_${c} = fma(vec4<f32>(a${r >> 2}.${lanes[r & 3]}), b${c}, s${r}_${c});`),
      )
      .join('\n    ')}
  }`;

const finish = (biased: boolean) =>
  numbers(2)
    .map((c) => {
      const rows = numbers(8).map((r) => {
        const row = `firstRow + 4 * ty + ${64 * (r >> 2) + (r & 3)}`;
        return `if (${row} < rows) { y[(${row}) * strideY + column${c}] = activated(s${r}_${c}${biased ? ` + bias[column${c}]` : ''}); }`;
      });
      return `let column${c} = firstColumn + tx + ${16 * c};
      if (column${c} < vectorsY) {
        ${rows.join('\n        ')}
      }
      `;
    })
    .join('');

/** Whether the kernel can do a layer. */
export const inVectors = (...widths: readonly number[]): boolean => widths.every((width) => width % 4 === 0);

/** Without bias, anything may be bound in its place. */
export const denseVectorsKernel = memoise((activation: Activation, biased: boolean) =>
  defineKernel({
    name: `dense-vectors-forward-${activation}${biased ? '-bias' : ''}`,
    params: { rows: 'u32', inputs: 'u32', outputs: 'u32', strideX: 'u32', strideY: 'u32' },
    buffers: {
      x: read('vec4<f32>', '[rows, strideX], inputs columns used'),
      weight: read('vec4<f32>', '[inputs, outputs]'),
      bias: read('vec4<f32>', '[outputs]'),
      y: write('vec4<f32>', '[rows, strideY] columns 0 … outputs ='),
    },
    workgroupSize: 256,
    over: 'groups',
    count({ rows, inputs, outputs, strideX, strideY }) {
      if (!inVectors(inputs, outputs, strideX, strideY))
        throw new Error(`a layer of ${inputs} to ${outputs} numbers is not in vectors of four`);
      return Math.ceil(rows / tile) * Math.ceil(outputs / tile);
    },
    declarations: /* wgsl */ `
      var<workgroup> sliceX: array<vec4<f32>, ${slice * vectors}>;
      var<workgroup> sliceW: array<vec4<f32>, ${slice * vectors}>;
      fn activated(sum: vec4<f32>) -> vec4<f32> { return ${activate[activation]}; }
    `,
    body: /* wgsl */ `
      let rows = params.rows;
      let vectorsX = params.inputs / 4;
      let vectorsY = params.outputs / 4;
      let strideX = params.strideX / 4;
      let strideY = params.strideY / 4;
      let tilesAcross = (vectorsY + ${vectors - 1}) / ${vectors};
      let firstRow = group / tilesAcross * ${tile};
      let firstColumn = group % tilesAcross * ${vectors};
      let tx = lane % 16;
      let ty = lane / 16;
      ${sums.map((name) => `var ${name} = vec4<f32>(0.0);`).join(' ')}
      ${numbers(4)
        .map((j) => `var p${j} = vec4<f32>(0.0);`)
        .join(' ')}
      ${fetch('0u')}
      for (var start = 0u; start < params.inputs; start += ${slice}) {
        ${store}
        workgroupBarrier();
        let next = start + ${slice};
        if (next < params.inputs) { ${fetch('next')} }
        ${numbers(slice).map(multiply).join('\n  ')}
        workgroupBarrier();
      }
      ${finish(biased)}
      ${biased ? '' : '_ = &bias;'}
    `,
  }),
);
