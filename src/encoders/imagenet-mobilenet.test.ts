/**
 * The recorded embeddings of a real encoder (1e-3) and its relevancies on crops of a real capture: 0.005 with the
 * resize of the recording (sharp's linear kernel), 0.05 where the crop is shrunk without antialiasing as LERF does.
 */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShared, sharedFolder } from '../../test/shared.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { Image } from '../platform/platform.ts';
import type { ImageTextEncoder, TileBatch } from './encoder.ts';
import { loadNodeRuntime } from './node-runtime.ts';
import { openEncoder } from './onnx-encoder.ts';

interface Recorded {
  first16: number[];
}
interface Reference {
  texts: (Recorded & { phrase: string; last: number })[];
  images: (Recorded & { name: string; kind: string; last: number })[];
  cosine: { columns: string[]; values: number[][] };
}
interface Crop {
  file: string;
  left: number;
  top: number;
  side: number;
  relevancy: Record<string, number>;
}

const folder = `${sharedFolder}/encoders/imagenet-mobilenet`;
const readJson = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;
const { files, images } = nodePlatform();

const dot = (a: Float32Array, i: number, b: Float32Array, j: number, dim: number) => {
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += a[i * dim + k] * b[j * dim + k];
  return sum;
};

describe.skipIf(!hasShared)('imagenet-mobilenet', () => {
  let fox: { crops: Crop[] };
  let encoder: ImageTextEncoder;
  beforeAll(async () => {
    fox = readJson(`${folder}/reference-fox.json`);
    encoder = await openEncoder(folder, files, await loadNodeRuntime(), { threads: 2 });
  });
  afterAll(() => encoder?.close());

  it('reproduces the recorded phrases, pictures and cosines', async () => {
    const reference = readJson<Reference>(`${folder}/reference.json`);
    const texts = await encoder.encodeTexts(reference.texts.map((text) => text.phrase));
    const tiles = new Uint8Array(reference.images.length * 224 * 224 * 3);
    for (const [index, picture] of reference.images.entries())
      tiles.set(await pixelsOf(picture), index * 224 * 224 * 3);
    const pictures = await encoder.encodeImages({ count: reference.images.length, side: 224, data: tiles });
    for (const [row, text] of reference.texts.entries()) compare(texts, row, text);
    for (const [row, picture] of reference.images.entries()) compare(pictures, row, picture);
    reference.cosine.values.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(Math.abs(dot(pictures, i, texts, j, encoder.dim) - value)).toBeLessThan(1e-3);
      });
    });
  });

  it('reproduces the relevancies of crops of the fox that were resized as the recording did', async () => {
    for (const crop of fox.crops) {
      const pixels = await sharp(`${sharedFolder}/captures/fox/images/${crop.file}`)
        .extract({ left: crop.left, top: crop.top, width: crop.side, height: crop.side })
        .resize(224, 224, { kernel: 'linear', fastShrinkOnLoad: false })
        .raw()
        .toBuffer();
      await compareRelevancy(crop, { count: 1, side: 224, data: new Uint8Array(pixels) }, 0.005);
    }
  });

  it("resizing as LERF does moves the fox's relevancies little", async () => {
    for (const crop of fox.crops.filter(({ side }) => side > 224)) {
      const file = `${sharedFolder}/captures/fox/images/${crop.file}`;
      const photo = await images.decode(await files.readBytes(file), file);
      await compareRelevancy(crop, { count: 1, side: crop.side, data: cut(photo, crop) }, 0.05);
    }
  });

  async function compareRelevancy(crop: Crop, tile: TileBatch, tolerance: number): Promise<void> {
    const canonical = await encoder.encodeTexts(encoder.canonicalPhrases);
    const embedding = await encoder.encodeImages(tile);
    const phrases = Object.keys(crop.relevancy);
    const texts = await encoder.encodeTexts(phrases);
    const background = Math.max(...[0, 1, 2, 3].map((k) => dot(embedding, 0, canonical, k, encoder.dim)));
    phrases.forEach((phrase, j) => {
      const relevancy = 1 / (1 + Math.exp(-10 * (dot(embedding, 0, texts, j, encoder.dim) - background)));
      expect(Math.abs(relevancy - crop.relevancy[phrase])).toBeLessThan(tolerance);
    });
  }

  function compare(embeddings: Float32Array, row: number, recorded: Recorded & { last: number }): void {
    const start = row * encoder.dim;
    recorded.first16.forEach((value, i) => {
      expect(Math.abs(embeddings[start + i] - value)).toBeLessThan(1e-3);
    });
    expect(Math.abs(embeddings[start + encoder.dim - 1] - recorded.last)).toBeLessThan(1e-3);
    expect(dot(embeddings, row, embeddings, row, encoder.dim)).toBeCloseTo(1, 5);
  }
});

async function pixelsOf(picture: { name: string; kind: string }): Promise<Uint8Array> {
  if (picture.kind === 'sample') {
    const file = `${folder}/${picture.name}`;
    return (await images.decode(await files.readBytes(file), file)).data as Uint8Array;
  }
  // The formula is written in the entry's name: value(c, y, x) = (7x + 13y + 29c + (xy >> 4)) & 255.
  return Uint8Array.from({ length: 3 * 224 * 224 }, (_, i) => {
    const c = i % 3;
    const x = Math.floor(i / 3) % 224;
    const y = Math.floor(i / 672);
    return (7 * x + 13 * y + 29 * c + ((x * y) >> 4)) & 255;
  });
}

function cut(photo: Image, crop: { left: number; top: number; side: number }): Uint8Array {
  const data = new Uint8Array(3 * crop.side ** 2);
  for (let row = 0; row < crop.side; row++) {
    const start = 3 * ((crop.top + row) * photo.width + crop.left);
    data.set((photo.data as Uint8Array).subarray(start, start + 3 * crop.side), 3 * row * crop.side);
  }
  return data;
}
