/**
 * GPU kernels of the fully connected layers (mlp.ts): Y = act(X W + b), the gradient of X with the ReLU of the layer
 * below folded in, and the gradients of W and b. Row-major with row lengths; storage f32 or f16, sums always f32. The
 * product itself is in `tiled-product.wgsl.ts`.
 */
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';
import { countTiles, productGroup, type Tile, tiledProduct } from './tiled-product.wgsl.ts';

export type Activation = 'none' | 'relu';
export type DenseStorage = 'f32' | 'f16';

const activate: Record<Activation, string> = {
  none: 'sum',
  relu: 'max(sum, 0.0)',
};

const halfFeature = (storage: DenseStorage) => (storage === 'f16' ? (['shader-f16'] as const) : []);

/** The tile that suits a result of so many rows and columns. */
export function tileFor(rows: number, columns: number): Tile {
  if (columns <= 16) return 'narrow';
  return rows >= 128 && columns >= 128 ? 'large' : 'square';
}

/** Y [rows, outputs] = act(X [rows, inputs] W [inputs, outputs] + b). Without bias, anything may be bound in its place. */
export const denseKernel = memoise((activation: Activation, biased: boolean, storage: DenseStorage, tile: Tile) =>
  defineKernel({
    name: `dense-forward-${activation}${biased ? '-bias' : ''}-${storage}-${tile}`,
    params: { rows: 'u32', inputs: 'u32', outputs: 'u32', strideX: 'u32', strideY: 'u32' },
    buffers: {
      x: read(storage, '[rows, strideX], inputs columns used'),
      weight: read(storage, '[inputs, outputs]'),
      bias: read(storage, '[outputs]'),
      y: write(storage, '[rows, strideY] columns 0 … outputs ='),
    },
    workgroupSize: productGroup,
    over: 'groups',
    count: ({ rows, outputs }) => countTiles(tile, rows, outputs),
    features: halfFeature(storage),
    declarations: tiledProduct({
      tile,
      a: 'f32(x[row * params.strideX + k])',
      b: 'f32(weight[k * params.outputs + column])',
      aAlongK: true,
      bAlongK: false,
      store: `let sum = value + ${biased ? 'f32(bias[column])' : '0.0'};
        y[row * params.strideY + column] = ${storage}(${activate[activation]});`,
    }),
    body: 'tileProduct(group, params.rows, params.outputs, 0u, params.inputs, lane);',
  }),
);

/**
 * gradX [rows, inputs] = gradY [rows, outputs] Wᵀ; with `masked` a result is 0 where the layer below was cut off by its
 * ReLU (x ≤ 0), so gradX is the gradient before that ReLU. Unmasked, the x binding is not read.
 */
export const denseInputBackwardKernel = memoise((masked: boolean, storage: DenseStorage, tile: Tile) =>
  defineKernel({
    name: `dense-input-backward${masked ? '-masked' : ''}-${storage}-${tile}`,
    params: { rows: 'u32', inputs: 'u32', outputs: 'u32', strideX: 'u32', strideGradX: 'u32', strideGradY: 'u32' },
    buffers: {
      gradY: read(storage, '[rows, strideGradY], outputs columns used'),
      weight: read(storage, '[inputs, outputs]'),
      x: read(storage, '[rows, strideX]'),
      gradX: write(storage, '[rows, strideGradX] columns 0 … inputs ='),
    },
    workgroupSize: productGroup,
    over: 'groups',
    count: ({ rows, inputs }) => countTiles(tile, rows, inputs),
    features: halfFeature(storage),
    declarations: tiledProduct({
      tile,
      a: 'f32(gradY[row * params.strideGradY + k])',
      b: 'f32(weight[column * params.outputs + k])',
      aAlongK: true,
      bAlongK: true,
      store: `gradX[row * params.strideGradX + column] = ${storage}(${
        masked ? 'select(0.0, value, f32(x[row * params.strideX + column]) > 0.0)' : 'value'
      });`,
    }),
    body: 'tileProduct(group, params.rows, params.inputs, 0u, params.outputs, lane);',
  }),
);

