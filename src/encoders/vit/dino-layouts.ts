/**
 * A DINO or DINOv2 checkpoint by the names of its layout: facebookresearch's and timm's own (no configuration needed: sizes
 * follow from the shapes, a head is 64 wide) or Hugging Face's with its config.json. DINOv2 with registers is refused: its
 * registers and its positional table are other computations.
 */
import { z } from 'zod';
import { LangfieldError } from '../../errors.ts';
import { type BlockNames, dinoBlock, huggingFaceDinoV2Block, huggingFaceVitBlock, readBlocks } from './block-names.ts';
import { checkHeads, parseConfig } from './clip-config.ts';
import type { DenseTowerShape, DenseTowerWeights } from './dino.ts';
import { reshaped, type WeightFile } from './weights.ts';

const dinoHeadWidth = 64;

const dinoConfig = z.looseObject({
  num_heads: z.int().positive().optional(),
  layer_norm_eps: z.number().positive().default(1e-6),
});

const huggingFaceConfig = z.looseObject({
  model_type: z.literal(['vit', 'dinov2']),
  num_attention_heads: z.int().positive().default(12),
  hidden_act: z.literal('gelu').default('gelu'),
  layer_norm_eps: z.number().positive().optional(),
  qkv_bias: z.literal(true).default(true),
  use_swiglu_ffn: z.literal(false).default(false),
});

interface DenseNames {
  patch: string;
  classToken: string;
  positions: string;
  blocks: string;
  block: BlockNames;
}

const dinoNames: DenseNames = {
  patch: 'patch_embed.proj',
  classToken: 'cls_token',
  positions: 'pos_embed',
  blocks: 'blocks.',
  block: dinoBlock,
};

const huggingFaceNames: DenseNames = {
  patch: 'embeddings.patch_embeddings.projection',
  classToken: 'embeddings.cls_token',
  positions: 'embeddings.position_embeddings',
  blocks: 'encoder.layer.',
  block: huggingFaceVitBlock,
};

export interface DenseTower {
  shape: DenseTowerShape;
  weights: DenseTowerWeights;
}

/**
 * Reads a checkpoint. `config` is the parsed configuration, which only the Hugging Face layout needs; `keyBlock` is
 * the 0-based block whose keys are the features, by default the last.
 */
export function readDenseTower(
  file: WeightFile,
  config: { json: unknown; file: string } | undefined,
  keyBlock?: number,
): DenseTower {
  const isHuggingFace = file.has(`${huggingFaceNames.patch}.weight`);
  if (!isHuggingFace && !file.has(`${dinoNames.patch}.weight`))
    throw new LangfieldError({
      file: file.path,
      problem: 'these are not the weights of a DINO vision transformer',
      found: `tensors such as ${[...file.names()].slice(0, 3).join(', ') || 'none'}`,
      expected: `${dinoNames.patch}.weight … or ${huggingFaceNames.patch}.weight …`,
      advice: 'Give the safetensors file of a DINO ViT, such as vits8',
    });
  refuseRegisters(file);
  const names = withBlockNames(file, isHuggingFace ? huggingFaceNames : dinoNames);
  const [width, , patch] = file.shapeOf(`${names.patch}.weight`, 4);
  const places = file.shapeOf(names.positions, 3)[1];
  const tableSide = Math.round(Math.sqrt(places - 1));
  const layers = file.countBlocks(names.blocks);
  const settings = isHuggingFace ? huggingFaceSettings(file, config) : dinoSettings(width, config);
  checkHeads({ width, heads: settings.heads }, 'the tower', config?.file ?? file.path);
  const block = keyBlock ?? layers - 1;
  if (!Number.isInteger(block) || block < 0 || block >= layers)
    throw new LangfieldError({
      file: file.path,
      field: 'block',
      problem: 'there is no such block',
      found: String(block),
      expected: `0 … ${layers - 1}`,
      advice: 'Blocks are counted from 0',
    });
  return {
    shape: { width, layers, activation: 'gelu', patch, tableSide, keyBlock: block, ...settings },
    weights: {
      patch: file.take(`${names.patch}.weight`, [width, 3, patch, patch]),
      patchBias: file.take(`${names.patch}.bias`, [width]),
      classToken: reshaped(file.take(names.classToken, [1, 1, width]), [width]),
      positions: reshaped(file.take(names.positions, [1, 1 + tableSide ** 2, width]), [1 + tableSide ** 2, width]),
      blocks: readBlocks(file, names.blocks, names.block, { layers, width }),
    },
  };
}

function dinoSettings(width: number, config: { json: unknown; file: string } | undefined) {
  const settings = parseConfig(dinoConfig, config?.json ?? {}, config?.file ?? 'the configuration');
  return { heads: settings.num_heads ?? Math.floor(width / dinoHeadWidth), layerNormEps: settings.layer_norm_eps };
}

function huggingFaceSettings(file: WeightFile, config: { json: unknown; file: string } | undefined) {
  if (!config)
    throw new LangfieldError({
      file: file.path,
      problem: 'weights in this layout need their configuration',
      expected: 'config.json of the same model',
      advice: 'Put config.json beside the weights or name it',
    });
  const settings = parseConfig(huggingFaceConfig, config.json, config.file);
  // What the two model classes take when the configuration does not say.
  const eps = settings.model_type === 'vit' ? 1e-12 : 1e-6;
  return { heads: settings.num_attention_heads, layerNormEps: settings.layer_norm_eps ?? eps };
}

/** DINOv2 by its layer scale. */
function withBlockNames(file: WeightFile, names: DenseNames): DenseNames {
  if (names === dinoNames && file.has('blocks.0.ls1.gamma'))
    return { ...names, block: { ...dinoBlock, scale1: 'ls1.gamma', scale2: 'ls2.gamma' } };
  if (names === huggingFaceNames && file.has('encoder.layer.0.layer_scale1.lambda1'))
    return { ...names, block: huggingFaceDinoV2Block };
  return names;
}

function refuseRegisters(file: WeightFile): void {
  const foreign = [...file.names()].find((name) => /register_tokens|reg_token/.test(name));
  if (foreign === undefined) return;
  throw new LangfieldError({
    file: file.path,
    field: foreign,
    problem: 'this is a DINOv2 with registers, which the importer does not know',
    expected: 'a DINO, such as vits8, or a DINOv2 without registers',
    advice: 'Export it as ONNX and name it as dense graph of the encoder folder',
  });
}
