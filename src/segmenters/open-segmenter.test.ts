import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/memory-files.ts';
import type { InferenceRuntime } from '../encoders/inference-runtime.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import type { RegionMap } from '../regions/region-map.ts';
import type { Segmenter } from '../regions/segmenter.ts';
import { openSegmenter } from './open-segmenter.ts';
import * as tiny from './tiny-segmenters.fixture.ts';

const [red, green, grey] = [
  [255, 0, 0],
  [0, 255, 0],
  [130, 130, 130],
];
/** On cells of 4 pixels: a red block, a green one in it, and black round them. */
const photo = tiny.photoWith({ box: [8, 8, 40, 40], colour: red }, { box: [16, 16, 28, 28], colour: green });

let runtime: InferenceRuntime;
beforeAll(async () => {
  runtime = await loadNodeRuntime();
});
const opened: Segmenter[] = [];
afterEach(async () => {
  for (const segmenter of opened.splice(0)) await segmenter.close?.();
});

type Contents = Record<string, object | Uint8Array | undefined>;

async function open(contents: Contents): Promise<Segmenter> {
  const files = memoryFiles();
  await tiny.writeFolder(files, 'models/tiny', contents);
  const segmenter = await openSegmenter('models/tiny', files, runtime, { threads: 1 });
  opened.push(segmenter);
  return segmenter;
}

const at = ({ width, ids }: RegionMap, x: number, y: number) => ids[y * width + x];

/** The three things have ids of their own, whole, and nothing is left. */
function expectThreeRegions(map: RegionMap): void {
  const [background, block, inner] = [at(map, 2, 2), at(map, 10, 10), at(map, 20, 20)];
  expect(new Set([background, block, inner]).size).toBe(3);
  const expected = map.ids.map((_, i) => {
    const [x, y] = [i % map.width, Math.floor(i / map.width)];
    const within = (from: number, to: number) => x >= from && x < to && y >= from && y < to;
    return within(16, 28) ? inner : within(8, 40) ? block : background;
  });
  // Masks are a quarter of the size: a contour may be off by some pixels, a region may not.
  const wrong = map.ids.reduce((count, id, i) => count + (id === expected[i] ? 0 : 1), 0);
  expect(wrong / map.ids.length).toBeLessThan(0.08);
  expect(map.ids.every((id) => id > 0)).toBe(true);
  const inside = [
    [10, 10],
    [20, 20],
    [37, 20],
    [20, 37],
    [60, 45],
    [2, 45],
  ];
  for (const [x, y] of inside) expect(at(map, x, y), `${x}, ${y}`).toBe(at({ ...map, ids: expected }, x, y));
}

const samFolder = (description: object = tiny.samDescription): Contents => ({
  'segmenter.json': description,
  'encoder.onnx': tiny.samEncoderGraph(tiny.samNames, 64),
  'decoder.onnx': tiny.samDecoderGraph(tiny.samNames, 64),
});

