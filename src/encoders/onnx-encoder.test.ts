import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type TinyEncoderOptions,
  tinyDenseGraph,
  tinyImageGraph,
  tinyTextGraph,
  writeTinyEncoder,
} from '../../test/tiny-encoder.ts';
import { LangfieldError } from '../errors.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { InferenceRuntime } from './inference-runtime.ts';
import { loadNodeRuntime } from './node-runtime.ts';
import { openEncoder } from './onnx-encoder.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-encoder-'));
let runtime: InferenceRuntime;
let count = 0;

beforeAll(async () => {
  runtime = await loadNodeRuntime();
});
afterAll(() => rmSync(root, { recursive: true }));

const tiny = (options?: TinyEncoderOptions) => writeTinyEncoder(join(root, String(count++)), options);
const open = (folder: string) => openEncoder(folder, files, runtime, { threads: 1 });

function flat(side: number, ...colours: [number, number, number][]) {
  const data = new Uint8Array(colours.length * 3 * side * side);
  colours.forEach((colour, tile) => {
    for (let i = 0; i < side * side; i++) data.set(colour, 3 * (tile * side * side + i));
  });
  return { count: colours.length, side, data };
}

describe('an encoder folder', () => {
  it('encodes tiles of any side and count, in order, to unit vectors', async () => {
    const encoder = await open(tiny());
    expect([encoder.name, encoder.dim, encoder.inputSide]).toEqual(['tiny', 4, 8]);
    expect(encoder.canonicalPhrases).toEqual(['object', 'things', 'stuff', 'texture']);
    const colours = Array.from({ length: 11 }, (_, i) => [25 * i, 250 - 25 * i, 10] as [number, number, number]);
    const embeddings = await encoder.encodeImages(flat(20, ...colours));
    colours.forEach(([r, g, b], tile) => {
      const expected = [r / 255, g / 255, b / 255, 0.25];
      const length = Math.hypot(...expected);
      expected.forEach((value, i) => {
        expect(embeddings[4 * tile + i]).toBeCloseTo(value / length, 5);
      });
    });
    await encoder.close();
  });

  it('encodes phrases, cut and padded to the context length', async () => {
    const encoder = await open(tiny());
    const texts = await encoder.encodeTexts(['RED', 'red green blue red', 'red red red red blue blue', '', 'nonsense']);
    const row = (i: number) => Array.from(texts.subarray(4 * i, 4 * i + 4), (value) => Number(value.toFixed(4)));
    expect(row(0)).toEqual([0.3162, 0, 0, 0.9487]);
    expect(row(1)).toEqual([0.8165, 0.4082, 0.4082, 0]);
    expect(row(2)).toEqual([1, 0, 0, 0]);
    expect(row(3)).toEqual([0, 0, 0, 1]);
    expect(row(4)).toEqual([0, 0, 0, 1]);
    expect(await encoder.encodeTexts([])).toEqual(new Float32Array(0));
    expect(encoder.dense).toBeUndefined();
    await encoder.close();
  });

  it('writes the end token over the last place of a phrase that is cut, when the folder names one', async () => {
    const encoder = await open(tiny({ edit: (description) => Object.assign(description.text, { endId: 7 }) }));
    const cut = await encoder.encodeTexts(['red red red red red', 'red red red red']);
    expect(Array.from(cut.subarray(0, 2), (value) => Number(value.toFixed(3)))).toEqual([0.949, 0.316]);
    expect(cut[4]).toBe(1);
    await encoder.close();
  });

  it('serves graphs whose batch is fixed', async () => {
    const image = tinyImageGraph();
    const text = tinyTextGraph();
    image.inputs[0].shape = [2, 3, 8, 8];
    text.inputs[0].shape = [1, 4];
    image.outputs[0].shape = [2, 4];
    text.outputs[0].shape = [1, 4];
    const encoder = await open(tiny({ image, text }));
    const free = await open(tiny());
    const tiles = flat(8, [255, 0, 0], [0, 255, 0], [0, 0, 255]);
    expect(await encoder.encodeImages(tiles)).toEqual(await free.encodeImages(tiles));
    expect(await encoder.encodeTexts(['red', 'blue'])).toEqual(await free.encodeTexts(['red', 'blue']));
    await encoder.close();
    await free.close();
  });

  it('offers dense features when the folder has them', async () => {
    const encoder = await open(tiny({ dense: tinyDenseGraph() }));
    const rgb = new Uint8Array(3 * 40 * 20);
    for (let row = 0; row < 20; row++)
      for (let col = 0; col < 40; col++) rgb.set([col < 20 ? 255 : 0, row < 10 ? 255 : 0, 9], 3 * (row * 40 + col));
    const { rows, cols, features } = await encoder.dense!.encodePhoto({ width: 40, height: 20, rgb });
    expect([encoder.dense!.dim, rows, cols]).toEqual([2, 4, 8]);
    const at = (row: number, col: number) =>
      Array.from(features.subarray(2 * (row * 8 + col), 2 * (row * 8 + col) + 2));
    expect(at(0, 0)).toEqual([1, 1]);
    expect(at(3, 0)).toEqual([1, 0]);
    expect(at(0, 7)).toEqual([0, 1]);
    await encoder.close();
  });

  it('has an identity that follows graphs and preprocessing, not names and licences', async () => {
    const identity = async (options?: TinyEncoderOptions) => {
      const encoder = await open(tiny(options));
      await encoder.close();
      return encoder.identity;
    };
    const base = await identity();
    expect(await identity({ edit: (d) => Object.assign(d, { name: 'other', licence: 'MIT' }) })).toBe(base);
    expect(await identity({ edit: (d) => Object.assign(d.image, { antialias: true }) })).not.toBe(base);
    expect(await identity({ edit: (d) => Object.assign(d.image, { mean: [0, 0, 0.1] }) })).not.toBe(base);
    const image = tinyImageGraph();
    image.weights[1].data = Float32Array.of(0, 0, 0, 0.5);
    expect(await identity({ image })).not.toBe(base);
  });
});

