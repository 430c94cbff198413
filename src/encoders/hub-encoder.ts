/**
 * An encoder.json for a CLIP or SigLIP in the hub's ONNX layout: onnx/vision_model.onnx and onnx/text_model.onnx, which
 * for CLIP return projected embeddings (image_embeds, text_embeds) and for SigLIP pooler_output. Defaults are those of
 * the model classes, whose configurations leave them out.
 */
import { type HubFolder, numberOf, specialIdOf, squareSide, unknownModel } from './hub-folder.ts';

export function describeHubEncoder(folder: HubFolder): object {
  const { config } = folder;
  if (config.model_type !== 'clip' && config.model_type !== 'siglip') throw unknownModel(folder, ['clip', 'siglip']);
  const isClip = config.model_type === 'clip';
  const { text_config: text, vision_config: vision } = config;
  const dim = isClip ? (config.projection_dim ?? 512) : numberOf(vision, 'hidden_size', 768);
  const endOfText = isClip ? numberOf(text, 'eos_token_id', 49407) : specialIdOf(folder, 'eos_token');
  return {
    name: folder.name,
    dim,
    image: {
      file: 'onnx/vision_model.onnx',
      input: 'pixel_values',
      output: isClip ? 'image_embeds' : 'pooler_output',
      size: squareSide(folder, 224),
      mean: folder.pixels.image_mean,
      std: folder.pixels.image_std,
    },
    text: {
      file: 'onnx/text_model.onnx',
      input: 'input_ids',
      output: isClip ? 'text_embeds' : 'pooler_output',
      // SigLIP attends to its padding: there is no mask.
      ...(isClip && { maskInput: 'attention_mask', maskOptional: true }),
      contextLength: numberOf(text, 'max_position_embeddings', isClip ? 77 : 64),
      // Nothing behind CLIP's end token matters; SigLIP reads the last place, padding included.
      padId: isClip ? 0 : (specialIdOf(folder, 'pad_token') ?? numberOf(text, 'pad_token_id', 1)),
      // The first configurations of CLIP carry a wrong id, 2.
      endId: isClip && endOfText === 2 ? numberOf(text, 'vocab_size', 49408) - 1 : endOfText,
    },
  };
}
