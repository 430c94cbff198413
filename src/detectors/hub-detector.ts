/**
 * A detector.json for an OWL-ViT or OWLv2 in the hub's ONNX layout: onnx/model.onnx with input_ids, attention_mask and
 * pixel_values, logits and pred_boxes. Defaults are those of the model classes, whose configurations leave them out.
 */
import { type HubFolder, numberOf, squareSide, unknownModel } from '../encoders/hub-folder.ts';

export function describeHubDetector(folder: HubFolder): object {
  const { config, pixels } = folder;
  if (config.model_type !== 'owlvit' && config.model_type !== 'owlv2') throw unknownModel(folder, ['owlvit', 'owlv2']);
  const isSecond = config.model_type === 'owlv2';
  const { text_config: text } = config;
  return {
    name: folder.name,
    file: 'onnx/model.onnx',
    image: {
      input: 'pixel_values',
      size: squareSide({ ...folder, pixels: { ...pixels, do_center_crop: false } }, isSecond ? 960 : 768),
      mean: pixels.image_mean,
      std: pixels.image_std,
      // OWLv2 pads to a square; OWL-ViT stretches.
      fit: isSecond ? 'pad' : 'stretch',
    },
    decoding: { kind: 'queries', logits: 'logits', boxes: 'pred_boxes' },
    text: {
      input: 'input_ids',
      maskInput: 'attention_mask',
      contextLength: numberOf(text, 'max_position_embeddings', 16),
      padId: 0,
      endId: numberOf(text, 'eos_token_id', 49407),
      prompt: 'a photo of a {}',
    },
  };
}
