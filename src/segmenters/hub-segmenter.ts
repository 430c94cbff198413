/**
 * A segmenter.json for models in the hub's ONNX layout: DETR with a mask head and MaskFormer (onnx/model.onnx), SAM and
 * SAM 2 (onnx/vision_encoder.onnx, onnx/prompt_encoder_mask_decoder.onnx).
 */
import { type HubFolder, numberOf, pictureOf, unknownModel } from '../encoders/hub-folder.ts';

export function describeHubSegmenter(folder: HubFolder): object {
  switch (folder.config.model_type) {
    case 'detr':
      if (folder.config.architectures?.some((name) => !name.includes('Segmentation'))) break;
      return queries(folder, 'logits', 'pred_masks', { input: 'pixel_mask', size: [64, 64] });
    case 'maskformer':
      return queries(folder, 'class_queries_logits', 'masks_queries_logits', { input: 'pixel_mask' });
    case 'sam':
      return points(folder, ['image_embeddings', 'image_positional_embeddings'], []);
    case 'sam2': {
      const levels = numberOf(folder.config.vision_config, 'num_feature_levels', 3);
      const names = Array.from({ length: levels }, (_, level) => `image_embeddings.${level}`);
      // Its decoder wants boxes too: none.
      return points(folder, names, [{ input: 'input_boxes', type: 'float32', shape: [1, 0, 4] }]);
    }
  }
  throw unknownModel(folder, ['detr (DetrForSegmentation)', 'maskformer', 'sam', 'sam2']);
}

function queries(folder: HubFolder, logits: string, masks: string, mask: object): object {
  return {
    name: folder.name,
    file: 'onnx/model.onnx',
    image: { input: 'pixel_values', ...pictureOf(folder), mask },
    decoding: { kind: 'queries', logits, masks },
  };
}

function points(folder: HubFolder, embeddings: readonly string[], constants: readonly object[]): object {
  const { pixels } = folder;
  const { pad_size: padded, size } = pixels as { pad_size?: { height?: number }; size?: unknown };
  const sides = size as { longest_edge?: number; height?: number } | undefined;
  return {
    name: folder.name,
    file: 'onnx/vision_encoder.onnx',
    image: {
      input: 'pixel_values',
      size: padded?.height ?? sides?.longest_edge ?? sides?.height ?? 1024,
      mean: pixels.image_mean,
      std: pixels.image_std,
      // SAM pads right and below, with zeros behind the normalisation; SAM 2 stretches.
      fit: folder.config.model_type === 'sam' ? 'pad' : 'stretch',
      padValue: pixels.image_mean,
    },
    decoding: {
      kind: 'points',
      embeddings,
      decoder: { file: 'onnx/prompt_encoder_mask_decoder.onnx', constants },
    },
  };
}