describe('a broken encoder folder gives one clear line', () => {
  const edit = (section: string, change: object) => ({
    edit: (d: Record<string, Record<string, unknown>>) => void Object.assign(section === '' ? d : d[section], change),
  });
  const image = (change: (graph: ReturnType<typeof tinyImageGraph>) => void) => {
    const graph = tinyImageGraph();
    change(graph);
    return { image: graph };
  };

  it.each<[string, TinyEncoderOptions, RegExp]>([
    ['input name', edit('image', { input: 'image' }), /image\.onnx: image\.input: .*found pixels; expected image\)/],
    ['output name', edit('text', { output: 'out' }), /text\.onnx: text\.output: .*found embedding; expected out\)/],
    ['image size', edit('image', { size: 16 }), /image\.onnx: image\.size: .*found 8 in the graph; expected 16/],
    ['width', edit('', { dim: 5 }), /image\.onnx: dim: .*found 4 in the graph; expected 5/],
    ['context', edit('text', { contextLength: 77 }), /text\.onnx: text\.contextLength: .*found 4.*expected 77/],
    ['layout', edit('image', { layout: 'nhwc' }), /image\.onnx: image\.\w+: .*axis/],
    ['mask input', edit('text', { maskInput: 'mask' }), /text\.onnx: text\.maskInput: .*expected mask/],
    [
      'rank',
      image((g) => {
        g.outputs[0].shape = ['N', 3, 1, 1];
        g.nodes = [{ op: 'GlobalAveragePool', inputs: ['pixels'], output: 'embedding' }];
      }),
      /image\.onnx: image\.output: .*number of axes \(found \[N, 3, 1, 1\]; expected \[\?, 4\]\)/,
    ],
    ['type', image((g) => void (g.inputs[0].type = 'float64')), /image\.onnx/],
    [
      'width found only by running',
      image((g) => {
        g.inputs[0].shape = ['N', 'C', 'H', 'W'];
        g.outputs[0].shape = ['N', 'D'];
        g.nodes = [{ op: 'Flatten', inputs: ['pixels'], output: 'embedding', ints: { axis: 1 } }];
      }),
      /image\.onnx: embedding: .*found an output of shape \[1, 192\]; expected 4 numbers/,
    ],
    [
      'one more input',
      image((g) => g.inputs.push({ name: 'extra', type: 'float32', shape: [1] })),
      /image\.onnx: .*found extra; expected only pixels/,
    ],
    [
      'no direction',
      image(
        (g) =>
          (g.weights = [
            { ...g.weights[0], data: new Float32Array(12) },
            { ...g.weights[1], data: new Float32Array(4) },
          ]),
      ),
      /image\.onnx: .*without a direction/,
    ],
    ['missing field', { edit: (d) => void delete d.image.mean }, /encoder\.json: image\.mean: .*found nothing/],
    ['bad value', edit('image', { std: [1, 0, 1] }), /encoder\.json: image\.std\.1: .*found 0/],
    ['misspelt field', edit('image', { antialiass: true }), /encoder\.json: image: .*found antialiass/],
    ['missing file', edit('image', { file: 'picture.onnx' }), /encoder\.json: image\.file: .*found picture\.onnx/],
    ['missing tokenizer', edit('text', { tokenizer: 't.json' }), /encoder\.json: text\.tokenizer: .*found t\.json/],
    ['tokenizer that is not JSON', { tokenizer: '{' }, /tokenizer\.json: this is not valid JSON/],
    ['tokenizer of another kind', { tokenizer: '{"model": {"type": "?"}}' }, /tokenizer\.json: .*Hugging Face/],
    [
      'dense patch',
      { dense: tinyDenseGraph(), edit: (d) => void Object.assign(d.dense, { patch: 2 }) },
      /dense\.onnx: .*dense\.output/,
    ],
  ])('%s', async (_, options, expected) => {
    const folder = tiny(options);
    const error = await open(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LangfieldError);
    expect((error as Error).message).toMatch(expected);
    expect((error as Error).message).not.toContain('\n');
  });

  it('a graph that is not ONNX, a folder that is not there, encoder.json that is not JSON', async () => {
    const folder = tiny();
    writeFileSync(join(folder, 'text.onnx'), 'no graph');
    await expect(open(folder)).rejects.toThrow(/text\.onnx: ONNX Runtime cannot load this graph/);
    await expect(open(join(root, 'nowhere'))).rejects.toThrow(/nowhere: there is no encoder folder here/);
    await expect(open(tmpdir())).rejects.toThrow(
      /there is no encoder folder here \(expected a folder with encoder\.json/,
    );
    writeFileSync(join(folder, 'encoder.json'), '{"name": ');
    await expect(open(folder)).rejects.toThrow(/encoder\.json: this is not valid JSON/);
  });
});
