/**
 * Builds the colour-words encoder folder: `node models/colour-words/build.ts` writes encoder.json, image.onnx,
 * text.onnx, tokenizer.json and tokenizer_config.json beside this file. Nothing is trained: the image tower is
 * colour science written as standard ONNX operators, the text tower a table. README.md is the model card.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from './onnx.ts';
import { canonicalPhrases, colours, constantAxis, dim, neutralWords, oklab, palette, unknownAxis } from './palette.ts';

const opset = 13;
const side = 32;
/** Width of the window that makes the middle of a tile count most, as a share of its side. */
const windowSigma = 0.3;
/** Standard deviation of a look in Oklab; lightness counts less than hue and chroma, since light changes it. */
const lookSigma = 0.045;
const lightnessWeight = 0.55;
/**
 * Length of the constant axis beside the unit colour vector. A colour passes relevancy 0.5 when its share of the
 * colour vector is above this.
 */
const constant = 0.5;
/** Weight of words that are no colours, so that "red ball" means red. */
const faint = 0.003;

/** Linear sRGB to cone responses, and their cube roots to Oklab (B. Ottosson, 2020); rows are outputs. */
const toCones = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const toOklab = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

/** Logit of a look p at colour x: -|x - p|²/2σ² up to a term that all looks share, so it is affine in x. */
function lookLogits(): { matrix: number[]; bias: number[]; owners: number[] } {
  const metric = [lightnessWeight, 1, 1].map((weight) => weight / lookSigma);
  const looks = colours.flatMap((colour, owner) => palette[colour].looks.map((look) => ({ owner, at: oklab(look) })));
  const matrix = [0, 1, 2].flatMap((cone) =>
    looks.map(({ at }) => metric.reduce((sum, m, axis) => sum + m * m * at[axis] * toOklab[axis][cone], 0)),
  );
  const bias = looks.map(({ at }) => -0.5 * metric.reduce((sum, m, axis) => sum + (m * at[axis]) ** 2, 0));
  return { matrix, bias, owners: looks.map(({ owner }) => owner) };
}

/** pixels [N, 3, side, side] in 0..1 → embedding [N, dim]. */
export function imageGraph(): Uint8Array {
  const graph = new GraphBuilder('colour-words-image');
  const { matrix, bias, owners } = lookLogits();
  const looks = owners.length;
  const area = side * side;
  graph.input('pixels', 'float', ['N', 3, side, side]);
  // One row per pixel.
  graph.add('planes', 'Reshape', ['pixels', graph.integers('planes_shape', [-1, 3, area])]);
  graph.add('raw', 'Transpose', ['planes'], { perm: [0, 2, 1] });
  graph.add('srgb', 'Clip', ['raw', graph.floats('zero', [0]), graph.floats('one', [1])]);
  // sRGB to linear light.
  graph.add('low', 'Mul', ['srgb', graph.floats('low_slope', [1 / 12.92])]);
  graph.add('raised', 'Add', ['srgb', graph.floats('offset', [0.055])]);
  graph.add('scaled', 'Mul', ['raised', graph.floats('scale', [1 / 1.055])]);
  graph.add('high', 'Pow', ['scaled', graph.floats('gamma', [2.4])]);
  graph.add('is_low', 'LessOrEqual', ['srgb', graph.floats('knee', [0.04045])]);
  graph.add('linear', 'Where', ['is_low', 'low', 'high']);
  // Share of every look, pixel by pixel.
  const cones = [0, 1, 2].flatMap((channel) => toCones.map((row) => row[channel]));
  graph.add('cones', 'MatMul', ['linear', graph.floats('to_cones', cones, [3, 3])]);
  graph.add('roots', 'Pow', ['cones', graph.floats('third', [1 / 3])]);
  graph.add('products', 'MatMul', ['roots', graph.floats('look_matrix', matrix, [3, looks])]);
  graph.add('logits', 'Add', ['products', graph.floats('look_bias', bias, [looks])]);
  graph.add('shares', 'Softmax', ['logits'], { axis: -1 });
  // Weight of every pixel: the middle counts most, exact black (padding) not at all.
  graph.add('brightness', 'ReduceSum', ['srgb', graph.integers('channel_axis', [2])], { keepdims: 1 });
  graph.add('codes', 'Mul', ['brightness', graph.floats('code_scale', [255])]);
  graph.add('valid', 'Clip', ['codes', 'zero', 'one']);
  graph.add('weights', 'Mul', ['valid', graph.floats('window', windowWeights(), [1, area, 1])]);
  graph.add('weight_row', 'Transpose', ['weights'], { perm: [0, 2, 1] });
  graph.add('pooled_rows', 'MatMul', ['weight_row', 'shares']);
  graph.add('pooled', 'Squeeze', ['pooled_rows', graph.integers('row_axis', [1])]);
  const owned = owners.flatMap((owner) => colours.map((_, colour) => (colour === owner ? 1 : 0)));
  graph.add('colours', 'MatMul', ['pooled', graph.floats('owners', owned, [looks, colours.length])]);
  // Unit colour vector beside the constant axis; all padding leaves the constant alone.
  addNormalise(graph, 'unit_colours', 'colours', 1e-6);
  graph.add('padded', 'Pad', ['unit_colours', graph.integers('pads', [0, 0, 0, 2]), 'zero']);
  graph.add('with_constant', 'Add', ['padded', graph.floats('constant', axisVector(constantAxis, constant), [dim])]);
  addNormalise(graph, 'embedding', 'with_constant', 1e-12);
  graph.output('embedding', ['N', dim]);
  return graph.encode(opset, 'colour-words: names basic colours; see README.md');
}

