/** CLIP and SigLIP in the hub's ONNX layout, read by us and by Transformers.js: the same embeddings. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestDifference } from '../../test/recorded-vits.ts';
import { memoryFiles } from '../../test/memory-files.ts';
import * as reference from '../../test/transformers-js.ts';
import { randomUniform } from '../math/random.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { readEncoderFolder, textFiles } from './encoder-folder.ts';
import { loadNodeRuntime } from './node-runtime.ts';
import { openEncoder } from './onnx-encoder.ts';
import { openPhraseEncoder } from './phrase-encoder.ts';
import { GraphBuilder } from './vit/onnx-writer.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-hub-encoders-'));
beforeAll(() => reference.useLocalModels(root));
afterAll(() => rmSync(root, { recursive: true }));

const [side, dim, vocabulary, longest] = [16, 6, 20, 64];
const numbers = (seed: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => randomUniform(seed, 5, i) - 0.5);

/** An embedding that every pixel has a part in. */
function visionGraph(output: string): Uint8Array {
  const graph = new GraphBuilder('vision');
  const pixels = graph.input('pixel_values', 'float', ['batch_size', 'num_channels', 'height', 'width']);
  const flat = graph.add('flat', 'Reshape', [pixels, graph.integers('shape', [0, -1])]);
  const weights = graph.floats('weights', numbers(1, 3 * side * side * dim), [3 * side * side, dim]);
  graph.output(graph.add(output, 'MatMul', [flat, weights]), ['batch_size', dim]);
  graph.output(graph.add('last_hidden_state', 'Identity', [pixels]), ['batch_size', 'sequence_length', 'a', 'b']);
  return graph.encode(17, 'test');
}

/** Words weighted by their places: those up to the largest id (CLIP reads at its end token), or all (SigLIP). */
function textGraph(output: string, upTo: 'end' | 'all', hasMask: boolean): Uint8Array {
  const graph = new GraphBuilder('text');
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const table = graph.floats('table', numbers(2, vocabulary * dim), [vocabulary, dim]);
  const words = graph.add('words', 'Gather', [table, ids], { axis: 0 }); // [N, L, dim]
  const bounds = [
    graph.integers('zero', [0]),
    graph.add('length', 'Shape', [ids], { start: 1, end: 2 }),
    graph.integers('axis', [0]),
  ];
  const places = Float32Array.from({ length: longest }, (_, i) => i);
  const place = graph.add('place', 'Slice', [graph.floats('places', places, [longest]), ...bounds]);
  let weight = graph.add('weight', 'Slice', [graph.floats('place_weights', numbers(3, longest), [longest]), ...bounds]);
  if (upTo === 'end') {
    const end = graph.add('end', 'Cast', [graph.add('end_at', 'ArgMax', [ids], { axis: 1, keepdims: 1 })], { to: 1 });
    const kept = graph.add('kept', 'Cast', [graph.add('before', 'LessOrEqual', [place, end])], { to: 1 });
    weight = graph.add('kept_weight', 'Mul', [weight, kept]);
  }
  if (hasMask) {
    const mask = graph.add(
      'mask',
      'Cast',
      [graph.input('attention_mask', 'int64', ['batch_size', 'sequence_length'])],
      {
        to: 1,
      },
    );
    weight = graph.add('masked_weight', 'Mul', [weight, mask]);
  }
  const column = graph.add('column', 'Unsqueeze', [weight, graph.integers('last', [-1])]);
  const weighted = graph.add('weighted', 'Mul', [words, column]);
  graph.output(graph.add(output, 'ReduceSum', [weighted, graph.integers('tokens', [1])], { keepdims: 0 }), [
    'batch_size',
    dim,
  ]);
  return graph.encode(17, 'test');
}

