/**
 * The towers of a CLIP checkpoint by the names of its layout: open_clip's, which are also OpenAI's, or Hugging Face's.
 * OpenAI's archives have no configuration: sizes follow from the shapes, a head is 64 wide, GELU is the quick one.
 */
import { LangfieldError } from '../../errors.ts';
import { huggingFaceClipBlock, openClipBlock, readBlocks, readNorm } from './block-names.ts';
import { type ClipArchitecture, checkHeads } from './clip-config.ts';
import type { TextTowerWeights } from './clip-text.ts';
import type { ImageTowerWeights } from './vit-image.ts';
import { transposed, type WeightFile } from './weights.ts';

export interface ClipWeights {
  image: ImageTowerWeights;
  text: TextTowerWeights;
}

const openAiHeadWidth = 64;
const blockPrefixes = {
  openclip: { image: 'visual.transformer.resblocks.', text: 'transformer.resblocks.' },
  huggingface: { image: 'vision_model.encoder.layers.', text: 'text_model.encoder.layers.' },
};

/** The layout of a checkpoint by its names; anything but a CLIP ViT is refused. */
export function detectClipLayout(file: WeightFile): ClipArchitecture['layout'] {
  if (file.has('visual.conv1.weight') && file.has('visual.class_embedding')) return 'openclip';
  if (file.has('vision_model.embeddings.patch_embedding.weight') && file.has('visual_projection.weight'))
    return 'huggingface';
  throw new LangfieldError({
    file: file.path,
    problem: 'these are not the weights of a CLIP vision transformer',
    found: `tensors such as ${[...file.names()].slice(0, 3).join(', ') || 'none'}`,
    expected: 'visual.conv1.weight … (open_clip, OpenAI) or vision_model.embeddings.… (Hugging Face)',
    advice: 'Give the safetensors file of the whole CLIP: image and text tower',
  });
}

/** True for OpenAI's own archives, which carry their sizes as three numbers among the weights. */
export function isOpenAiArchive(file: WeightFile): boolean {
  return ['input_resolution', 'context_length', 'vocab_size'].every((name) => file.has(name));
}

/** The architecture of OpenAI weights, from their shapes. */
export function inferOpenAiArchitecture(file: WeightFile): ClipArchitecture {
  const [imageWidth, , patch] = file.shapeOf('visual.conv1.weight', 4);
  const side = Math.round(Math.sqrt(file.shapeOf('visual.positional_embedding', 2)[0] - 1)) * patch;
  const [vocabSize, textWidth] = file.shapeOf('token_embedding.weight', 2);
  const dim = file.shapeOf('text_projection', 2)[1];
  const common = { activation: 'quick_gelu', layerNormEps: 1e-5, dim } as const;
  const towerOf = (width: number, prefix: string) => {
    const heads = Math.floor(width / openAiHeadWidth);
    checkHeads({ width, heads }, prefix, file.path);
    return { width, heads, layers: file.countBlocks(prefix), ...common };
  };
  return {
    layout: 'openclip',
    image: { ...towerOf(imageWidth, blockPrefixes.openclip.image), imageSize: [side, side], patch },
    text: {
      ...towerOf(textWidth, blockPrefixes.openclip.text),
      contextLength: file.shapeOf('positional_embedding', 2)[0],
      vocabSize,
      endToken: 'largest',
    },
  };
}

/** The weights of both towers, checked against the architecture. */
export function readClipWeights(file: WeightFile, architecture: ClipArchitecture): ClipWeights {
  const layout = detectClipLayout(file);
  if (layout !== architecture.layout)
    throw new LangfieldError({
      file: file.path,
      problem: 'the weights and the configuration come from different projects',
      found: `weights named as ${layout} names them`,
      expected: `names of ${architecture.layout}, as in the configuration`,
      advice: 'open_clip_model.safetensors goes with open_clip_config.json, model.safetensors with config.json',
    });
  for (const tower of ['image', 'text'] as const) checkBlockCount(file, architecture, tower);
  return layout === 'openclip' ? readOpenClip(file, architecture) : readHuggingFace(file, architecture);
}

function checkBlockCount(file: WeightFile, architecture: ClipArchitecture, tower: 'image' | 'text'): void {
  const prefix = blockPrefixes[architecture.layout][tower];
  const found = file.countBlocks(prefix);
  const expected = architecture[tower].layers;
  if (found === expected) return;
  throw new LangfieldError({
    file: file.path,
    field: prefix,
    problem: `the ${tower} tower has another number of blocks than the configuration says`,
    found: String(found),
    expected: String(expected),
    advice: 'Check that the weights and the configuration belong to the same model',
  });
}

function patchCount({ imageSize: [rows, cols], patch }: ClipArchitecture['image']): number {
  return Math.floor(rows / patch) * Math.floor(cols / patch);
}

function readOpenClip(file: WeightFile, { image, text }: ClipArchitecture): ClipWeights {
  const { image: imagePrefix, text: textPrefix } = blockPrefixes.openclip;
  return {
    image: {
      patch: file.take('visual.conv1.weight', [image.width, 3, image.patch, image.patch]),
      classToken: file.take('visual.class_embedding', [image.width]),
      positions: file.take('visual.positional_embedding', [1 + patchCount(image), image.width]),
      normPre: readNorm(file, 'visual.ln_pre', image.width),
      blocks: readBlocks(file, imagePrefix, openClipBlock, image),
      normPost: readNorm(file, 'visual.ln_post', image.width),
      projection: file.take('visual.proj', [image.width, image.dim]),
    },
    text: {
      tokens: file.take('token_embedding.weight', [text.vocabSize, text.width]),
      positions: file.take('positional_embedding', [text.contextLength, text.width]),
      blocks: readBlocks(file, textPrefix, openClipBlock, text),
      normFinal: readNorm(file, 'ln_final', text.width),
      projection: file.take('text_projection', [text.width, text.dim]),
    },
  };
}

/** "pre_layrnorm" is spelt so in the published files. */
function readHuggingFace(file: WeightFile, { image, text }: ClipArchitecture): ClipWeights {
  const { image: imagePrefix, text: textPrefix } = blockPrefixes.huggingface;
  const pictures = 'vision_model.embeddings';
  const words = 'text_model.embeddings';
  return {
    image: {
      patch: file.take(`${pictures}.patch_embedding.weight`, [image.width, 3, image.patch, image.patch]),
      classToken: file.take(`${pictures}.class_embedding`, [image.width]),
      positions: file.take(`${pictures}.position_embedding.weight`, [1 + patchCount(image), image.width]),
      normPre: readNorm(file, 'vision_model.pre_layrnorm', image.width),
      blocks: readBlocks(file, imagePrefix, huggingFaceClipBlock, image),
      normPost: readNorm(file, 'vision_model.post_layernorm', image.width),
      projection: transposed(file.take('visual_projection.weight', [image.dim, image.width])),
    },
    text: {
      tokens: file.take(`${words}.token_embedding.weight`, [text.vocabSize, text.width]),
      positions: file.take(`${words}.position_embedding.weight`, [text.contextLength, text.width]),
      blocks: readBlocks(file, textPrefix, huggingFaceClipBlock, text),
      normFinal: readNorm(file, 'text_model.final_layer_norm', text.width),
      projection: transposed(file.take('text_projection.weight', [text.dim, text.width])),
    },
  };
}
