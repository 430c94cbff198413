/** OWL-ViT and OWLv2 in the hub's ONNX layout, read by us and by Transformers.js: the same best boxes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as reference from '../../test/transformers-js.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { openDetector } from './open-detector.ts';
import * as tiny from './tiny-detectors.fixture.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-hub-detectors-'));
beforeAll(() => reference.useLocalModels(root));
afterAll(() => rmSync(root, { recursive: true }));

async function write(name: string, config: object, pixels: object): Promise<string> {
  const contents: Record<string, string | Uint8Array> = {
    'config.json': JSON.stringify(config),
    'preprocessor_config.json': JSON.stringify({
      ...{ do_normalize: true, do_rescale: true, do_resize: true, resample: 2 },
      ...{ image_mean: [0, 0, 0], image_std: [1, 1, 1], ...pixels },
    }),
    'tokenizer.json': tiny.tinyTokenizer,
    'tokenizer_config.json': JSON.stringify({ tokenizer_class: 'CLIPTokenizer', pad_token: '[PAD]' }),
    'onnx/model.onnx': tiny.owlGraph(),
  };
  for (const [file, data] of Object.entries(contents)) await files.writeAtomic(join(root, name, file), data);
  return join(root, name);
}

const text = { text_config: { max_position_embeddings: 6 } };

describe('zero-shot detectors', () => {
  it.each([
    [
      'owlvit',
      { model_type: 'owlvit', architectures: ['OwlViTForObjectDetection'], ...text },
      { feature_extractor_type: 'OwlViTFeatureExtractor', size: { height: 32, width: 32 }, crop_size: 99 },
      // Stretched: cells of 16 × 12.
      { box: [32, 12, 48, 24], colour: [255, 0, 0] },
    ],
    [
      'owlv2',
      { model_type: 'owlv2', architectures: ['Owlv2ForObjectDetection'], ...text },
      { image_processor_type: 'Owlv2ImageProcessor', do_pad: true, size: { height: 32, width: 32 } },
      // Padded to 64 × 64: cells of 16 × 16.
      { box: [16, 16, 32, 32], colour: [255, 0, 0] },
    ],
  ])('%s finds the box that Transformers.js finds', async (name, config, pixels, patch) => {
    const photo = tiny.photoWith(patch);
    const folder = await write(name, config, pixels);
    const detector = await openDetector(folder, files, await loadNodeRuntime(), { threads: 1 });
    const [[best]] = await detector.detect(photo, ['red']);
    await detector.close();
    expect(best.box).toEqual(patch.box);
    const pipeline = await reference.pipeline('zero-shot-object-detection', name, reference.quiet);
    // OWLv2 was trained on pictures padded to squares, which Transformers.js leaves out: it gets them padded.
    const height = name === 'owlv2' ? photo.width : photo.height;
    const rgb = new Uint8ClampedArray(3 * photo.width * height).fill(128);
    rgb.set(photo.data);
    const picture = new reference.RawImage(rgb, photo.width, height, 3);
    const [theirs] = (await pipeline(picture, ['a photo of a red'], { threshold: 0.1 })) as {
      score: number;
      box: { xmin: number; ymin: number; xmax: number; ymax: number };
    }[];
    const { xmin, ymin, xmax, ymax } = theirs.box;
    [xmin, ymin, xmax, ymax].forEach((value, i) => {
      expect(Math.abs(value - best.box[i])).toBeLessThan(1.01);
    });
    // The two resize a little differently.
    expect(best.score).toBeCloseTo(theirs.score, 3);
  });

  it('other detectors are refused by their kind', async () => {
    const folder = await write('yolos', { model_type: 'yolos', architectures: ['YolosForObjectDetection'] }, {});
    await expect(openDetector(folder, files, await loadNodeRuntime())).rejects.toThrow(
      /config\.json: model_type: .*found yolos, Yolos.*expected owlvit, owlv2/,
    );
  });
});
