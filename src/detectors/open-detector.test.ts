import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MemoryFiles, memoryFiles } from '../../test/memory-files.ts';
import type { InferenceRuntime } from '../encoders/inference-runtime.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import type { Detector } from './detector.ts';
import { openDetector } from './open-detector.ts';
import * as tiny from './tiny-detectors.fixture.ts';

const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];

let runtime: InferenceRuntime;
beforeAll(async () => {
  runtime = await loadNodeRuntime();
});

const opened: Detector[] = [];
afterEach(async () => {
  for (const detector of opened.splice(0)) await detector.close();
});

async function open(
  description: object,
  model: Uint8Array | undefined,
  more: Record<string, string | Uint8Array | undefined> = {},
): Promise<Detector> {
  const files: MemoryFiles = memoryFiles();
  await tiny.writeDetector(files, 'owl', description, model, more);
  const detector = await openDetector('owl', files, runtime, { threads: 1 });
  opened.push(detector);
  return detector;
}

/** The photo of 64 × 48, stretched to 32 × 32, has cells of 16 × 12. Red fills cell (1, 2), green cell (3, 0). */
const photo = tiny.photoWith({ box: [32, 12, 48, 24], colour: red }, { box: [0, 36, 16, 48], colour: green });
const closedSets = {
  'DETR, softmax with a last background, pixel_mask': [tiny.detrDescription, tiny.detrGraph()],
  'corners in pixels, first background, objectness apart': [tiny.cornersDescription, tiny.cornersGraph()],
  'YOLOv8, columns first': [tiny.yoloDescription(8), tiny.yoloGraph(8)],
  'YOLOv5, rows first with objectness': [tiny.yoloDescription(5), tiny.yoloGraph(5)],
} as const;

describe.each(Object.entries(closedSets))('a closed set: %s', (_, [description, model]) => {
  it('finds the class of a phrase where it is', async () => {
    const detector = await open(description, model);
    const [reds, greens, foxes] = await detector.detect(photo, ['red', 'green', 'fox']);
    expect(reds[0].box).toEqual([32, 12, 48, 24]);
    expect(greens[0].box).toEqual([0, 36, 16, 48]);
    expect(reds[0].score).toBeGreaterThan(0.4);
    expect(foxes).toEqual([]);
    expect([detector.expresses('red'), detector.expresses('fox')]).toEqual([true, false]);
  });
});

it('scores are what the layouts say', async () => {
  const score = async (name: keyof typeof closedSets) => {
    const [description, model] = closedSets[name];
    return (await (await open(description, model)).detect(photo, ['red']))[0][0].score;
  };
  const e = Math.exp;
  expect(await score('DETR, softmax with a last background, pixel_mask')).toBeCloseTo(e(10) / (e(10) + 2 + e(4)), 5);
  expect(await score('corners in pixels, first background, objectness apart')).toBeCloseTo(0.5 / (1 + e(-10)), 5);
  expect(await score('YOLOv8, columns first')).toBeCloseTo(1, 5);
  expect(await score('YOLOv5, rows first with objectness')).toBeCloseTo(0.5, 5);
});

describe('phrases of a closed set', () => {
  it('are class names whatever their case, hyphens and spaces, and the listed synonyms', async () => {
    const synonyms = { red: ['Reds', 'warm'], green: ['warm'] };
    const classes = 'red\ntraffic light\ngreen';
    const detector = await open({ ...tiny.yoloDescription(8), synonyms }, tiny.yoloGraph(8), {
      'classes.txt': classes,
    });
    const expressed = ['RED', 'reds', 'Traffic-Light', 'traffic  light', 'warm', 'a red', 'lights', ''];
    expect(expressed.map((phrase) => detector.expresses(phrase))).toEqual([
      true,
      true,
      true,
      true,
      true,
      ...[false, false, false],
    ]);
    // "warm" is red or what stands third here, which the graph takes for blue.
    const [warm] = await detector.detect(tiny.photoWith({ box: [48, 0, 64, 12], colour: blue }), ['warm']);
    expect(warm[0].box).toEqual([48, 0, 64, 12]);
  });

  it('get a box only where their class scores highest, unless labels is "all"', async () => {
    const brownish = tiny.photoWith({ box: [0, 0, 16, 12], colour: [255, 128, 0] });
    const best = await open(tiny.yoloDescription(8), tiny.yoloGraph(8));
    expect((await best.detect(brownish, ['green']))[0]).toEqual([]);
    const all = await open({ ...tiny.yoloDescription(8), labels: 'all' }, tiny.yoloGraph(8));
    expect((await all.detect(brownish, ['green']))[0]).toMatchObject([{ box: [0, 0, 16, 12] }]);
  });
});

