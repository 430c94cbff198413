/** Folders in the hub's ONNX layout, read by us and by Transformers.js: the same masks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as reference from '../../test/transformers-js.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { openSegmenter } from './open-segmenter.ts';
import * as tiny from './tiny-segmenters.fixture.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-hub-segmenters-'));
beforeAll(() => reference.useLocalModels(root));
afterAll(() => rmSync(root, { recursive: true }));

const photo = tiny.photoWith(
  { box: [8, 8, 40, 40], colour: [255, 0, 0] },
  { box: [16, 16, 28, 28], colour: [0, 255, 0] },
);
const picture = () => new reference.RawImage(new Uint8ClampedArray(photo.rgb), photo.width, photo.height, 3);
const black = { image_mean: [0, 0, 0], image_std: [1, 1, 1], do_normalize: true, do_rescale: true, do_resize: true };
const labels = { id2label: { 0: 'thing', 1: 'stuff' }, label2id: { thing: 0, stuff: 1 }, num_labels: 2 };

/** What the types of Transformers.js leave out. */
interface PanopticProcessor {
  post_process_panoptic_segmentation(...args: unknown[]): { segmentation: { data: Int32Array } }[];
}
interface MaskProcessor {
  post_process_masks(...args: unknown[]): Promise<{ data: Uint8Array }[]>;
}

/** Share of pixels where two maps put a boundary between other pairs of neighbours. */
function disagreement(a: Int32Array, b: Int32Array): number {
  const pairs = new Map<number, Map<number, number>>();
  a.forEach((id, i) => {
    const row = pairs.get(id) ?? new Map<number, number>();
    pairs.set(id, row.set(b[i], (row.get(b[i]) ?? 0) + 1));
  });
  const agreeing = [...pairs.values()].reduce((sum, row) => sum + Math.max(...row.values()), 0);
  return 1 - agreeing / a.length;
}

async function segment(name: string) {
  const segmenter = await openSegmenter(join(root, name), files, await loadNodeRuntime(), { threads: 1 });
  const { ids } = await segmenter.segment('a.png', photo);
  await segmenter.close?.();
  return ids;
}

describe('panoptic models', () => {
  const layouts = [
    {
      name: 'detr',
      config: { model_type: 'detr', architectures: ['DetrForSegmentation'], ...labels },
      pixels: { ...black, feature_extractor_type: 'DetrFeatureExtractor', size: 48, max_size: 64, resample: 2 },
      graph: tiny.detrGraph(),
    },
    {
      name: 'maskformer',
      config: { model_type: 'maskformer', architectures: ['MaskFormerForInstanceSegmentation'], ...labels },
      pixels: {
        ...{ ...black, image_processor_type: 'MaskFormerImageProcessor', resample: 2 },
        ...{ size: { shortest_edge: 48, longest_edge: 64 }, size_divisor: 16 },
      },
      graph: tiny.maskFormerGraph(),
    },
  ];

  it.each(layouts)('$name gives the segments of its own post-processing', async ({ name, config, pixels, graph }) => {
    await tiny.writeFolder(files, join(root, name), {
      'config.json': config,
      'preprocessor_config.json': pixels,
      'onnx/model.onnx': graph,
    });
    const ids = await segment(name);
    expect(new Set(ids)).toEqual(new Set([1, 2, 3]));
    const processor = await reference.AutoProcessor.from_pretrained(name, reference.quiet);
    const model = await reference.AutoModelForUniversalSegmentation.from_pretrained(name, reference.quiet).catch(() =>
      reference.AutoModelForImageSegmentation.from_pretrained(name, reference.quiet),
    );
    const inputs = await processor(picture());
    // What the processor leaves out is all ones.
    const [, , height, width] = inputs.pixel_values.dims;
    inputs.pixel_mask ??= new reference.Tensor('int64', new BigInt64Array(height * width).fill(1n), [1, height, width]);
    const outputs = await model(inputs);
    const { image_processor: images } = processor as unknown as { image_processor: PanopticProcessor };
    const [{ segmentation }] = images.post_process_panoptic_segmentation(
      ...[outputs, 0.5, 0.5, 0.8, new Set(), [[photo.height, photo.width]]],
    );
    const expected = Int32Array.from(segmentation.data);
    expect(new Set(expected).size).toBe(3);
    expect(disagreement(ids, expected)).toBeLessThan(0.002);
  });
});

describe('SAM', () => {
  it('asks the points of a grid, and its masks are those of the model', async () => {
    await tiny.writeFolder(files, join(root, 'sam'), {
      'config.json': { model_type: 'sam', architectures: ['SamModel'] },
      'preprocessor_config.json': {
        ...{ ...black, image_processor_type: 'SamImageProcessor', processor_class: 'SamProcessor', resample: 2 },
        ...{ size: { longest_edge: 64 }, pad_size: { height: 64, width: 64 }, do_pad: true },
      },
      'onnx/vision_encoder.onnx': tiny.samEncoderGraph(tiny.samNames, 64),
      'onnx/prompt_encoder_mask_decoder.onnx': tiny.samDecoderGraph(tiny.samNames, 64),
    });
    const ids = await segment('sam');
    expect(new Set(ids).size).toBe(3);
    const model = await reference.SamModel.from_pretrained('sam', reference.quiet);
    const processor = await reference.AutoProcessor.from_pretrained('sam', reference.quiet);
    for (const [x, y] of [
      [12, 12],
      [22, 22],
      [60, 4],
    ]) {
      const inputs = await processor(picture(), { input_points: [[[x, y]]] });
      const outputs = await model(inputs);
      const [masks] = await (processor as unknown as MaskProcessor).post_process_masks(
        ...[outputs.pred_masks, inputs.original_sizes, inputs.reshaped_input_sizes],
      );
      // Its first mask is that of the colour at the point.
      const mask = masks.data.subarray(0, photo.width * photo.height);
      const own = ids[y * photo.width + x];
      const wrong = ids.reduce((count, id, i) => count + (Number(id === own) === mask[i] ? 0 : 1), 0);
      expect(wrong / ids.length, `${x}, ${y}`).toBeLessThan(0.1);
    }
  });
});

it('other models are refused by their kind', async () => {
  await tiny.writeFolder(files, join(root, 'other'), {
    'config.json': { model_type: 'segformer', architectures: ['SegformerForSemanticSegmentation'] },
    'preprocessor_config.json': black,
    'onnx/model.onnx': new Uint8Array(1),
  });
  await expect(segment('other')).rejects.toThrow(
    /config\.json: model_type: .*found segformer, Segformer.*expected detr/,
  );
});
