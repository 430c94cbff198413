/**
 * GPU kernel that evaluates a whole density network (spec §4.1, §4.2) at points, for rendering: hash grid, hidden layer,
 * outputs, exponential. One invocation per point keeps everything in registers, so that between a coordinate and its
 * density nothing goes through memory. It does the work of `encodeHashGrid`, `mlpForward` and `densityActivation`;
 * training, which needs the activations, has kernels of its own.
 */
import { type GridFeatures, latticeFunctions, type TableStorage } from '../hash-grid/hash-grid.wgsl.ts';
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lanes = ['x', 'y', 'z', 'w'] as const;

/** encodeLevel(l, x): the features of one level. */
const encodeLevelFunction = (features: number) => /* wgsl */ `
fn encodeLevel(l: u32, x: vec3<f32>) -> vec${features}<f32> {
  let level = levelAt(l);
  let cell = cellAt(level, x);
  var sum = vec${features}<f32>(0.0);
  for (var c = 0u; c < 8; c++) {
    let corner = cornerOf(c);
    let parts = cornerParts(corner, cell.fraction);
    let entry = vec${features}<f32>(table[nodeRow(level, cell.node + corner)]);
    sum = fma(vec${features}<f32>(parts.x * parts.y * parts.z), entry, sum);
  }
  return sum;
}
`;

/**
 * @param hidden width of the hidden layer, a multiple of 4
 * @param outputs 1 (density only), or a multiple of 4: log-density and geometry features
 * @param storage type in which the table is stored
 */
export const densityNetworkKernel = memoise(
  (
    levels: number,
    features: GridFeatures,
    hidden: number,
    outputs: number,
    biased: boolean,
    storage: TableStorage = 'f32',
  ) => {
    if (features === 8 || hidden % 4 !== 0 || (outputs !== 1 && outputs % 4 !== 0))
      throw new Error(`no density kernel for ${features} features, ${hidden} hidden units and ${outputs} outputs`);
    const vectors = outputs / 4;
    const inputs = numbers(levels).flatMap((l) => lanes.slice(0, features).map((lane) => `f${l}.${lane}`));
    const sums =
      outputs === 1
        ? { type: 'f32', names: ['o'], add: 'o += dot(h, weight1[g]);', log: 'o' }
        : {
            type: 'vec4<f32>',
            names: numbers(vectors).map((v) => `o${v}`),
            add: lanes
              .flatMap((lane, j) =>
                numbers(vectors).map(
                  (v) => `o${v} = fma(vec4<f32>(h.${lane}), weight1[(4 * g + ${j}) * ${vectors} + ${v}], o${v});`,
                ),
              )
              .join('\n        '),
            log: 'o0.x',
          };
    return defineKernel({
      name: `density-network-${levels}-${features}-${hidden}-${outputs}${biased ? '-bias' : ''}-${storage}`,
      params: { points: 'u32', initialDensity: 'f32' },
      buffers: {
        places: read('vec4<f32>', '[points] grid coordinates in [0, 1], 1 inside the cube'),
        table: read(`vec${features}<${storage}>`, '[rows, features]'),
        levelWords: read('u32', '[levels, 5] scale (float bits), resolution, rows, first row, hashed'),
        weight0: read('vec4<f32>', '[inputs, hidden]'),
        bias0: read('vec4<f32>', '[hidden]; anything without bias'),
        weight1: read('vec4<f32>', '[hidden, outputs]'),
        density: write('f32', '[points] = 1 / scene unit'),
        outputs: write('vec4<f32>', '[points, outputs] = before the exponential; untouched where there is one'),
      },
      workgroupSize: 64,
      over: 'invocations',
      count: ({ points }) => points,
      features: storage === 'f16' ? ['shader-f16'] : [],
      declarations: latticeFunctions + encodeLevelFunction(features),
      body: /* wgsl */ `
        let place = places[index];
        ${numbers(levels)
          .map((l) => `let f${l} = encodeLevel(${l}u, place.xyz);`)
          .join('\n        ')}
        ${sums.names.map((name) => `var ${name} = ${sums.type}(0.0);`).join(' ')}
        for (var g = 0u; g < ${hidden / 4}u; g++) {
          var h = ${biased ? 'bias0[g]' : 'vec4<f32>(0.0)'};
          ${inputs.map((input, i) => `h = fma(vec4<f32>(${input}), weight0[${i * (hidden / 4)}u + g], h);`).join('\n          ')}
          h = max(h, vec4<f32>(0.0));
          ${sums.add}
        }
        density[index] = select(params.initialDensity * exp(${sums.log}) * place.w, 0.0, place.w == 0.0);
        ${outputs === 1 ? '_ = &outputs;' : sums.names.map((name, v) => `outputs[index * ${vectors} + ${v}] = ${name};`).join(' ')}
        ${biased ? '' : '_ = &bias0;'}
      `,
    });
  },
);
