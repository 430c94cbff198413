/**
 * GPU kernels of the colour head (spec §4.1) for rendering: what belongs to a ray – direction, mean appearance, bias –
 * enters once per ray as the starting row of the first layer (savings A9); the rest of the head is one kernel with one
 * invocation per sample, its activations in registers. Two hidden layers, as every preset has.
 */
import { defineKernel, memoise, read, write } from '../wgsl/kernel.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lanes = ['x', 'y', 'z', 'w'] as const;

/** Components of the direction. */
export const harmonics = 16;

/** A sample of less weight adds less than a colour step of 8 bits to its ray, all of them together. */
export const colourlessWeight = 1e-6;

/** means [columns] of rows [rows, columns]: the appearance of a picture that no training camera took. */
export const meanRowsKernel = defineKernel({
  name: 'mean-rows',
  params: { rows: 'u32', columns: 'u32' },
  buffers: { values: read('f32', '[rows, columns]'), means: write('f32', '[columns] =') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ columns }) => columns,
  body: /* wgsl */ `
    var sum = 0.0;
    for (var row = 0u; row < params.rows; row++) { sum += values[row * params.columns + index]; }
    means[index] = sum / f32(params.rows);
  `,
});

/** The first layer's sums over what belongs to the ray; `appearance` columns of the input come after the geometry. */
export const colourBaseKernel = memoise((biased: boolean) =>
  defineKernel({
    name: `colour-base${biased ? '-bias' : ''}`,
    params: { rays: 'u32', vectors: 'u32', geometry: 'u32', appearance: 'u32' },
    buffers: {
      components: read('f32', `[rays, ${harmonics}] spherical harmonics`),
      means: read('f32', '[appearance]'),
      weight: read('vec4<f32>', `[${harmonics} + geometry + appearance, 4 · vectors]`),
      bias: read('vec4<f32>', '[4 · vectors]; anything without bias'),
      base: write('vec4<f32>', '[rays, 4 · vectors] ='),
    },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ rays, vectors }) => rays * vectors,
    body: /* wgsl */ `
      let ray = index / params.vectors;
      let v = index % params.vectors;
      var sum = ${biased ? 'bias[v]' : 'vec4<f32>(0.0)'};
      for (var k = 0u; k < ${harmonics}; k++) {
        sum = fma(vec4<f32>(components[${harmonics} * ray + k]), weight[k * params.vectors + v], sum);
      }
      for (var k = 0u; k < params.appearance; k++) {
        sum = fma(vec4<f32>(means[k]), weight[(${harmonics} + params.geometry + k) * params.vectors + v], sum);
      }
      base[index] = sum;
      ${biased ? '' : '_ = &bias;'}
    `,
  }),
);

/** sums of the first layer: base + geometry features times their rows. */
function firstLayer(geometry: number, vectors: number): string {
  const start = numbers(vectors).map((v) => `var h${v} = base[ray * ${vectors} + ${v}];`);
  const terms = numbers(geometry).flatMap((i) =>
    numbers(vectors).map((v) => {
      const feature = `g${(i + 1) >> 2}.${lanes[(i + 1) & 3]}`;
      return `h${v} = fma(vec4<f32>(${feature}), weight0[${(harmonics + i) * vectors + v}], h${v});`;
    }),
  );
  const relu = numbers(vectors).map((v) => `h${v} = max(h${v}, vec4<f32>(0.0));`);
  return [...start, ...terms, ...relu].join('\n      ');
}

/**
 * colours [samples] in [0, 1]. Samples that cannot be seen are left black, except the last of a ray, which is the background.
 * @param geometry features beside the log-density; geometry + 1 and width are multiples of 4
 */
export const colourNetworkKernel = memoise((geometry: number, width: number) => {
  if ((geometry + 1) % 4 !== 0 || width % 4 !== 0)
    throw new Error(`no colour kernel for ${geometry} geometry features and ${width} hidden units`);
  const vectors = width / 4;
  return defineKernel({
    name: `colour-network-${geometry}-${width}`,
    params: { points: 'u32', samples: 'u32' },
    buffers: {
      weights: read('f32', '[points] of rendering'),
      outputs: read('vec4<f32>', '[points, 1 + geometry] of the density network'),
      base: read('vec4<f32>', '[rays, width]'),
      weight0: read('vec4<f32>', `[${harmonics} + geometry …, width]`),
      weight1: read('vec4<f32>', '[width, width]'),
      weight2: read('f32', '[width, 3]'),
      colours: write('f32', '[points, 3] ='),
    },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ points }) => points,
    body: /* wgsl */ `
      let ray = index / params.samples;
      if (weights[index] <= ${colourlessWeight} && index % params.samples != params.samples - 1) {
        for (var k = 0u; k < 3; k++) { colours[3 * index + k] = 0.0; }
        return;
      }
      ${numbers((geometry + 1) / 4)
        .map((v) => `let g${v} = outputs[index * ${(geometry + 1) / 4} + ${v}];`)
        .join('\n      ')}
      ${firstLayer(geometry, vectors)}
      var rgb = vec3<f32>(0.0);
      for (var g = 0u; g < ${vectors}u; g++) {
        var s = vec4<f32>(0.0);
        ${numbers(width)
          .map((i) => `s = fma(vec4<f32>(h${i >> 2}.${lanes[i & 3]}), weight1[${i * vectors}u + g], s);`)
          .join('\n        ')}
        s = max(s, vec4<f32>(0.0));
        for (var j = 0u; j < 4; j++) {
          let row = 3 * (4 * g + j);
          rgb = fma(vec3<f32>(s[j]), vec3<f32>(weight2[row], weight2[row + 1], weight2[row + 2]), rgb);
        }
      }
      for (var k = 0u; k < 3; k++) { colours[3 * index + k] = 1.0 / (1.0 + exp(-rgb[k])); }
    `,
  });
});
