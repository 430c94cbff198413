/**
 * A SigLIP (or SigLIP 2 of fixed resolution) by the names of Hugging Face's safetensors and its config.json, which leaves
 * out what is the default of the model class.
 */
import { z } from 'zod';
import { LangfieldError } from '../../errors.ts';
import { huggingFaceClipBlock, readBlocks, readNorm } from './block-names.ts';
import { checkHeads, parseConfig } from './clip-config.ts';
import type { SiglipImageShape, SiglipImageWeights, SiglipTextShape, SiglipTextWeights } from './siglip.ts';
import type { LinearWeights } from './transformer.ts';
import { sliced, type WeightFile } from './weights.ts';

const count = z.int().positive();
const tower = {
  hidden_size: count.default(768),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  hidden_act: z.literal('gelu_pytorch_tanh').default('gelu_pytorch_tanh'),
  layer_norm_eps: z.number().positive().default(1e-6),
};

const siglipConfig = z.looseObject({
  model_type: z.literal('siglip'),
  text_config: z.looseObject({
    ...tower,
    vocab_size: count.default(32000),
    max_position_embeddings: count.default(64),
    projection_size: count.optional(),
    pad_token_id: z.int().nonnegative().default(1),
  }),
  vision_config: z.looseObject({
    ...tower,
    image_size: count.default(224),
    patch_size: count.default(16),
    vision_use_head: z.literal(true).default(true),
  }),
});

export interface SiglipTowers {
  image: { shape: SiglipImageShape; weights: SiglipImageWeights };
  text: { shape: SiglipTextShape; weights: SiglipTextWeights };
  /** By the configuration; the tokenizer knows better. */
  padId: number;
}

export const isSiglip = (file: WeightFile): boolean => file.has('vision_model.head.probe');

/** Both towers, checked against the configuration. */
export function readSiglip(file: WeightFile, json: unknown, configPath: string): SiglipTowers {
  const config = parseConfig(siglipConfig, json, configPath);
  const [image, text] = [imageShape(config), textShape(config)];
  checkHeads(image, 'the image tower', configPath);
  checkHeads(text, 'the text tower', configPath);
  checkBlocks(file, 'vision_model.encoder.layers.', image.layers);
  checkBlocks(file, 'text_model.encoder.layers.', text.layers);
  return {
    image: { shape: image, weights: readImage(file, image) },
    text: { shape: text, weights: readText(file, text) },
    padId: config.text_config.pad_token_id,
  };
}

function shapeOf(config: z.infer<typeof siglipConfig>['text_config' | 'vision_config']) {
  return {
    width: config.hidden_size,
    heads: config.num_attention_heads,
    layers: config.num_hidden_layers,
    activation: 'gelu_tanh' as const,
    layerNormEps: config.layer_norm_eps,
  };
}

function imageShape({ vision_config: vision }: z.infer<typeof siglipConfig>): SiglipImageShape {
  return { ...shapeOf(vision), side: vision.image_size, patch: vision.patch_size };
}

function textShape({ text_config: text, vision_config: vision }: z.infer<typeof siglipConfig>): SiglipTextShape {
  return {
    ...shapeOf(text),
    contextLength: text.max_position_embeddings,
    vocabSize: text.vocab_size,
    dim: text.projection_size ?? vision.hidden_size,
  };
}

function checkBlocks(file: WeightFile, prefix: string, expected: number): void {
  const found = file.countBlocks(prefix);
  if (found === expected) return;
  throw new LangfieldError({
    file: file.path,
    field: prefix,
    problem: 'the tower has another number of blocks than the configuration says',
    found: String(found),
    expected: String(expected),
    advice: 'Check that the weights and the configuration belong to the same model',
  });
}

function readLinear(file: WeightFile, name: string, out: number, input: number): LinearWeights {
  return { weight: file.take(`${name}.weight`, [out, input]), bias: file.take(`${name}.bias`, [out]) };
}

function readImage(file: WeightFile, shape: SiglipImageShape): SiglipImageWeights {
  const { width, side, patch } = shape;
  const pictures = 'vision_model.embeddings';
  const head = 'vision_model.head';
  const weight = file.take(`${head}.attention.in_proj_weight`, [3 * width, width]);
  const bias = file.take(`${head}.attention.in_proj_bias`, [3 * width]);
  const [query, key, value] = [0, 1, 2].map((part) => ({
    weight: sliced(weight, part * width, (part + 1) * width),
    bias: sliced(bias, part * width, (part + 1) * width),
  }));
  const hidden = file.shapeOf(`${head}.mlp.fc1.weight`, 2)[0];
  return {
    patch: file.take(`${pictures}.patch_embedding.weight`, [width, 3, patch, patch]),
    patchBias: file.take(`${pictures}.patch_embedding.bias`, [width]),
    positions: file.take(`${pictures}.position_embedding.weight`, [Math.floor(side / patch) ** 2, width]),
    blocks: readBlocks(file, 'vision_model.encoder.layers.', huggingFaceClipBlock, shape),
    normPost: readNorm(file, 'vision_model.post_layernorm', width),
    probe: file.take(`${head}.probe`, [1, 1, width]),
    head: {
      ...{ query, key, value },
      out: readLinear(file, `${head}.attention.out_proj`, width, width),
      norm2: readNorm(file, `${head}.layernorm`, width),
      fc1: readLinear(file, `${head}.mlp.fc1`, hidden, width),
      fc2: readLinear(file, `${head}.mlp.fc2`, width, hidden),
    },
  };
}

function readText(file: WeightFile, shape: SiglipTextShape): SiglipTextWeights {
  const { width, vocabSize, contextLength, dim } = shape;
  const words = 'text_model.embeddings';
  return {
    tokens: file.take(`${words}.token_embedding.weight`, [vocabSize, width]),
    positions: file.take(`${words}.position_embedding.weight`, [contextLength, width]),
    blocks: readBlocks(file, 'text_model.encoder.layers.', huggingFaceClipBlock, shape),
    normFinal: readNorm(file, 'text_model.final_layer_norm', width),
    head: readLinear(file, 'text_model.head', dim, width),
  };
}
