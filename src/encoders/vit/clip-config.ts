/**
 * The architecture of a CLIP from its configuration file: open_clip's (`vision_cfg`, also inside the `model_cfg` of an
 * open_clip_config.json) or Hugging Face's (`vision_config`). Settings that would change the graph and that the
 * builders do not know are refused by name, never ignored.
 */
import { z } from 'zod';
import { LangfieldError } from '../../errors.ts';
import type { TextTowerShape } from './clip-text.ts';
import type { ImageTowerShape } from './vit-image.ts';

export interface ClipArchitecture {
  /** How the checkpoint names its tensors; OpenAI's names are open_clip's. */
  layout: 'openclip' | 'huggingface';
  image: ImageTowerShape;
  text: TextTowerShape;
  /** Normalisation of the pixels, when the configuration gives one. */
  pixels?: { mean: [number, number, number]; std: [number, number, number] };
}

const clipLayerNormEps = 1e-5;
const count = z.int().positive();
const off = z.literal([false, null]).optional();
const unset = z.null().optional();
const ignored = z.unknown().optional();
const normSettings = z.strictObject({ eps: z.number().positive().optional() }).nullish();
const triple = z.tuple([z.number(), z.number(), z.number()]);
const sides = z.union([count.transform((side): [number, number] => [side, side]), z.tuple([count, count])]);

const openClipVision = z.strictObject({
  layers: count.default(12),
  width: count.default(768),
  head_width: count.default(64),
  mlp_ratio: z.number().positive().default(4),
  patch_size: count.default(16),
  image_size: sides.default([224, 224]),
  norm_kwargs: normSettings,
  pool_type: z.literal('tok').optional(),
  pos_embed_type: z.literal('learnable').optional(),
  global_average_pool: off,
  attentional_pool: off,
  no_ln_pre: off,
  input_patchnorm: off,
  final_ln_after_pool: off,
  ls_init_value: unset,
  act_kwargs: unset,
  timm_model_name: unset,
  patch_dropout: ignored,
  output_tokens: ignored,
});

const openClipText = z.strictObject({
  context_length: count.default(77),
  vocab_size: count.default(49408),
  width: count.default(512),
  heads: count.default(8),
  layers: count.default(12),
  mlp_ratio: z.number().positive().default(4),
  norm_kwargs: normSettings,
  pool_type: z.literal('argmax').optional(),
  proj_type: z.literal('linear').optional(),
  proj_bias: off,
  embed_cls: off,
  no_causal_mask: off,
  final_ln_after_pool: off,
  ls_init_value: unset,
  act_kwargs: unset,
  hf_model_name: unset,
  hf_tokenizer_name: ignored,
  tokenizer_kwargs: ignored,
  pad_id: ignored,
  output_tokens: ignored,
});

const openClipModel = z.strictObject({
  embed_dim: count,
  vision_cfg: openClipVision,
  text_cfg: openClipText,
  quick_gelu: z.boolean().default(false),
  custom_text: off,
  init_logit_bias: unset,
  init_logit_scale: ignored,
  cast_dtype: ignored,
});

const openClipFile = z.looseObject({
  model_cfg: openClipModel,
  preprocess_cfg: z.looseObject({ mean: triple, std: triple }).optional(),
});

const activation = z.literal(['gelu', 'quick_gelu']).default('quick_gelu');

const huggingFaceFile = z.looseObject({
  model_type: z.literal('clip').optional(),
  projection_dim: count.default(512),
  text_config: z.looseObject({
    hidden_size: count.default(512),
    num_hidden_layers: count.default(12),
    num_attention_heads: count.default(8),
    max_position_embeddings: count.default(77),
    vocab_size: count.default(49408),
    hidden_act: activation,
    layer_norm_eps: z.number().positive().default(clipLayerNormEps),
    eos_token_id: z.int().nonnegative().default(49407),
  }),
  vision_config: z.looseObject({
    hidden_size: count.default(768),
    num_hidden_layers: count.default(12),
    num_attention_heads: count.default(12),
    image_size: sides.default([224, 224]),
    patch_size: count.default(32),
    num_channels: z.literal(3).default(3),
    hidden_act: activation,
    layer_norm_eps: z.number().positive().default(clipLayerNormEps),
  }),
});