function tokenizer(start: string | undefined, end: string): object {
  const special = [start, end].filter((content) => content !== undefined);
  const idOf = (content: string) => vocabulary - special.length + special.indexOf(content);
  return {
    ...{ version: '1.0', truncation: null, padding: null },
    added_tokens: special.map((content) => ({
      ...{ id: idOf(content), content, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [start, 'A', end]
        .filter((id) => id !== undefined)
        .map((id) => (id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } })),
      pair: [],
      special_tokens: Object.fromEntries(special.map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(Array.from({ length: vocabulary - special.length }, (_, id) => [`w${id}`, id])),
      unk_token: 'w1',
    },
  };
}

const pixels = { do_normalize: true, do_rescale: true, do_resize: true, rescale_factor: 1 / 255, resample: 3 };

async function write(name: string, contents: Record<string, object | Uint8Array>): Promise<string> {
  for (const [file, data] of Object.entries(contents))
    await files.writeAtomic(join(root, name, file), data instanceof Uint8Array ? data : JSON.stringify(data));
  return join(root, name);
}

const writeClip = (name: string, hasMask: boolean) =>
  write(name, {
    'config.json': {
      model_type: 'clip',
      projection_dim: dim,
      text_config: {
        model_type: 'clip_text_model',
        vocab_size: vocabulary,
        max_position_embeddings: 12,
        eos_token_id: 2,
      },
      vision_config: { model_type: 'clip_vision_model', image_size: side },
    },
    'preprocessor_config.json': {
      ...{ ...pixels, feature_extractor_type: 'CLIPFeatureExtractor', do_center_crop: true },
      ...{ crop_size: side, size: side, image_mean: [0.48, 0.46, 0.41], image_std: [0.27, 0.26, 0.28] },
    },
    'tokenizer.json': tokenizer('<start>', '<end>'),
    'tokenizer_config.json': { tokenizer_class: 'CLIPTokenizer', pad_token: '<end>', model_max_length: 12 },
    'onnx/vision_model.onnx': visionGraph('image_embeds'),
    'onnx/text_model.onnx': textGraph('text_embeds', 'end', hasMask),
  });

const writeSiglip = (name: string) =>
  write(name, {
    'config.json': {
      model_type: 'siglip',
      text_config: { model_type: 'siglip_text_model', vocab_size: vocabulary, max_position_embeddings: 12 },
      vision_config: { model_type: 'siglip_vision_model', hidden_size: dim, image_size: side },
    },
    'preprocessor_config.json': {
      ...{ ...pixels, image_processor_type: 'SiglipImageProcessor' },
      ...{ size: { height: side, width: side }, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
    },
    'tokenizer.json': tokenizer(undefined, '</s>'),
    'tokenizer_config.json': {
      tokenizer_class: 'SiglipTokenizer',
      pad_token: '</s>',
      eos_token: '</s>',
      model_max_length: 12,
    },
    'onnx/vision_model.onnx': visionGraph('pooler_output'),
    'onnx/text_model.onnx': textGraph('pooler_output', 'all', false),
  });

const texts = ['w3 w4', 'w5', 'w3 w4 w5 w6 w7 w8 w9 w3 w4 w5 w6 w7 w8'];
const rgb = Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * 47) % 256);
const picture = () => new reference.RawImage(new Uint8ClampedArray(rgb), side, side, 3);

function unit(values: Float32Array): Float32Array {
  return values.map((value, i) => {
    const row = values.subarray(dim * Math.floor(i / dim), dim * (Math.floor(i / dim) + 1));
    return value / Math.hypot(...row);
  });
}

async function ours(folder: string) {
  const encoder = await openEncoder(folder, files, await loadNodeRuntime(), { threads: 1 });
  const image = await encoder.encodeImages({ count: 1, side, data: rgb });
  const result = { encoder, image, text: await encoder.encodeTexts(texts) };
  await encoder.close();
  return result;
}

describe('a pair of towers', () => {
  it.each([
    ['clip', false],
    ['clip-with-mask', true],
  ])('%s: embeddings are those of Transformers.js', async (name, hasMask) => {
    const { encoder, image, text } = await ours(await writeClip(name, hasMask));
    expect([encoder.name, encoder.dim, encoder.inputSide]).toEqual([name, dim, side]);
    const processor = await reference.AutoProcessor.from_pretrained(name, reference.quiet);
    const vision = await reference.CLIPVisionModelWithProjection.from_pretrained(name, reference.quiet);
    const { image_embeds } = await vision(await processor(picture()));
    expect(largestDifference(image, [...unit(image_embeds.data)])).toBeLessThan(1e-5);
    const words = await reference.AutoTokenizer.from_pretrained(name, reference.quiet);
    const language = await reference.CLIPTextModelWithProjection.from_pretrained(name, reference.quiet);
    const { text_embeds } = await language(words(texts.slice(0, 2), { padding: true, truncation: true }));
    expect(largestDifference(text.slice(0, 2 * dim), [...unit(text_embeds.data)])).toBeLessThan(1e-5);
  });

  it('siglip: padding and its end token count, as in Transformers.js', async () => {
    const { image, text } = await ours(await writeSiglip('siglip'));
    const processor = await reference.AutoProcessor.from_pretrained('siglip', reference.quiet);
    const vision = await reference.SiglipVisionModel.from_pretrained('siglip', reference.quiet);
    const seen = await vision(await processor(picture()));
    expect(largestDifference(image, [...unit(seen.pooler_output.data)])).toBeLessThan(1e-5);
    const words = await reference.AutoTokenizer.from_pretrained('siglip', reference.quiet);
    const language = await reference.SiglipTextModel.from_pretrained('siglip', reference.quiet);
    const read = await language(words(texts.slice(0, 2), { padding: 'max_length', truncation: true }));
    expect(largestDifference(text.slice(0, 2 * dim), [...unit(read.pooler_output.data)])).toBeLessThan(1e-5);
    // A text that had to be cut still ends with its end token.
    const cut = `${texts[2].split(' ').slice(0, 11).join(' ')}`;
    const whole = await language(words([cut], { padding: 'max_length', truncation: true }));
    expect(largestDifference(text.slice(2 * dim), [...unit(whole.pooler_output.data)])).toBeLessThan(1e-5);
  });

  it.each([
    ['clip', () => writeClip('clip', false)],
    ['clip-with-mask', () => writeClip('clip-with-mask', true)],
    ['siglip', () => writeSiglip('siglip')],
  ])('%s: the text side opens alone, its description written as encoder.json', async (name, write) => {
    const path = await write();
    const { encoder, text } = await ours(path);
    const folder = await readEncoderFolder(path, files);
    const copy = memoryFiles();
    await copy.writeAtomic('side/encoder.json', JSON.stringify(folder.description));
    const names = await textFiles(folder, files);
    expect(names).toEqual(['onnx/text_model.onnx', 'tokenizer.json', 'tokenizer_config.json']);
    for (const file of names) await copy.writeAtomic(`side/${file}`, await files.readBytes(join(path, file)));
    const side = await openPhraseEncoder('side', folder.identity, copy, await loadNodeRuntime(), { threads: 1 });
    expect([side.name, side.dim, side.identity]).toEqual([name, dim, encoder.identity]);
    expect(await side.encodeTexts(texts)).toEqual(text);
    await side.close();
  });

  it('of another kind is refused by name', async () => {
    const folder = await writeClip('blip', false);
    await files.writeAtomic(join(folder, 'config.json'), '{"model_type": "blip", "architectures": ["BlipModel"]}');
    await expect(ours(folder)).rejects.toThrow(
      /config\.json: model_type: .*found blip, BlipModel; expected clip, siglip/,
    );
    await files.writeAtomic(join(folder, 'config.json'), '{"architectures": ["BlipModel"]}');
    await expect(ours(folder)).rejects.toThrow(/config\.json: model_type: .*found nothing/);
    await files.writeAtomic(join(folder, 'config.json'), '{"model_type": "clip"}');
    await files.remove(join(folder, 'onnx/text_model.onnx'));
    await expect(ours(folder)).rejects.toThrow(/text\.file: names a file that does not exist.*onnx\/text_model\.onnx/);
  });
});
