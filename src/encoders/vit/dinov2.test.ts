/** DINOv2's keys, in Hugging Face's and in the original layout, against a float64 forward: within 1e-4. */
import { beforeAll, describe, expect, it } from 'vitest';
import { largestDifference } from '../../../test/recorded-vits.ts';
import { encodeSafetensors } from '../../formats/safetensors.ts';
import { randomUniform } from '../../math/random.ts';
import type { InferenceRuntime } from '../inference-runtime.ts';
import { loadNodeRuntime } from '../node-runtime.ts';
import { denseTowerGraph } from './dino.ts';
import { readDenseTower } from './dino-layouts.ts';
import { add, attend, exactGelu, Float64Vit, RandomTensors, type Tensors, type Tokens } from './float64-vit.fixture.ts';
import { WeightFile } from './weights.ts';

const [width, heads, layers, patch, tableSide] = [12, 3, 3, 14, 3];

/** In Hugging Face's layout. */
function weights(): Tensors {
  const random = new RandomTensors(21);
  random.add('embeddings.cls_token', [1, 1, width], 0.5);
  random.add('embeddings.mask_token', [1, width], 0.5);
  random.add('embeddings.position_embeddings', [1, 1 + tableSide ** 2, width], 0.5);
  random.add('embeddings.patch_embeddings.projection.weight', [width, 3, patch, patch], 0.05);
  random.add('embeddings.patch_embeddings.projection.bias', [width], 0.2);
  for (let i = 0; i < layers; i++) {
    const at = `encoder.layer.${i}`;
    random.norm(`${at}.norm1`, width);
    for (const part of ['query', 'key', 'value']) random.linear(`${at}.attention.attention.${part}`, width, width);
    random.linear(`${at}.attention.output.dense`, width, width);
    random.add(`${at}.layer_scale1.lambda1`, [width], 0.5, 1);
    random.norm(`${at}.norm2`, width);
    random.linear(`${at}.mlp.fc1`, 4 * width, width);
    random.linear(`${at}.mlp.fc2`, width, 4 * width);
    random.add(`${at}.layer_scale2.lambda1`, [width], 0.5, 1);
  }
  random.norm('layernorm', width);
  return random.tensors;
}

/** The same numbers as timm and the original name them. */
function original(tensors: Tensors): Tensors {
  const renamed: Tensors = new Map();
  const names: [RegExp, string][] = [
    [/^embeddings\.cls_token$/, 'cls_token'],
    [/^embeddings\.mask_token$/, 'mask_token'],
    [/^embeddings\.position_embeddings$/, 'pos_embed'],
    [/^embeddings\.patch_embeddings\.projection/, 'patch_embed.proj'],
    [/^layernorm/, 'norm'],
    [/^encoder\.layer\.(\d+)\.attention\.output\.dense/, 'blocks.$1.attn.proj'],
    [/^encoder\.layer\.(\d+)\.layer_scale(\d)\.lambda1$/, 'blocks.$1.ls$2.gamma'],
    [/^encoder\.layer\.(\d+)/, 'blocks.$1'],
  ];
  for (const [name, tensor] of tensors) {
    if (name.includes('.attention.attention.')) continue;
    const [from, to] = names.find(([pattern]) => pattern.test(name))!;
    renamed.set(name.replace(from, to), tensor);
  }
  for (let i = 0; i < layers; i++)
    for (const kind of ['weight', 'bias']) {
      const parts = ['query', 'key', 'value'].map(
        (part) => tensors.get(`encoder.layer.${i}.attention.attention.${part}.${kind}`)!,
      );
      const data = Float32Array.from(parts.flatMap((part) => [...part.data]));
      const shape = kind === 'weight' ? [3 * width, width] : [3 * width];
      renamed.set(`blocks.${i}.attn.qkv.${kind}`, { shape, data });
    }
  return renamed;
}

const tensors = weights();
const vit = new Float64Vit(tensors, 1e-6, exactGelu);

