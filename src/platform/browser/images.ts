/**
 * Image codecs of the browser. PNG is written by a library, because a canvas multiplies by alpha and has 8 bits only;
 * JPEG and decoding are the browser's own, to 8 bits. Drawing SVG is left to Node.
 */
import { LangfieldError } from '../../errors.ts';
import type { Image, ImageCodec } from '../platform.ts';
import { resample } from '../resample.ts';
import { orientationBetween, withoutExif } from './orientation.ts';

/** Decodes what the browser can show, to RGBA. */
export type BrowserImages = Omit<ImageCodec, 'rasteriseSvg'>;

export const browserImages: BrowserImages = {
  async decode(bytes, what, { orientation = 'apply' } = {}) {
    const bitmap = await bitmapOf(bytes, what, orientation === 'apply');
    if (orientation === 'refuse') await refuseTurned(bytes, what);
    const image = pixelsOf(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
    return image;
  },
  async probe(bytes, what) {
    const [stored, upright] = [await bitmapOf(bytes, what, false), await bitmapOf(bytes, what, true)];
    const { width, height } = stored;
    const orientation = orientationBetween(smallPixelsOf(stored), smallPixelsOf(upright));
    for (const bitmap of [stored, upright]) bitmap.close();
    return { width, height, orientation, format: formatOf(bytes) };
  },
  async encodePng({ width, height, channels, data }) {
    const { encode } = await import('fast-png');
    return new Uint8Array(encode({ width, height, channels, data, depth: data instanceof Uint16Array ? 16 : 8 }));
  },
  async encodeJpeg(image, quality) {
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d')!.putImageData(toImageData(image), 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
    return new Uint8Array(await blob.arrayBuffer());
  },
  resize: async (image, width, height) => resample(image, width, height),
};

async function bitmapOf(bytes: Uint8Array, what: string, upright: boolean): Promise<ImageBitmap> {
  try {
    const blob = new Blob([(upright ? bytes : withoutExif(bytes)) as Uint8Array<ArrayBuffer>]);
    return await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none' });
  } catch (cause) {
    throw new LangfieldError({ problem: 'the browser cannot decode this image', file: what }, { cause });
  }
}

function pixelsOf(bitmap: ImageBitmap, width: number, height: number): Image {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, channels: 4, data: new Uint8Array(data.buffer) };
}

/** Longer side with which orientations are told apart. */
const probedSide = 64;

function smallPixelsOf(bitmap: ImageBitmap): Image {
  const shrink = Math.min(1, probedSide / Math.max(bitmap.width, bitmap.height));
  const side = (length: number) => Math.max(1, Math.round(length * shrink));
  return pixelsOf(bitmap, side(bitmap.width), side(bitmap.height));
}

async function refuseTurned(bytes: Uint8Array, what: string): Promise<void> {
  const { orientation } = await browserImages.probe(bytes, what);
  if (orientation === 1) return;
  throw new LangfieldError({
    problem: 'the image is turned by its EXIF orientation',
    file: what,
    found: `orientation ${orientation}`,
    expected: 'none',
    advice: 'Turn its pixels and remove the tag',
  });
}

/** By the first bytes; what the browser decodes besides is "other". */
function formatOf(bytes: Uint8Array): string {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'jpeg';
  if (text(1, 4) === 'PNG') return 'png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  return text(4, 12) === 'ftypavif' ? 'avif' : 'other';
}

/** An image as a canvas takes it. */
export function toImageData({ width, height, channels, data }: Image): ImageData {
  const shift = data instanceof Uint16Array ? 8 : 0;
  const result = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) result.data[4 * pixel + c] = data[pixel * channels + (channels === 1 ? 0 : c)] >> shift;
    result.data[4 * pixel + 3] = channels === 4 ? data[pixel * 4 + 3] >> shift : 255;
  }
  return result;
}
