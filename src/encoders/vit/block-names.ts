/**
 * How published checkpoints name the tensors of one transformer block. Query, key and value are one matrix in some
 * (three blocks of rows, in this order) and three in others; behind readBlocks all look alike.
 */
import type { BlockWeights, LinearWeights, NormWeights } from './transformer.ts';
import { scaledRows, sliced, type WeightFile } from './weights.ts';

export interface BlockNames {
  norm1: string;
  /** Names of one fused weight and bias, or of three linear layers. */
  attention: { weight: string; bias: string } | { query: string; key: string; value: string };
  out: string;
  norm2: string;
  fc1: string;
  fc2: string;
  /** DINOv2: what the attention and the MLP add is multiplied by a vector each. */
  scale1?: string;
  scale2?: string;
}

/** open_clip and OpenAI, behind "….resblocks.N.". */
export const openClipBlock: BlockNames = {
  norm1: 'ln_1',
  attention: { weight: 'attn.in_proj_weight', bias: 'attn.in_proj_bias' },
  out: 'attn.out_proj',
  norm2: 'ln_2',
  fc1: 'mlp.c_fc',
  fc2: 'mlp.c_proj',
};

/** Hugging Face CLIP and SigLIP, behind "….encoder.layers.N.". */
export const huggingFaceClipBlock: BlockNames = {
  norm1: 'layer_norm1',
  attention: { query: 'self_attn.q_proj', key: 'self_attn.k_proj', value: 'self_attn.v_proj' },
  out: 'self_attn.out_proj',
  norm2: 'layer_norm2',
  fc1: 'mlp.fc1',
  fc2: 'mlp.fc2',
};

/** facebookresearch/dino, behind "blocks.N.". */
export const dinoBlock: BlockNames = {
  norm1: 'norm1',
  attention: { weight: 'attn.qkv.weight', bias: 'attn.qkv.bias' },
  out: 'attn.proj',
  norm2: 'norm2',
  fc1: 'mlp.fc1',
  fc2: 'mlp.fc2',
};

/** Hugging Face DINOv2, behind "encoder.layer.N.". */
export const huggingFaceDinoV2Block: BlockNames = {
  norm1: 'norm1',
  attention: {
    query: 'attention.attention.query',
    key: 'attention.attention.key',
    value: 'attention.attention.value',
  },
  out: 'attention.output.dense',
  scale1: 'layer_scale1.lambda1',
  norm2: 'norm2',
  fc1: 'mlp.fc1',
  fc2: 'mlp.fc2',
  scale2: 'layer_scale2.lambda1',
};

/** Hugging Face ViT, behind "encoder.layer.N.". */
export const huggingFaceVitBlock: BlockNames = {
  norm1: 'layernorm_before',
  attention: {
    query: 'attention.attention.query',
    key: 'attention.attention.key',
    value: 'attention.attention.value',
  },
  out: 'attention.output.dense',
  norm2: 'layernorm_after',
  fc1: 'intermediate.dense',
  fc2: 'output.dense',
};

export function readNorm(file: WeightFile, name: string, width: number): NormWeights {
  return { weight: file.take(`${name}.weight`, [width]), bias: file.take(`${name}.bias`, [width]) };
}

/** The blocks `prefix`0., `prefix`1. …; the width of an MLP is whatever the file has. */
export function readBlocks(
  file: WeightFile,
  prefix: string,
  names: BlockNames,
  { layers, width }: { layers: number; width: number },
): BlockWeights[] {
  return Array.from({ length: layers }, (_, index) => readBlock(file, `${prefix}${index}.`, names, width));
}

function readBlock(file: WeightFile, prefix: string, names: BlockNames, width: number): BlockWeights {
  const linear = (name: string, out: number, input: number): LinearWeights => ({
    weight: file.take(`${prefix}${name}.weight`, [out, input]),
    bias: file.take(`${prefix}${name}.bias`, [out]),
  });
  // A layer scale is the same as scaled rows of the layer before it.
  const scaled = (layer: LinearWeights, scale: string | undefined): LinearWeights => {
    if (scale === undefined) return layer;
    const factors = file.take(prefix + scale, [width]);
    return { weight: scaledRows(layer.weight, factors), bias: scaledRows(layer.bias, factors) };
  };
  const { attention } = names;
  const mlp = file.shapeOf(`${prefix}${names.fc1}.weight`, 2)[0];
  let parts: LinearWeights[];
  if ('query' in attention)
    parts = [attention.query, attention.key, attention.value].map((name) => linear(name, width, width));
  else {
    const weight = file.take(prefix + attention.weight, [3 * width, width]);
    const bias = file.take(prefix + attention.bias, [3 * width]);
    parts = [0, 1, 2].map((part) => ({
      weight: sliced(weight, part * width, (part + 1) * width),
      bias: sliced(bias, part * width, (part + 1) * width),
    }));
  }
  return {
    norm1: readNorm(file, prefix + names.norm1, width),
    query: parts[0],
    key: parts[1],
    value: parts[2],
    out: scaled(linear(names.out, width, width), names.scale1),
    norm2: readNorm(file, prefix + names.norm2, width),
    fc1: linear(names.fc1, mlp, width),
    fc2: scaled(linear(names.fc2, width, mlp), names.scale2),
  };
}