/** ids [N, L] → embedding [N, dim]. */
export function textGraph(): Uint8Array {
  const graph = new GraphBuilder('colour-words-text');
  const words = vocabulary();
  const table = words.flatMap(({ axis, weight }) => axisVector(axis, weight));
  graph.input('ids', 'int64', ['N', 'L']);
  graph.add('rows', 'Gather', [graph.floats('table', table, [words.length, dim]), 'ids'], { axis: 0 });
  graph.add('sum', 'ReduceSum', ['rows', graph.integers('token_axis', [1])], { keepdims: 0 });
  // An empty text is an unknown one.
  graph.add('some', 'Add', ['sum', graph.floats('empty', axisVector(unknownAxis, 1e-6), [dim])]);
  addNormalise(graph, 'embedding', 'some', 0);
  graph.output('embedding', ['N', dim]);
  return graph.encode(opset, 'colour-words: a table of colour words; see README.md');
}

/** name = input / (|input| + floor), by rows. */
function addNormalise(graph: GraphBuilder, name: string, input: string, floor: number): void {
  graph.add(`${name}_length`, 'ReduceL2', [input], { axes: [-1], keepdims: 1 });
  graph.add(`${name}_safe`, 'Add', [`${name}_length`, graph.floats(`${name}_floor`, [floor])]);
  graph.add(name, 'Div', [input, `${name}_safe`]);
}

function axisVector(axis: number, value: number): number[] {
  return Array.from({ length: dim }, (_, index) => (index === axis ? value : 0));
}

/** Gaussian over the tile, summing to one. */
function windowWeights(): number[] {
  const offset = (index: number) => (index + 0.5) / side - 0.5;
  const weights = Array.from({ length: side * side }, (_, pixel) => {
    const squared = offset(Math.floor(pixel / side)) ** 2 + offset(pixel % side) ** 2;
    return Math.exp(-squared / (2 * windowSigma ** 2));
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Token ids are positions in this list. */
function vocabulary(): { word: string; axis: number; weight: number }[] {
  return [
    { word: '[PAD]', axis: unknownAxis, weight: 0 },
    { word: '[UNK]', axis: unknownAxis, weight: faint },
    ...[...canonicalPhrases, ...neutralWords].map((word) => ({ word, axis: constantAxis, weight: faint })),
    ...colours.flatMap((colour, axis) => palette[colour].words.map((word) => ({ word, axis, weight: 1 }))),
  ];
}

function tokenizer(): object {
  const special = (id: number, content: string) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(0, '[PAD]'), special(1, '[UNK]')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Lowercase' },
        // "light-blue", "dark_red" and "red, blue" are words side by side.
        { type: 'Replace', pattern: { Regex: '[^\\p{L}\\p{N}]+' }, content: ' ' },
        { type: 'Strip', strip_left: true, strip_right: true },
      ],
    },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    // The JavaScript library looks words up as unknown only when continuing_subword_prefix is there.
    model: {
      type: 'WordLevel',
      continuing_subword_prefix: '##',
      vocab: Object.fromEntries(vocabulary().map(({ word }, id) => [word, id])),
      unk_token: '[UNK]',
    },
  };
}

function description(): object {
  return {
    name: 'colour-words',
    dim,
    image: {
      file: 'image.onnx',
      input: 'pixels',
      output: 'embedding',
      size: side,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      interpolation: 'bilinear',
    },
    text: {
      file: 'text.onnx',
      input: 'ids',
      output: 'embedding',
      tokenizer: 'tokenizer.json',
      contextLength: 16,
      padId: 0,
      unkId: 1,
    },
    canonicalPhrases,
    licence: 'Apache-2.0',
    source: 'built by build.ts of this folder',
  };
}

/** Lists of plain values stay on one line, as the repository's formatter has them. */
function json(value: object): Uint8Array {
  const text = JSON.stringify(value, undefined, 2).replace(
    /\[\s+([^[\]{}]*?)\s+\]/g,
    (_, items: string) => `[${items.replace(/\s*\n\s*/g, ' ')}]`,
  );
  return new TextEncoder().encode(`${text}\n`);
}

/** Every file of the folder by name. */
export function buildFiles(): Map<string, Uint8Array> {
  return new Map([
    ['encoder.json', json(description())],
    ['image.onnx', imageGraph()],
    ['text.onnx', textGraph()],
    ['tokenizer.json', json(tokenizer())],
    [
      'tokenizer_config.json',
      json({
        tokenizer_class: 'PreTrainedTokenizerFast',
        unk_token: '[UNK]',
        pad_token: '[PAD]',
        model_max_length: 16,
      }),
    ],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, bytes] of buildFiles()) {
    writeFileSync(new URL(name, import.meta.url), bytes);
    console.log(`${name}: ${bytes.length} bytes`);
  }
