import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { langfield } from '../../../test/langfield-process.ts';
import { largestDifference, readRecordedVit, vitFolder } from '../../../test/recorded-vits.ts';
import { hasShared } from '../../../test/shared.ts';
import { LangfieldError } from '../../errors.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import type { InferenceRuntime } from '../inference-runtime.ts';
import { loadNodeRuntime } from '../node-runtime.ts';
import { openEncoder } from '../onnx-encoder.ts';
import { importEncoder } from './import-encoder.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-vit-'));
let runtime: InferenceRuntime;
let count = 0;
let source: string;
let target: string;

beforeAll(async () => {
  runtime = await loadNodeRuntime();
});
beforeEach(() => {
  source = join(root, `tiny-clip-${count}`);
  target = join(root, `encoder-${count++}`);
  mkdirSync(source);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Words w0 … become ids; a text is start, words, end. */
function tokenizer(vocabulary: number): object {
  const [start, end] = [vocabulary - 2, vocabulary - 1];
  const special = (id: number, content: string) => ({
    ...{ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(start, '<start>'), special(end, '<end>')],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: ['<start>', 'A', '<end>'].map((id) =>
        id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
      ),
      pair: [],
      special_tokens: {
        '<start>': { id: '<start>', ids: [start], tokens: ['<start>'] },
        '<end>': { id: '<end>', ids: [end], tokens: ['<end>'] },
      },
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      continuing_subword_prefix: '##',
      vocab: Object.fromEntries(Array.from({ length: start }, (_, id) => [`w${id}`, id])),
      unk_token: 'w1',
    },
  };
}

interface Layout {
  recorded: string;
  weights: string;
  config?: string;
}

const layouts: Layout[] = [
  { recorded: 'clip-openclip-base', weights: 'open_clip_model.safetensors', config: 'open_clip_config.json' },
  { recorded: 'clip-hf', weights: 'model.safetensors', config: 'config.json' },
  { recorded: 'clip-openai-f16', weights: 'vit-tiny.safetensors' },
];

/** Lays a recorded model out as its project publishes it. */
function publish({ recorded, weights, config }: Layout, change: (config: Record<string, unknown>) => void = () => {}) {
  const model = readRecordedVit(recorded);
  cpSync(`${vitFolder}/${model.weights}`, join(source, weights));
  change(model.config);
  const json = config === 'open_clip_config.json' ? { model_cfg: model.config } : model.config;
  if (config) writeFileSync(join(source, config), JSON.stringify(json));
  writeFileSync(join(source, 'tokenizer.json'), JSON.stringify(tokenizer(recorded === 'clip-hf' ? 80 : 64)));
  return model;
}

function publishDino() {
  mkdirSync(join(source, 'dino'));
  cpSync(`${vitFolder}/dino.safetensors`, join(source, 'dino', 'dino_deitsmall8.safetensors'));
  writeFileSync(join(source, 'dino', 'config.json'), JSON.stringify(readRecordedVit('dino').config));
}

async function faultOf(work: Promise<unknown>): Promise<LangfieldError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LangfieldError);
  return error as LangfieldError;
}