describe('the picture', () => {
  it('is padded right and below, or all round, and boxes come back to the photo and end at its border', async () => {
    const square = tiny.photoWith({ box: [32, 16, 48, 32], colour: red });
    const padded = await open(
      { ...tiny.yoloDescription(8), image: { ...tiny.cornersDescription.image, fit: 'pad' } },
      tiny.yoloGraph(8),
    );
    expect((await padded.detect(square, ['red']))[0][0].box).toEqual([32, 16, 48, 32]);
    const boxed = await open(
      { ...tiny.yoloDescription(8), image: { ...tiny.cornersDescription.image, fit: 'letterbox', padValue: 0 } },
      tiny.yoloGraph(8),
    );
    // Eight rows of padding above: cells begin 8 above the photo, and the first row of cells is cut there.
    const high = tiny.photoWith({ box: [0, 0, 16, 8], colour: red });
    expect((await boxed.detect(high, ['red']))[0][0].box).toEqual([0, 0, 16, 8]);
    expect((await boxed.detect(tiny.photoWith({ box: [16, 8, 32, 24], colour: red }), ['red']))[0][0].box).toEqual([
      16, 8, 32, 24,
    ]);
  });

  it('is turned to BGR, normalised, and may be grey, 16-bit or have alpha', async () => {
    const image = { ...tiny.cornersDescription.image, channels: 'bgr' };
    const bgr = await open({ ...tiny.yoloDescription(8), image }, tiny.yoloGraph(8));
    expect((await bgr.detect(photo, ['blue']))[0][0].box).toEqual([32, 12, 48, 24]);
    const rgb = await open(
      { ...tiny.yoloDescription(8), labels: 'all', image: { ...tiny.cornersDescription.image, std: [0.5, 1, 1] } },
      tiny.yoloGraph(8),
    );
    const grey = Uint16Array.from({ length: 64 * 48 }, (_, i) => (i % 64 < 16 && i < 12 * 64 ? 65535 : 0));
    const [found] = await rgb.detect({ width: 64, height: 48, channels: 1, data: grey }, ['red']);
    expect(found).toEqual([{ box: [0, 0, 16, 12], score: 2 }]);
    const alpha = Uint8Array.from({ length: 4 * 64 * 48 }, (_, i) =>
      i % 4 === 3 ? 7 : photo.data[3 * (i >> 2) + (i % 4)],
    );
    const [same] = await bgr.detect({ width: 64, height: 48, channels: 4, data: alpha }, ['blue']);
    expect(same[0].box).toEqual([32, 12, 48, 24]);
  });
});

describe('zero-shot queries (OWL-ViT, OWLv2)', () => {
  it('answer any phrase, each for itself, the padding masked', async () => {
    const detector = await open(tiny.owlDescription, tiny.owlGraph());
    expect(detector.expresses('anything at all')).toBe(true);
    const [greens, reds] = await detector.detect(photo, ['green', 'red']);
    expect(greens[0].box).toEqual([0, 36, 16, 48]);
    expect(reds[0].box).toEqual([32, 12, 48, 24]);
    expect(reds[0].score).toBeCloseTo(1 / (1 + Math.exp(-10)), 6);
    expect(reds).toHaveLength(16);
    expect(await detector.detect(photo, [])).toEqual([]);
  });

  it('run as often as a graph with a fixed number of phrases needs', async () => {
    const detector = await open(tiny.owlDescription, tiny.owlGraph(2));
    const found = await detector.detect(photo, ['green', 'red', 'green']);
    expect(found.map(([best]) => best.box[0])).toEqual([0, 32, 0]);
  });

  it('keep to the threshold, and drop near copies on request', async () => {
    const strict = { ...tiny.owlDescription, scoreThreshold: 0.5, nms: { iou: 0.5 } };
    const [reds, blues] = await (await open(strict, tiny.owlGraph())).detect(photo, ['red', 'blue']);
    expect(reds).toHaveLength(1);
    expect(blues).toEqual([]);
  });
});

