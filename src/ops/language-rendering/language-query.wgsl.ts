/**
 * GPU kernels of a query against a language field: the first layer at many scales from its scale-free part (savings
 * A7), relevancy of any number of phrases – or projections onto directions – in the row space of the last layer
 * (`row-space.ts`; A1, A2, A6), and sums of
 * hidden features for the DINO head (A8). Samples are the lists of `ray-sampling/sample-lists.wgsl.ts`. A zero vector,
 * and one that is not finite, counts as in `language-rendering.ts`: as nothing.
 */
import { inverseTemperature } from '../relevancy/relevancy.ts';
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';
import { zeroNorm } from './language-rendering.ts';

/** Widest row space that the kernel holds in shared memory. */
export const maxRank = 512;

/** Where no map is wanted of a phrase at a scale. */
export const noMap = 0xffffffff;

/** hidden [scales, points, width] = relu(base + scale · row): the first layer of the CLIP head; width = 4 · vectors. */
export const firstLayerAtScalesKernel = defineKernel({
  name: 'first-layer-at-scales',
  params: { points: 'u32', vectors: 'u32', scales: 'u32', firstScale: 'u32', scaleRow: 'u32' },
  buffers: {
    base: read('vec4<f32>', '[points, width] first layer without the scale'),
    weight: read('vec4<f32>', '[inputs, width]; row scaleRow belongs to the scale'),
    scales: read('f32', '[all scales]; from firstScale on'),
    hidden: write('vec4<f32>', '[scales, points, width] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points, vectors, scales }) => points * vectors * scales,
  body: /* wgsl */ `
    let size = params.points * params.vectors;
    let slope = weight[params.scaleRow * params.vectors + index % params.vectors];
    let scale = scales[params.firstScale + index / size];
    hidden[index] = max(vec4<f32>(0.0), fma(vec4<f32>(scale), slope, base[index % size]));
  `,
});

/** Statements over the vectors v of a row that belong to this lane. */
const ownVectors = (statement: string) => `for (var v = lane; v < params.vectors; v += workgroupSize) { ${statement} }`;

/**
 * Relevancy of every phrase for every ray of a block, at each of `scales` scales. Canonical texts come first. One
 * workgroup renders a ray at a scale: u = Σ_j w_j y_j/‖y_j‖, then its products with the texts. Without canonical texts
 * the maps are those products, u of unit length.
 */
export const relevancyKernel = defineKernel({
  name: 'relevancy',
  params: {
    rays: 'u32',
    firstRay: 'u32',
    points: 'u32',
    firstPoint: 'u32',
    vectors: 'u32',
    scales: 'u32',
    firstScale: 'u32',
    phrases: 'u32',
    canonical: 'u32',
    mapRays: 'u32',
  },
  buffers: {
    rows: read('vec4<f32>', '[scales, points, 4 · vectors] embeddings in the row space, not unit length'),
    listWeights: read('f32', '[points of the block], which begins at firstPoint'),
    spans: read('vec2<u32>', '[all rays] first point in the block, points'),
    texts: read('vec4<f32>', '[canonical + phrases, 4 · vectors] in the row space'),
    slots: read('u32', '[all scales, phrases] number of the map, or none'),
    maps: write('f32', '[maps, mapRays] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, scales, vectors }) {
    if (4 * vectors > maxRank) throw new Error(`a row space of ${4 * vectors}; the kernel holds ${maxRank}`);
    return rays * scales;
  },
  sums: ['total'],
  declarations: /* wgsl */ `
    var<workgroup> rendered: array<vec4<f32>, ${maxRank / 4}>; // a lane touches its own vectors only
    fn isUsable(square: f32) -> bool {
      return square > ${zeroNorm ** 2} && (bitcast<u32>(square) & 0x7f800000u) != 0x7f800000u;
    }
  `,
  body: /* wgsl */ `
    let scale = group / params.rays;
    let ray = params.firstRay + group % params.rays;
    let span = spans[ray];
    let first = scale * params.points + params.firstPoint + span.x;
    ${ownVectors('rendered[v] = vec4<f32>(0.0);')}
    for (var j = 0u; j < span.y; j += 4) {
      var own = vec4<f32>(0.0);
      ${ownVectors(`for (var q = 0u; q < 4 && j + q < span.y; q++) {
        let row = rows[(first + j + q) * params.vectors + v];
        own[q] += dot(row, row);
      }`)}
      let squares = total(own, lane);
      for (var q = 0u; q < 4 && j + q < span.y; q++) {
        if (!isUsable(squares[q])) { continue; }
        let share = listWeights[span.x + j + q] / sqrt(squares[q]);
        ${ownVectors('rendered[v] = fma(vec4<f32>(share), rows[(first + j + q) * params.vectors + v], rendered[v]);')}
      }
    }
    var own = vec4<f32>(0.0);
    ${ownVectors('own.x += dot(rendered[v], rendered[v]);')}
    let square = total(own, lane).x;
    let inverse = select(0.0, inverseSqrt(square), isUsable(square));
    var best = -1e30;
    for (var t = 0u; t < params.canonical + params.phrases; t += 4) {
      own = vec4<f32>(0.0);
      for (var q = 0u; q < 4 && t + q < params.canonical + params.phrases; q++) {
        ${ownVectors('own[q] += dot(rendered[v], texts[(t + q) * params.vectors + v]);')}
      }
      let cosines = total(own, lane) * inverse;
      for (var q = 0u; q < 4 && t + q < params.canonical + params.phrases; q++) {
        if (t + q < params.canonical) { best = max(best, cosines[q]); continue; }
        let slot = slots[(params.firstScale + scale) * params.phrases + t + q - params.canonical];
        if (lane == 0 && slot != ${noMap}u) {
          let relevancy = 1.0 / (1.0 + exp(-${inverseTemperature}.0 * (cosines[q] - best)));
          maps[slot * params.mapRays + ray] = select(relevancy, cosines[q], params.canonical == 0u);
        }
      }
    }
  `,
});

/** sums [rays, width] = Σ_j w_j rows_j of every ray of a block; width = 4 · vectors. */
export const sumFeaturesKernel = defineKernel({
  name: 'sum-features',
  params: { rays: 'u32', firstRay: 'u32', firstPoint: 'u32', vectors: 'u32' },
  buffers: {
    rows: read('vec4<f32>', '[points, width]'),
    listWeights: read('f32', '[points of the block], which begins at firstPoint'),
    spans: read('vec2<u32>', '[all rays] first point in the block, points'),
    sums: write('vec4<f32>', '[rays, width] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, vectors }) => rays * vectors,
  body: /* wgsl */ `
    let span = spans[params.firstRay + index / params.vectors];
    var sum = vec4<f32>(0.0);
    for (var j = span.x; j < span.x + span.y; j++) {
      let row = rows[(params.firstPoint + j) * params.vectors + index % params.vectors];
      sum = fma(vec4<f32>(listWeights[j]), row, sum);
    }
    sums[index] = sum;
  `,
});