/** The architecture a configuration describes; `file` names it in errors. */
export function parseClipConfig(json: unknown, file: string): ClipArchitecture {
  const config = (json ?? {}) as Record<string, unknown>;
  const architecture =
    'vision_config' in config
      ? fromHuggingFace(parseConfig(huggingFaceFile, config, file))
      : fromOpenClip(parseConfig(openClipFile, 'model_cfg' in config ? config : { model_cfg: config }, file));
  checkHeads(architecture.image, 'the image tower', file);
  checkHeads(architecture.text, 'the text tower', file);
  const { imageSize, patch } = architecture.image;
  if (imageSize.some((side) => side % patch !== 0))
    throw new LangfieldError({
      file,
      problem: 'the picture is no whole number of patches',
      found: `${imageSize.join(' × ')} pixels in patches of ${patch}`,
      advice: 'Check image_size and patch_size',
    });
  return architecture;
}

function fromOpenClip({ model_cfg: model, preprocess_cfg: pixels }: z.infer<typeof openClipFile>): ClipArchitecture {
  const { vision_cfg: vision, text_cfg: text, embed_dim: dim } = model;
  const act = model.quick_gelu ? 'quick_gelu' : 'gelu';
  return {
    layout: 'openclip',
    image: {
      width: vision.width,
      heads: Math.floor(vision.width / vision.head_width),
      layers: vision.layers,
      activation: act,
      layerNormEps: vision.norm_kwargs?.eps ?? clipLayerNormEps,
      imageSize: vision.image_size,
      patch: vision.patch_size,
      dim,
    },
    text: {
      width: text.width,
      heads: text.heads,
      layers: text.layers,
      activation: act,
      layerNormEps: text.norm_kwargs?.eps ?? clipLayerNormEps,
      contextLength: text.context_length,
      vocabSize: text.vocab_size,
      dim,
      endToken: 'largest',
    },
    ...(pixels && { pixels: { mean: pixels.mean, std: pixels.std } }),
  };
}

function fromHuggingFace(config: z.infer<typeof huggingFaceFile>): ClipArchitecture {
  const { vision_config: vision, text_config: text, projection_dim: dim } = config;
  return {
    layout: 'huggingface',
    image: {
      width: vision.hidden_size,
      heads: vision.num_attention_heads,
      layers: vision.num_hidden_layers,
      activation: vision.hidden_act,
      layerNormEps: vision.layer_norm_eps,
      imageSize: vision.image_size,
      patch: vision.patch_size,
      dim,
    },
    text: {
      width: text.hidden_size,
      heads: text.num_attention_heads,
      layers: text.num_hidden_layers,
      activation: text.hidden_act,
      layerNormEps: text.layer_norm_eps,
      contextLength: text.max_position_embeddings,
      vocabSize: text.vocab_size,
      dim,
      // The first exports carried a wrong id, 2; for them that library reads the largest id instead.
      endToken: text.eos_token_id === 2 ? 'largest' : text.eos_token_id,
    },
  };
}

export function checkHeads({ width, heads }: { width: number; heads: number }, what: string, file: string): void {
  if (heads > 0 && width % heads === 0) return;
  throw new LangfieldError({
    file,
    problem: `the width of ${what} is no multiple of its attention heads`,
    found: `width ${width}, ${heads} heads`,
    advice: 'Check that this is the configuration of these weights',
  });
}

/** Validates a configuration file; the first fault becomes a LangfieldError with file and field. */
export function parseConfig<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue.code === 'unrecognized_keys';
  const value = issue.input === undefined ? 'nothing' : (JSON.stringify(issue.input) ?? String(issue.input));
  const path = issue.path.join('.');
  throw new LangfieldError({
    file,
    field: path === '' ? undefined : path,
    problem: unknown
      ? 'there are settings this importer does not know'
      : `this setting is not supported: ${issue.message.replace(/^Invalid input: /, '').replace(/\.$/, '')}`,
    found: unknown ? issue.keys.join(', ') : value.slice(0, 80),
    advice: 'Give the configuration file of a plain CLIP or DINO vision transformer',
  });
}