describe('mistakes in a folder are one line with file and field', () => {
  const yolo = tiny.yoloDescription(8);
  const cases: [string, object, Uint8Array | undefined, Record<string, string | undefined>, RegExp][] = [
    [
      'no graph',
      yolo,
      undefined,
      {},
      /detector\.json: file: names a file.*found model\.onnx; expected.*owl\/model\.onnx/,
    ],
    ['half a graph', yolo, tiny.yoloGraph(8).slice(0, 200), {}, /model\.onnx: ONNX Runtime cannot load this graph/],
    ['no detector.json', yolo, undefined, { 'detector.json': undefined }, /owl: there is no detector folder here/],
    ['broken JSON', yolo, undefined, { 'detector.json': '{' }, /detector\.json: this is not valid JSON/],
    [
      'another kind',
      { ...yolo, decoding: { kind: 'ssd' } },
      undefined,
      {},
      /decoding\.kind: .*expected fastestdet, boxes, rows/,
    ],
    ['a misspelt field', { ...yolo, image: { ...yolo.image, Mean: 1 } }, undefined, {}, /image: .*found Mean/],
    ['no class file', { ...yolo, classes: 'coco.names' }, tiny.yoloGraph(8), {}, /classes: names a file.*coco\.names/],
    ['no classes', { ...yolo, classes: undefined }, undefined, {}, /classes: the field is missing.*"rows"/],
    [
      'two classes too few',
      yolo,
      tiny.yoloGraph(8),
      { 'classes.txt': 'red\n' },
      /classes\.txt: classes: .*found 1 names; expected 3/,
    ],
    [
      'a class too many',
      tiny.detrDescription,
      tiny.detrGraph(),
      { 'classes.txt': 'a\nb\nc\nd' },
      /classes\.txt: .*found 4 names; expected 3/,
    ],
    [
      'a synonym of nothing',
      { ...yolo, synonyms: { pink: ['rose'] } },
      tiny.yoloGraph(8),
      {},
      /synonyms: .*found pink; expected a line of owl\/classes\.txt/,
    ],
    [
      'another output',
      { ...yolo, decoding: { ...yolo.decoding, output: 'out' } },
      tiny.yoloGraph(8),
      {},
      /model\.onnx: decoding\.output: .*found output0; expected out/,
    ],
    [
      'another input',
      { ...yolo, image: { ...yolo.image, input: 'x' } },
      tiny.yoloGraph(8),
      {},
      /image\.input: .*found images; expected x/,
    ],
    [
      'another size',
      { ...yolo, image: { ...yolo.image, size: 64 } },
      tiny.yoloGraph(8),
      {},
      /model\.onnx: image\.size: .*axis 2 .*found 32 in the graph; expected 64 by detector\.json/,
    ],
    [
      'rows for columns',
      { ...yolo, decoding: { ...yolo.decoding, axes: 'rows-first' } },
      tiny.yoloGraph(8),
      {},
      /classes\.txt: .*found 3 names; expected 12/,
    ],
    [
      'a tensor of other axes',
      { ...yolo, decoding: { kind: 'fastestdet', output: 'output0' } },
      tiny.yoloGraph(8),
      {},
      /decoding\.output: .*found \[1, 7, 16\]; expected \[1, 5 \+ classes, rows, cols\]/,
    ],
    [
      'scores for boxes',
      {
        ...tiny.detrDescription,
        decoding: { ...tiny.detrDescription.decoding, boxes: 'logits', scores: 'pred_boxes', background: 'none' },
      },
      tiny.detrGraph(),
      { 'classes.txt': 'a\nb\nc' },
      /found 3 names; expected 4/,
    ],
    [
      'an input nobody names',
      { ...tiny.detrDescription, image: { ...tiny.detrDescription.image, mask: undefined } },
      tiny.detrGraph(),
      {},
      /needs an input that detector\.json does not name.*found pixel_mask/,
    ],
    [
      'no text section',
      { ...tiny.owlDescription, text: undefined },
      undefined,
      {},
      /text: the section is missing.*"queries"/,
    ],
    [
      'no tokenizer',
      tiny.owlDescription,
      tiny.owlGraph(),
      { 'tokenizer.json': undefined },
      /detector\.json: text\.tokenizer: names a file that does not exist.*found tokenizer\.json/,
    ],
    [
      'a tokenizer that is none',
      tiny.owlDescription,
      tiny.owlGraph(),
      { 'tokenizer.json': '{"model": {"type": "Runes"}}' },
      /tokenizer\.json: the tokenizer cannot be read/,
    ],
    [
      'no {} in the prompt',
      { ...tiny.owlDescription, text: { ...tiny.owlDescription.text, prompt: 'a photo' } },
      undefined,
      {},
      /text\.prompt: .*\{\}/,
    ],
    [
      'boxes of another shape',
      { ...tiny.owlDescription, decoding: { kind: 'queries', boxes: 'image_embeds' } },
      tiny.owlGraph(),
      {},
      /decoding\.boxes: .*found \[1, 16, 3\]; expected \[1, n, 4\]/,
    ],
  ];
  it.each(cases)('%s', async (_, description, model, more, message) => {
    const error = await open(description, model, more).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'LangfieldError' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });

  it('a graph that computes nonsense', async () => {
    const image = { ...yolo.image, mean: [1e38, 1e38, 1e38], std: [1e-38, 1, 1] };
    await expect(open({ ...yolo, image }, tiny.yoloGraph(8))).rejects.toThrow(/model\.onnx: .*NaN or infinity/);
  });
});