describe('class and mask queries', () => {
  it.each<[string, Contents]>([
    ['DETR with masks, aspect kept', { 'segmenter.json': tiny.detrDescription, 'model.onnx': tiny.detrGraph() }],
    ['OneFormer with its task', { 'segmenter.json': tiny.oneFormerDescription, 'model.onnx': tiny.oneFormerGraph() }],
    [
      'MaskFormer, mask of the size of the picture',
      {
        'segmenter.json': {
          ...tiny.oneFormerDescription,
          constants: [],
          image: { ...tiny.plainPixels, size: [48, 64], mask: { input: 'pixel_mask' } },
        },
        'model.onnx': tiny.maskFormerGraph(),
      },
    ],
  ])('%s', async (_, contents) => {
    const map = await (await open(contents)).segment('a.png', photo);
    expectThreeRegions(map);
    expect(Math.max(...map.ids)).toBe(3);
  });

  it('come back from padding and stretching to the photo', async () => {
    for (const image of [
      { size: [64, 64], fit: 'pad', padValue: 0 },
      { size: [64, 64], fit: 'letterbox', padValue: 0 },
      { size: [96, 64] },
    ]) {
      const description = { ...tiny.detrDescription, image: { ...tiny.detrDescription.image, ...image } };
      const segmenter = await open({ 'segmenter.json': description, 'model.onnx': tiny.detrGraph() });
      expectThreeRegions(await segmenter.segment('a.png', photo));
    }
  });

  it('that win too little of what they claim are dropped, and their pixels become regions of their own', async () => {
    // Blue claims what is red too, is less sure of it, and wins the blue block alone: less than 80 %.
    const queries = tiny.colourQueries.map((query, i) =>
      i === 2 ? { weights: [20, -40, 20], bias: -10, classes: [4, 0, 0] } : query,
    );
    const two = tiny.photoWith({ box: [8, 8, 32, 40], colour: red }, { box: [40, 8, 56, 24], colour: [0, 0, 255] });
    const folder = { 'segmenter.json': tiny.detrDescription, 'model.onnx': tiny.detrGraph(queries) };
    const map = await (await open(folder)).segment('a.png', two);
    // Red, dark, and the piece that nobody has.
    expect(new Set(map.ids).size).toBe(3);
    expect(at(map, 44, 12)).toBe(3);
    const { decoding } = tiny.detrDescription;
    const lenient = { ...tiny.detrDescription, decoding: { ...decoding, overlapThreshold: 0 } };
    const kept = await (await open({ ...folder, 'segmenter.json': lenient })).segment('a.png', two);
    expect(at(kept, 44, 12)).toBe(2);
    // Slivers go to a neighbour.
    const coarse = { ...tiny.detrDescription, minArea: 0.1 };
    const joined = await (await open({ ...folder, 'segmenter.json': coarse })).segment('a.png', two);
    expect(at(joined, 44, 12)).toBe(at(joined, 60, 12));
  });
});

describe('automatic masks from points', () => {
  it('keep stable masks, once each, smaller ones on top', async () => {
    const map = await (await open(samFolder())).segment('a.png', photo);
    expectThreeRegions(map);
  });

  it('leave what no mask covers as regions of its own', async () => {
    const strict = { ...tiny.samDescription.decoding, scoreThreshold: 0.92 };
    const points = { ...strict, pointsPerSide: 1 };
    const map = await (await open(samFolder({ ...tiny.samDescription, decoding: points }))).segment('a.png', photo);
    // The one point, in the middle of the photo, is red: the rest is what is outside and what is inside.
    expectThreeRegions(map);
  });

  it('of SAM 2 take three embeddings and no boxes', async () => {
    const names = [0, 1, 2].map((level) => `image_embeddings.${level}`);
    const decoder = {
      file: 'decoder.onnx',
      constants: [{ input: 'input_boxes', type: 'float32', shape: [1, 0, 4] }],
    };
    const decoding = { ...tiny.samDescription.decoding, embeddings: names, decoder };
    const segmenter = await open({
      'segmenter.json': { ...tiny.samDescription, decoding },
      'encoder.onnx': tiny.samEncoderGraph(names, 64),
      'decoder.onnx': tiny.samDecoderGraph(names, 64, true),
    });
    expectThreeRegions(await segmenter.segment('a.png', photo));
  });

  it('load their graphs only when a photo comes', async () => {
    const broken = await open({ ...samFolder(), 'decoder.onnx': new Uint8Array(8) });
    expect(broken.identity).toMatch(/^[0-9a-f]{64}$/);
    await expect(broken.segment('a.png', photo)).rejects.toThrow(/decoder\.onnx: ONNX Runtime cannot load this graph/);
  });

  it('may be closed and used again', async () => {
    const segmenter = await open(samFolder());
    const first = await segmenter.segment('a.png', photo);
    await segmenter.close?.();
    expect((await segmenter.segment('a.png', photo)).ids).toEqual(first.ids);
  });
});

