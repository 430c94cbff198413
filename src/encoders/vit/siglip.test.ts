/** SigLIP in Hugging Face's layout against a float64 forward: image and text within 2e-5 of unit embeddings. */
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../test/memory-files.ts';
import { largestDifference } from '../../../test/recorded-vits.ts';
import { encodeSafetensors } from '../../formats/safetensors.ts';
import { randomUniform } from '../../math/random.ts';
import { joinPath } from '../../platform/platform.ts';
import type { InferenceRuntime } from '../inference-runtime.ts';
import { loadNodeRuntime } from '../node-runtime.ts';
import { openEncoder } from '../onnx-encoder.ts';
import { add, attend, Float64Vit, RandomTensors, tanhGelu, type Tokens } from './float64-vit.fixture.ts';
import { importEncoder } from './import-encoder.ts';

/** 20 pixels in patches of 6: nine patches and a rest. */
const vision = { hidden_size: 24, num_hidden_layers: 2, num_attention_heads: 3, image_size: 20, patch_size: 6 };
const text = {
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 7,
  vocab_size: 30,
};
const config = {
  model_type: 'siglip',
  text_config: { ...text, projection_size: 24, model_type: 'siglip_text_model' },
  vision_config: { ...vision, model_type: 'siglip_vision_model' },
};

function weights(): RandomTensors {
  const random = new RandomTensors(11);
  const [w, hidden] = [vision.hidden_size, 40];
  const blocks = (prefix: string, layers: number, width: number) => {
    for (let i = 0; i < layers; i++) {
      const at = `${prefix}.encoder.layers.${i}`;
      random.norm(`${at}.layer_norm1`, width);
      for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
        random.linear(`${at}.self_attn.${part}`, width, width);
      random.norm(`${at}.layer_norm2`, width);
      random.linear(`${at}.mlp.fc1`, hidden, width);
      random.linear(`${at}.mlp.fc2`, width, hidden);
    }
  };
  random.add('vision_model.embeddings.patch_embedding.weight', [w, 3, 6, 6], 0.1);
  random.add('vision_model.embeddings.patch_embedding.bias', [w], 0.2);
  random.add('vision_model.embeddings.position_embedding.weight', [9, w], 0.3);
  blocks('vision_model', vision.num_hidden_layers, w);
  random.norm('vision_model.post_layernorm', w);
  random.add('vision_model.head.probe', [1, 1, w], 0.5);
  random.add('vision_model.head.attention.in_proj_weight', [3 * w, w]);
  random.add('vision_model.head.attention.in_proj_bias', [3 * w], 0.2);
  random.linear('vision_model.head.attention.out_proj', w, w);
  random.norm('vision_model.head.layernorm', w);
  random.linear('vision_model.head.mlp.fc1', hidden, w);
  random.linear('vision_model.head.mlp.fc2', w, hidden);
  random.add('text_model.embeddings.token_embedding.weight', [30, text.hidden_size], 0.5);
  random.add('text_model.embeddings.position_embedding.weight', [7, text.hidden_size], 0.3);
  blocks('text_model', text.num_hidden_layers, text.hidden_size);
  random.norm('text_model.final_layer_norm', text.hidden_size);
  random.linear('text_model.head', 24, text.hidden_size);
  random.add('logit_scale', [1]);
  random.add('logit_bias', [1]);
  return random;
}

const { tensors } = weights();
const vit = new Float64Vit(tensors, 1e-6, tanhGelu);

function encode(prefix: string, x: Tokens, layers: number, heads: number): Tokens {
  let tokens = x;
  for (let i = 0; i < layers; i++) {
    const at = `${prefix}.encoder.layers.${i}`;
    const normed = vit.norm(`${at}.layer_norm1`, tokens);
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map((part) => vit.linear(`${at}.self_attn.${part}`, normed));
    tokens = add(tokens, vit.linear(`${at}.self_attn.out_proj`, attend(q, k, v, heads)));
    tokens = add(tokens, vit.mlp(`${at}.mlp.fc1`, `${at}.mlp.fc2`, vit.norm(`${at}.layer_norm2`, tokens)));
  }
  return tokens;
}

function rows(values: Float32Array, width: number): Tokens {
  return Array.from({ length: values.length / width }, (_, i) => [...values.subarray(i * width, (i + 1) * width)]);
}

function imageEmbedding(pixels: Float32Array): number[] {
  const w = vision.hidden_size;
  const placed = add(
    vit.patches('vision_model.embeddings.patch_embedding', pixels, 20, 20, 6),
    rows(vit.numbers('vision_model.embeddings.position_embedding.weight'), w),
  );
  const encoded = encode('vision_model', placed, vision.num_hidden_layers, vision.num_attention_heads);
  const tokens = vit.norm('vision_model.post_layernorm', encoded);
  const [weight, bias] = ['weight', 'bias'].map((part) => vit.numbers(`vision_model.head.attention.in_proj_${part}`));
  const probe = rows(vit.numbers('vision_model.head.probe'), w);
  const part = (index: number, x: Tokens) => vit.affine(x, weight, bias, index * w, (index + 1) * w);
  const attended = attend(part(0, probe), part(1, tokens), part(2, tokens), vision.num_attention_heads);
  const pooled = vit.linear('vision_model.head.attention.out_proj', attended);
  const normed = vit.norm('vision_model.head.layernorm', pooled);
  return add(pooled, vit.mlp('vision_model.head.mlp.fc1', 'vision_model.head.mlp.fc2', normed))[0];
}

