/** Data for measurements, made on the GPU: random numbers, and points that lie along rays as samples do. */
import { defineKernel, memoise, write } from '../../src/ops/wgsl/kernel.ts';
import { randomFunctions } from '../../src/ops/wgsl/random.wgsl.ts';

export const fillUniformKernel = memoise((storage: 'f32' | 'f16') =>
  defineKernel({
    name: `bench-fill-uniform-${storage}`,
    params: { length: 'u32', seed: 'u32', low: 'f32', high: 'f32' },
    buffers: { values: write(storage, '[length] = in [low, high)') },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ length }) => length,
    features: storage === 'f16' ? ['shader-f16'] : [],
    declarations: randomFunctions,
    body: `values[index] = ${storage}(mix(params.low, params.high, randomUniform(params.seed, 77u, index, 0u, 0u)));`,
  }),
);

/** Straight lines through the unit cube, `samples` points on each, in rows of `stride` numbers of which three are coordinates. */
export const fillPointsKernel = defineKernel({
  name: 'bench-fill-points',
  params: { points: 'u32', samples: 'u32', stride: 'u32', seed: 'u32' },
  buffers: { values: write('f32', '[points, stride] = in [0, 1], the rest 1') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points, stride }) => points * stride,
  declarations: randomFunctions,
  body: /* wgsl */ `
    let ray = index / params.stride / params.samples;
    let t = f32(index / params.stride % params.samples) / f32(params.samples);
    let axis = index % params.stride;
    let begin = randomUniform(params.seed, 78u, ray, axis, 0u);
    let end = randomUniform(params.seed, 78u, ray, axis, 1u);
    values[index] = select(1.0, mix(begin, end, t), axis < 3);
  `,
});

/** Rising numbers from 0 to 1 in every row: edges of samples. */
export const fillEdgesKernel = defineKernel({
  name: 'bench-fill-edges',
  params: { rows: 'u32', columns: 'u32' },
  buffers: { values: write('f32', '[rows, columns] =') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rows, columns }) => rows * columns,
  body: 'values[index] = f32(index % params.columns) / f32(max(params.columns, 2) - 1);',
});
