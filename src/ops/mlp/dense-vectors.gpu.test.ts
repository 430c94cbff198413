/**
 * Gates: the layer in vectors of four against the float64 reference, with sizes that are no multiple of tile or slice and
 * rows with numbers in between: relative L2, cosine and signed bias below 2e-6.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import { denseVectorsKernel } from './dense-vectors.wgsl.ts';
import { linear } from './mlp.ts';

describeGpu('dense layers in vectors', (gpu) => {
  for (const [activation, biased, f] of [
    ['relu', true, (v: number) => Math.max(0, v)],
    ['none', false, (v: number) => v],
  ] as const)
    it(`multiply forward, ${activation}`, async ({ skip }) => {
      // One long piece of straight code, which no software adapter takes outside this test.
      if (gpu.opened.name.startsWith('llvmpipe')) return skip('LLVM compiles this kernel for minutes');
      for (const { rows, inputs, outputs } of [
        { rows: 131, inputs: 36, outputs: 140 },
        { rows: 1, inputs: 4, outputs: 4 },
        { rows: 65, inputs: 256, outputs: 64 },
      ]) {
        const [strideX, strideY] = [inputs + 4, outputs + 8];
        const [x, weight, bias] = [normals(1, rows * strideX), normals(2, inputs * outputs), normals(3, outputs)];
        const y = await gpu.floats(new Float32Array(rows * strideY).fill(7));
        await gpu.run(denseVectorsKernel(activation, biased), {
          params: { rows, inputs, outputs, strideX, strideY },
          buffers: {
            x: await gpu.floats(x),
            weight: await gpu.floats(weight),
            bias: await gpu.floats(biased ? bias : [0]),
            y,
          },
        });
        const used = x.filter((_, i) => i % strideX < inputs);
        const expected = linear({ inputs, outputs, weight, bias: biased ? bias : undefined }, used).map(f);
        const actual = await gpu.read(y);
        expectNear(
          actual.filter((_, i) => i % strideY < outputs),
          expected,
          2e-6,
        );
        expect(actual.filter((_, i) => i % strideY >= outputs).every((v) => v === 7)).toBe(true);
      }
    });

  it('refuse layers that are not in vectors, and do nothing for no rows', () => {
    const params = { rows: 0, inputs: 8, outputs: 8, strideX: 8, strideY: 8 };
    expect(denseVectorsKernel('relu', true).groups(params)).toBe(0);
    expect(() => denseVectorsKernel('relu', true).groups({ ...params, inputs: 9 })).toThrow(/9 to 8/);
  });
});