function textEmbedding(ids: readonly number[]): number[] {
  const table = rows(vit.numbers('text_model.embeddings.token_embedding.weight'), text.hidden_size);
  const places = rows(vit.numbers('text_model.embeddings.position_embedding.weight'), text.hidden_size);
  const placed = add(
    ids.map((id) => table[id]),
    places,
  );
  const encoded = encode('text_model', placed, text.num_hidden_layers, text.num_attention_heads);
  return vit.linear('text_model.head', vit.norm('text_model.final_layer_norm', encoded))[6];
}

const unit = (values: number[]) => values.map((value) => value / Math.hypot(...values));

/** Words w0 …, an end token of id 29 that is padding too. */
const tokenizer = {
  ...{ version: '1.0', truncation: null, padding: null, normalizer: { type: 'Lowercase' } },
  added_tokens: [
    { id: 29, content: '</s>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
  ],
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    pair: [],
    special_tokens: { '</s>': { id: '</s>', ids: [29], tokens: ['</s>'] } },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(Array.from({ length: 29 }, (_, id) => [`w${id}`, id])),
    unk_token: 'w1',
  },
};

let runtime: InferenceRuntime;
beforeAll(async () => {
  runtime = await loadNodeRuntime();
});

async function published(edit: (config: Record<string, Record<string, unknown>>) => void = () => {}, drop?: string) {
  const files = memoryFiles();
  const own = structuredClone(config);
  edit(own as unknown as Record<string, Record<string, unknown>>);
  const kept = new Map([...tensors].filter(([name]) => name !== drop));
  const contents = {
    'model.safetensors': encodeSafetensors(kept),
    'config.json': JSON.stringify(own),
    'tokenizer.json': JSON.stringify(tokenizer),
    'tokenizer_config.json': JSON.stringify({ pad_token: '</s>', eos_token: '</s>' }),
  };
  for (const [name, data] of Object.entries(contents)) await files.writeAtomic(joinPath('siglip', name), data);
  return files;
}

describe('a SigLIP', () => {
  it('becomes an encoder whose embeddings are those of the model', async () => {
    const files = await published();
    await importEncoder('siglip', 'encoder', files);
    const description = JSON.parse(await files.readText('encoder/encoder.json'));
    expect(description).toMatchObject({
      dim: 24,
      image: { size: 20, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      text: { contextLength: 7, padId: 29, endId: 29 },
    });
    const encoder = await openEncoder('encoder', files, runtime, { threads: 1 });
    const rgb = Uint8Array.from({ length: 2 * 3 * 400 }, (_, i) => Math.floor(256 * randomUniform(4, 4, i)));
    const images = await encoder.encodeImages({ count: 2, side: 20, data: rgb });
    for (const tile of [0, 1]) {
      const pixels = Float32Array.from({ length: 1200 }, (_, i) => {
        const [channel, pixel] = [Math.floor(i / 400), i % 400];
        return (rgb[1200 * tile + 3 * pixel + channel] / 255 - 0.5) / 0.5;
      });
      const expected = unit(imageEmbedding(pixels));
      expect(largestDifference(images.slice(24 * tile, 24 * (tile + 1)), expected)).toBeLessThan(2e-5);
    }
    const texts = await encoder.encodeTexts(['w3 w4', 'w1 w2 w3 w4 w5 w6 w7 w8', 'w28']);
    const ids = [
      [3, 4, 29, 29, 29, 29, 29],
      [1, 2, 3, 4, 5, 6, 29],
      [28, 29, 29, 29, 29, 29, 29],
    ];
    const expected = ids.flatMap((row) => unit(textEmbedding(row)));
    expect(largestDifference(texts, expected)).toBeLessThan(2e-5);
    await encoder.close();
  });

  it.each<[string, Parameters<typeof published>, RegExp]>([
    [
      'another width',
      [
        ({ vision_config }) => {
          vision_config.hidden_size = 48;
        },
      ],
      /head\.attention\.in_proj_weight|patch_embedding/,
    ],
    [
      'too few blocks',
      [
        ({ text_config }) => {
          text_config.num_hidden_layers = 1;
        },
      ],
      /text_model\.encoder\.layers\.: .*found 2; expected 1/,
    ],
    [
      'heads that do not divide',
      [
        ({ text_config }) => {
          text_config.num_attention_heads = 3;
        },
      ],
      /the width of the text tower/,
    ],
    [
      'another activation',
      [
        ({ vision_config }) => {
          vision_config.hidden_act = 'gelu';
        },
      ],
      /config\.json: vision_config\.hidden_act: .*found "gelu"/,
    ],
    [
      'a missing tensor',
      [undefined, 'text_model.head.bias'],
      /model\.safetensors: text_model\.head\.bias: the tensor is not in this file/,
    ],
  ])('with %s is refused by name', async (_, [edit, drop], message) => {
    const files = await published(edit, drop);
    await expect(importEncoder('siglip', 'encoder', files)).rejects.toThrow(message);
    expect(await files.stat('encoder/encoder.json')).toBeUndefined();
  });
});