/**
 * Gradients of weight and bias, summed over pieces of the rows: partials [splits, inputs + 1, outputs] =, whose last
 * input row is the bias (an input of ones). `sumWeightPartialsKernel` adds the pieces up, always in the same order.
 * With `biased` false that row is left out: 257 rows would cost a third row of large tiles; `sumPartialsKernel` adds up.
 */
export const denseWeightBackwardKernel = memoise((storage: DenseStorage, tile: Tile, biased: boolean = true) => {
  const rows = biased ? 'params.inputs + 1' : 'params.inputs';
  return defineKernel({
    name: `dense-weight-backward${biased ? '' : '-unbiased'}-${storage}-${tile}`,
    params: { rows: 'u32', inputs: 'u32', outputs: 'u32', strideX: 'u32', strideGradY: 'u32', splits: 'u32' },
    buffers: {
      x: read(storage, '[rows, strideX], inputs columns used'),
      gradY: read(storage, '[rows, strideGradY], outputs columns used'),
      partials: write('f32', '[splits, inputs + 1 or inputs, outputs] ='),
    },
    workgroupSize: productGroup,
    over: 'groups',
    count: ({ splits, inputs, outputs }) => splits * countTiles(tile, inputs + (biased ? 1 : 0), outputs),
    features: halfFeature(storage),
    declarations: `var<private> piece: u32;${tiledProduct({
      tile,
      a: biased
        ? 'select(1.0, f32(x[k * params.strideX + min(row, params.inputs - 1)]), row < params.inputs)'
        : 'f32(x[k * params.strideX + row])',
      b: 'f32(gradY[k * params.strideGradY + column])',
      aAlongK: false,
      bAlongK: false,
      store: `partials[(piece * (${rows}) + row) * params.outputs + column] = value;`,
    })}`,
    body: /* wgsl */ `
      piece = group % params.splits;
      let perPiece = (params.rows + params.splits - 1) / params.splits;
      let first = group % params.splits * perPiece;
      tileProduct(group / params.splits, ${rows}, params.outputs,
        first, min(first + perPiece, params.rows), lane);
    `,
  });
});

/** sums [length] += the pieces [splits, length], always in the same order. */
export const sumPartialsKernel = defineKernel({
  name: 'dense-sum-partials',
  params: { length: 'u32', splits: 'u32' },
  buffers: { partials: read('f32', '[splits, length]'), sums: write('f32', '[length] +=') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: /* wgsl */ `
    var sum = 0.0;
    for (var s = 0u; s < params.splits; s++) { sum += partials[s * params.length + index]; }
    sums[index] += sum;
  `,
});

/** Pieces into which the rows of a weight gradient are cut, so that enough workgroups are at work. */
export function weightSplits(tile: Tile, rows: number, inputs: number, outputs: number, wantedGroups = 512): number {
  const tiles = countTiles(tile, inputs + 1, outputs);
  return Math.max(1, Math.min(Math.ceil(wantedGroups / tiles), Math.ceil(rows / 256)));
}

/** Adds the pieces to the gradients of weight and bias; for a layer without bias, `biased` is 0 and its binding unread. */
export const sumWeightPartialsKernel = defineKernel({
  name: 'dense-sum-weight-partials',
  params: { inputs: 'u32', outputs: 'u32', splits: 'u32', biased: 'u32' },
  buffers: {
    partials: read('f32', '[splits, inputs + 1, outputs]'),
    gradWeight: write('f32', '[inputs, outputs] +='),
    gradBias: write('f32', '[outputs] +='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ inputs, outputs, biased }) => (inputs + (biased > 0 ? 1 : 0)) * outputs,
  body: /* wgsl */ `
    let size = (params.inputs + 1) * params.outputs;
    var sum = 0.0;
    for (var s = 0u; s < params.splits; s++) { sum += partials[s * size + index]; }
    let weights = params.inputs * params.outputs;
    if (index < weights) { gradWeight[index] += sum; } else { gradBias[index - weights] += sum; }
  `,
});
