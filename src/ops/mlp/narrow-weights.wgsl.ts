/**
 * Weights of a narrow perceptron on their way to and from its kernels (`narrow-forward.wgsl.ts`, `narrow-backward.wgsl.ts`): packed together,
 * each layer also transposed, in whole vectors; and their gradients added up from partial sums. Of the first layer only
 * the rows from `firstRow` on belong to it where the others are its rays' (savings A9).
 */
import { type BufferSpecs, defineKernel, memoise, read, write } from '../wgsl/kernel.ts';
import type { NarrowKind, NarrowLayer } from './narrow-layout.ts';
import { requireLayout, shapeName } from './narrow-tile.wgsl.ts';

/** Weights that a workgroup adds up, and invocations for each. */
const [weightsAtOnce, sharers] = [32, 8];

const countWeights = (layers: readonly NarrowLayer[]): number =>
  layers.reduce((sum, { rows, outputs }) => sum + rows * outputs, 0);

/** Statements for weight number `index` of all: `text` finds its row k, its column c and where it lies. */
function forWeight(
  layers: readonly NarrowLayer[],
  text: (layer: NarrowLayer, names: { array: string; at: string }) => string,
): string {
  let before = 0;
  return layers
    .map((layer, l) => {
      const { rows, inputs, outputs } = layer;
      const start = before;
      before += rows * outputs;
      const first = l === 0 ? 'params.firstRow + ' : '';
      const weight = text(layer, { array: `weight${l}`, at: `(${first}k) * ${outputs} + c` });
      const bias = text(layer, { array: 'bias', at: 'c' });
      return /* wgsl */ `if (index < ${before}) {
        let k = (index - ${start}) / ${outputs};
        let c = (index - ${start}) % ${outputs};
        ${rows > inputs ? `if (k < ${inputs}) { ${weight} } else { ${bias} }` : weight}
      }`;
    })
    .join(' else ');
}

/** Bindings weight0, weight1, … and bias where there is one. */
function weightBuffers(layers: readonly NarrowLayer[], kind: NarrowKind, bind: typeof read): BufferSpecs {
  const weights = layers.map(({ inputs, outputs }, l) => [`weight${l}`, bind('f32', `[${inputs}, ${outputs}]`)]);
  return { ...Object.fromEntries(weights), ...(kind === 'bias' ? { bias: bind('f32', '[hidden]') } : {}) };
}

/** Padding stays what it is, which is zero. */
export const packNarrowKernel = memoise(
  (inputs: number, hidden: number, hiddenLayers: number, outputs: number, kind: NarrowKind) => {
    const shape = { inputs, hidden, hiddenLayers, outputs, kind };
    const { layers } = requireLayout(shape);
    return defineKernel({
      name: `narrow-pack-${shapeName(shape)}`,
      params: { firstRow: 'u32' },
      buffers: { ...weightBuffers(layers, kind, read), packed: write('f32', 'weights =') },
      workgroupSize: 64,
      over: 'invocations',
      count: () => countWeights(layers),
      body: forWeight(
        layers,
        ({ weight, transposed, paddedRows, paddedOutputs }, { array, at }) => `let value = ${array}[${at}];
        packed[${weight} + k * ${paddedOutputs} + c] = value;
        packed[${transposed} + c * ${paddedRows} + k] = value;`,
      ),
    });
  },
);

/** Gradients of the weights += the partial sums of the pieces, always in the same order. */
export const sumNarrowKernel = memoise(
  (inputs: number, hidden: number, hiddenLayers: number, outputs: number, kind: NarrowKind) => {
    const shape = { inputs, hidden, hiddenLayers, outputs, kind };
    const { layers, gradientLength } = requireLayout(shape);
    const weights = countWeights(layers);
    return defineKernel({
      name: `narrow-sum-${shapeName(shape)}`,
      params: { firstRow: 'u32', pieces: 'u32' },
      buffers: { partials: read('f32', '[pieces, gradientLength]'), ...weightBuffers(layers, kind, write) },
      workgroupSize: weightsAtOnce * sharers,
      over: 'groups',
      count: () => Math.ceil(weights / weightsAtOnce),
      declarations: /* wgsl */ `
        var<workgroup> sums: array<f32, ${weightsAtOnce * sharers}>;
        fn placeOf(index: u32) -> u32 {
          ${forWeight(layers, ({ weight, paddedOutputs }) => `return ${weight} + k * ${paddedOutputs} + c;`)}
          return 0;
        }
      `,
      body: /* wgsl */ `
        let index = group * ${weightsAtOnce} + lane % ${weightsAtOnce};
        let place = placeOf(min(index, ${weights - 1}));
        var own = 0.0;
        for (var p = lane / ${weightsAtOnce}; p < params.pieces; p += ${sharers}) {
          own += partials[p * ${gradientLength} + place];
        }
        sums[lane] = own;
        workgroupBarrier();
        if (lane >= ${weightsAtOnce} || index >= ${weights}) { return; }
        var sum = 0.0;
        for (var s = 0u; s < ${sharers}; s++) { sum += sums[s * ${weightsAtOnce} + lane]; }
        ${forWeight(layers, (_, { array, at }) => `${array}[${at}] += sum;`)}
      `,
    });
  },
);