/** Keys of block `block`, without the class token, head-dim major (spec §1.8). */
function expectedKeys(pixels: Float32Array, height: number, widthPixels: number, block: number): number[] {
  const [rows, cols] = [Math.floor(height / patch), Math.floor(widthPixels / patch)];
  const table = vit.numbers('embeddings.position_embeddings');
  const grid = vit.patches('embeddings.patch_embeddings.projection', pixels, height, widthPixels, patch);
  const cls = [...vit.numbers('embeddings.cls_token')].map((value, i) => value + table[i]);
  const asTrained = height === widthPixels && rows * cols === tableSide ** 2;
  let x: Tokens = [cls, ...add(grid, positions(table.subarray(width), rows, cols, asTrained ? 0 : 0.1))];
  for (let i = 0; i < block; i++) {
    const at = `encoder.layer.${i}`;
    const scaled = (name: string, tokens: Tokens) =>
      tokens.map((token) => token.map((value, d) => value * vit.numbers(`${at}.${name}.lambda1`)[d]));
    const normed = vit.norm(`${at}.norm1`, x);
    const [q, k, v] = ['query', 'key', 'value'].map((part) => vit.linear(`${at}.attention.attention.${part}`, normed));
    x = add(x, scaled('layer_scale1', vit.linear(`${at}.attention.output.dense`, attend(q, k, v, heads))));
    x = add(x, scaled('layer_scale2', vit.mlp(`${at}.mlp.fc1`, `${at}.mlp.fc2`, vit.norm(`${at}.norm2`, x))));
  }
  const at = `encoder.layer.${block}`;
  const keys = vit.linear(`${at}.attention.attention.key`, vit.norm(`${at}.norm1`, x.slice(1)));
  const size = width / heads;
  return keys.flatMap((key) => key.map((_, i) => key[(i % heads) * size + Math.floor(i / heads)]));
}

/** The positional table at the size of the grid: bicubic, a = −0.75, edges clamped. */
function positions(table: Float32Array, rows: number, cols: number, offset: number): Tokens {
  const cubic = (t: number): number => {
    const [a, x] = [-0.75, Math.abs(t)];
    if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
    return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
  };
  const taps = (cell: number, count: number) => {
    const at = ((cell + 0.5) * tableSide) / (count + offset) - 0.5;
    return [-1, 0, 1, 2].map((step) => {
      const index = Math.floor(at) + step;
      return [Math.min(tableSide - 1, Math.max(0, index)), cubic(at - index)] as const;
    });
  };
  return Array.from({ length: rows * cols }, (_, cell) =>
    Array.from({ length: width }, (_, d) => {
      let sum = 0;
      for (const [y, wy] of taps(Math.floor(cell / cols), rows))
        for (const [x, wx] of taps(cell % cols, cols)) sum += wy * wx * table[(y * tableSide + x) * width + d];
      return sum;
    }),
  );
}

let runtime: InferenceRuntime;
beforeAll(async () => {
  runtime = await loadNodeRuntime();
});

const config = { model_type: 'dinov2', num_attention_heads: heads, hidden_size: width };
const layouts: [string, () => Tensors, { json: unknown; file: string } | undefined][] = [
  ['Hugging Face', () => tensors, { json: config, file: 'config.json' }],
  ['the original', () => original(tensors), { json: { num_heads: heads }, file: 'config.json' }],
];

describe.each(layouts)('DINOv2 as named by %s', (_, published, settings) => {
  it.each([
    [42, 42, 2],
    [30, 60, 2],
    [56, 44, 1],
  ])('gives its keys for a picture of %i × %i, block %i', async (height, pixelWidth, block) => {
    const file = new WeightFile(encodeSafetensors(published()), 'model.safetensors');
    const { shape, weights: read } = readDenseTower(file, settings, block);
    const graph = await runtime.loadGraph(denseTowerGraph(shape, read, 'dinov2'), { threads: 1 });
    const pixels = Float32Array.from({ length: 3 * height * pixelWidth }, (_, i) => 2 * randomUniform(8, 8, i) - 1);
    const input = { type: 'float32', data: pixels, shape: [1, 3, height, pixelWidth] } as const;
    const { data } = await graph.run({ pixels: input }, 'keys');
    expect(largestDifference(data, expectedKeys(pixels, height, pixelWidth, block))).toBeLessThan(1e-4);
    await graph.close();
  });
});

describe('a DINOv2', () => {
  const read = (tensors: Tensors, json: unknown) =>
    readDenseTower(new WeightFile(encodeSafetensors(tensors), 'model.safetensors'), { json, file: 'config.json' });

  it('with registers is refused by name', () => {
    const data = new Float32Array(4 * width);
    const more = new Map(tensors).set('embeddings.register_tokens', { shape: [1, 4, width], data });
    expect(() => read(more, config)).toThrow(/embeddings\.register_tokens: this is a DINOv2 with registers/);
  });

  it('with a gated MLP is refused by name', () => {
    expect(() => read(tensors, { ...config, use_swiglu_ffn: true })).toThrow(
      /config\.json: use_swiglu_ffn: .*found true/,
    );
  });
});