it('the identity is that of everything that decides the map', async () => {
  const identity = async (contents: Contents) => (await open(contents)).identity;
  const base = { 'segmenter.json': tiny.detrDescription, 'model.onnx': tiny.detrGraph() };
  const first = await identity(base);
  expect(await identity({ ...base, 'segmenter.json': { ...tiny.detrDescription, name: 'other', licence: 'x' } })).toBe(
    first,
  );
  const others = [
    { ...base, 'segmenter.json': { ...tiny.detrDescription, minArea: 0.1 } },
    { ...base, 'model.onnx': tiny.detrGraph(tiny.colourQueries.slice(0, 4)) },
    samFolder(),
  ];
  const identities = [first];
  for (const other of others) identities.push(await identity(other));
  expect(new Set(identities).size).toBe(4);
});

describe('mistakes in a folder are one line with file and field', () => {
  const detr = { 'segmenter.json': tiny.detrDescription, 'model.onnx': tiny.detrGraph() };
  const edited = (edit: object): Contents => ({ ...detr, 'segmenter.json': { ...tiny.detrDescription, ...edit } });
  const decoding = (edit: object) => edited({ decoding: { ...tiny.detrDescription.decoding, ...edit } });
  const sam = (edit: object) =>
    samFolder({ ...tiny.samDescription, decoding: { ...tiny.samDescription.decoding, ...edit } });
  it.each<[string, Contents, RegExp]>([
    ['nothing here', {}, /--segmenter: there is no segmenter here \(found models\/tiny; expected builtin, files:/],
    ['no graph', { ...detr, 'model.onnx': undefined }, /segmenter\.json: file: names a file that does not exist/],
    ['half a graph', { ...detr, 'model.onnx': tiny.detrGraph().slice(0, 90) }, /model\.onnx: ONNX Runtime cannot load/],
    ['another kind', decoding({ kind: 'boxes' }), /segmenter\.json: decoding\.kind: .*expected queries or points/],
    ['a misspelt field', decoding({ treshold: 1 }), /decoding: .*found treshold/],
    ['a threshold in per cent', decoding({ scoreThreshold: 50 }), /decoding\.scoreThreshold: .*found 50/],
    ['another output', decoding({ masks: 'masks' }), /model\.onnx: decoding\.masks: .*expected masks/],
    ['classes for masks', decoding({ masks: 'logits' }), /decoding\.masks: .*found \[1, 7, 3\]; expected \[1, 7, rows/],
    ['no mask input', edited({ image: tiny.oneFormerDescription.image }), /needs an input.*found pixel_mask/],
    [
      'a task of another length',
      {
        'segmenter.json': {
          ...tiny.oneFormerDescription,
          constants: [{ input: 'task_inputs', shape: [1, 4], values: [1, 2] }],
        },
        'model.onnx': tiny.oneFormerGraph(),
      },
      /segmenter\.json: constants\.0\.values: .*found 2 numbers; expected 4/,
    ],
    ['no decoder', { ...samFolder(), 'decoder.onnx': undefined }, /decoding\.decoder\.file: names a file/],
    [
      'other embeddings',
      sam({ embeddings: ['image_embeddings'] }),
      /decoder\.onnx: .*found image_positional_embeddings/,
    ],
    [
      'scores for masks',
      sam({ decoder: { file: 'decoder.onnx', masks: 'iou_scores' } }),
      /decoder\.onnx: decoding\.decoder\.masks: .*found \[1, 10, 3\]/,
    ],
    [
      'a config without preprocessing',
      { 'config.json': { model_type: 'detr' }, 'onnx/model.onnx': tiny.detrGraph() },
      /no preprocessor_config\.json/,
    ],
  ])('%s', async (_, contents, message) => {
    const work = open(contents).then((segmenter) => segmenter.segment('a.png', photo));
    const error = await work.catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'LangfieldError' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });
});

describe('a grey photo', () => {
  it('that no mask covers is one region', async () => {
    const segmenter = await open({
      'segmenter.json': tiny.detrDescription,
      'model.onnx': tiny.detrGraph([tiny.colourQueries[5]]),
    });
    const map = await segmenter.segment('a.png', tiny.photoWith({ box: [0, 0, 64, 48], colour: grey }));
    expect(new Set(map.ids)).toEqual(new Set([1]));
  });
});