describe.skipIf(!hasShared)('importing an encoder', () => {
  it.each(layouts)('$recorded becomes a folder that opens and encodes phrases as recorded', async (layout) => {
    const model = publish(layout);
    const { built } = await importEncoder(source, target, files);
    expect(built).toBe(true);
    const encoder = await openEncoder(target, files, runtime, { threads: 1 });
    // The second recorded row is start, four tokens, end.
    const { shape, data } = model.arrays.token_ids;
    const row = data.slice(shape[1], 2 * shape[1]);
    const text = row
      .slice(1, row.indexOf(Math.max(...row)))
      .map((id) => `w${id}`)
      .join(' ');
    const expected = model.arrays.text_features_normalised.data.slice(encoder.dim, 2 * encoder.dim);
    expect(largestDifference(await encoder.encodeTexts([text]), expected)).toBeLessThan(1e-5);
    const side = encoder.inputSide + 5;
    const tiles = Uint8Array.from({ length: 3 * 3 * side * side }, (_, i) => (i * 37) % 251);
    const embeddings = await encoder.encodeImages({ count: 3, side, data: tiles });
    expect(embeddings.length).toBe(3 * encoder.dim);
    await encoder.close();
  });

  it('langfield models add makes it once, and refuses a folder without weights', async () => {
    publish(layouts[0]);
    const made = await langfield('models', 'add', source, '--out', target);
    expect(made).toMatchObject({ code: 0, err: expect.not.stringContaining('error') });
    expect(made.out).toContain(`made: ${target}`);
    expect((await langfield('models', 'add', source, '--out', target)).out).toContain('already there');
    rmSync(join(source, 'open_clip_model.safetensors'));
    const refused = await langfield('models', 'add', source, '--out', join(root, 'elsewhere'));
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^error: .*open_clip_config\.json/);
  });

  it('a DINO beside it becomes dense features', async () => {
    publish(layouts[0]);
    publishDino();
    await importEncoder(source, target, files, { denseSize: 40 });
    const encoder = await openEncoder(target, files, runtime, { threads: 1 });
    const photo = { width: 60, height: 50, rgb: new Uint8Array(3 * 60 * 50).map((_, i) => (i * 13) % 256) };
    const { rows, cols, features } = await encoder.dense!.encodePhoto(photo);
    expect([rows, cols, features.length]).toEqual([5, 6, 30 * 48]);
    await encoder.close();
  });

  it('is done once: the same inputs are recognised, others are not', async () => {
    publish(layouts[0]);
    const first = await importEncoder(source, target, files);
    const written = statSync(join(target, 'image.onnx')).mtimeMs;
    const second = await importEncoder(source, target, files);
    expect(second).toEqual({ ...first, built: false });
    expect(statSync(join(target, 'image.onnx')).mtimeMs).toBe(written);
    writeFileSync(join(target, 'text.onnx'), 'cut short');
    expect((await importEncoder(source, target, files)).built).toBe(true);
    publish(layouts[0], (config) => {
      config.quick_gelu = true;
    });
    const third = await importEncoder(source, target, files);
    expect([third.built, third.hash === first.hash]).toEqual([true, false]);
  });

  it('uses the constants of LERF unless asked for those of the model', async () => {
    publish(layouts[0]);
    const model = JSON.parse(readFileSync(join(source, 'open_clip_config.json'), 'utf8'));
    model.preprocess_cfg = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], interpolation: 'bicubic' };
    writeFileSync(join(source, 'open_clip_config.json'), JSON.stringify(model));
    const meanOf = () => JSON.parse(readFileSync(join(target, 'encoder.json'), 'utf8')).image.mean;
    await importEncoder(source, target, files);
    expect(meanOf()).toEqual([0.48145466, 0.4578275, 0.40821073]);
    await importEncoder(source, target, files, { pixels: 'model' });
    expect(meanOf()).toEqual([0.5, 0.5, 0.5]);
  });

  it('never writes over an encoder of other origin', async () => {
    publish(layouts[0]);
    mkdirSync(target);
    writeFileSync(join(target, 'encoder.json'), '{"name": "mine"}');
    expect((await faultOf(importEncoder(source, target, files))).fault.file).toBe(target);
    expect(readFileSync(join(target, 'encoder.json'), 'utf8')).toBe('{"name": "mine"}');
  });

  it.each<[string, string, (config: Record<string, Record<string, unknown>>) => void, RegExp]>([
    [
      'too few blocks',
      'clip-openclip-base',
      ({ vision_cfg }) => {
        vision_cfg.layers = 1;
      },
      /visual\.transformer\.resblocks\.: .*image tower.*found 2; expected 1/,
    ],
    [
      'another width',
      'clip-openclip-base',
      ({ vision_cfg }) => {
        vision_cfg.width = 80;
      },
      /visual\.conv1\.weight: .*found \[64, 3, 8, 8\]; expected \[80, 3, 8, 8\]/,
    ],
    [
      'another picture size',
      'clip-openclip-base',
      ({ vision_cfg }) => {
        vision_cfg.image_size = 64;
      },
      /visual\.positional_embedding: .*found \[17, 64\]; expected \[65, 64\]/,
    ],
    [
      'heads that do not divide',
      'clip-openclip-base',
      ({ text_cfg }) => {
        text_cfg.heads = 5;
      },
      /open_clip_config\.json: the width of the text tower.*width 48, 5 heads/,
    ],
    [
      'a tower of another library',
      'clip-openclip-base',
      ({ vision_cfg }) => {
        vision_cfg.timm_model_name = 'vit_base';
      },
      /open_clip_config\.json: model_cfg\.vision_cfg\.timm_model_name: .*found "vit_base"/,
    ],
    [
      'an unknown setting',
      'clip-openclip-base',
      ({ text_cfg }) => {
        text_cfg.twist = 3;
      },
      /open_clip_config\.json: model_cfg\.text_cfg: .*found twist/,
    ],
    [
      'an unknown activation',
      'clip-hf',
      ({ vision_config }) => {
        vision_config.hidden_act = 'relu';
      },
      /config\.json: vision_config\.hidden_act: .*found "relu"/,
    ],
  ])('a configuration with %s is refused by name', async (_, recorded, change, message) => {
    const layout = layouts.find((candidate) => candidate.recorded === recorded)!;
    publish(layout, (config) => change(config as Record<string, Record<string, unknown>>));
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(message);
  });

  it('weights and configuration of different projects, or none, are refused', async () => {
    publish(layouts[1]);
    cpSync(`${vitFolder}/clip-openclip-wide.safetensors`, join(source, 'model.safetensors'));
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(/come from different projects/);
    rmSync(join(source, 'config.json'));
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(/need their configuration/);
    cpSync(`${vitFolder}/dino.safetensors`, join(source, 'model.safetensors'));
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(/not the weights of a CLIP/);
  });

  it('absent and damaged files are named', async () => {
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(/no safetensors weights/);
    publish(layouts[0]);
    rmSync(join(source, 'tokenizer.json'));
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(/tokenizer\.json: .*not there/);
    publish(layouts[0]);
    const weights = readFileSync(join(source, 'open_clip_model.safetensors'));
    writeFileSync(join(source, 'open_clip_model.safetensors'), weights.subarray(0, weights.length - 4));
    expect((await faultOf(importEncoder(source, target, files))).message).toMatch(/open_clip_model.*cut short/);
    expect((await faultOf(importEncoder(join(source, 'none'), target, files))).message).toMatch(/no model folder/);
  });
});
