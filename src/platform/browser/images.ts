/**
 * Image codecs of the browser. PNG is written by a library, because a canvas multiplies by alpha and has 8 bits only;
 * JPEG and decoding are the browser's own. Reading the EXIF tag and drawing SVG are left to Node.
 */
import { LangfieldError } from '../../errors.ts';
import type { Image, ImageCodec } from '../platform.ts';
import { resample } from '../resample.ts';

export type BrowserImages = Pick<ImageCodec, 'encodePng' | 'encodeJpeg' | 'resize'> & {
  /** Decodes what the browser can show, to 8-bit RGBA; EXIF orientation is applied unless it is to be ignored. */
  decode(bytes: Uint8Array, what: string, options?: { orientation?: 'apply' | 'ignore' }): Promise<Image>;
};

export const browserImages: BrowserImages = {
  async decode(bytes, what, { orientation = 'apply' } = {}) {
    const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
    let bitmap: ImageBitmap;
    try {
      const imageOrientation = orientation === 'apply' ? 'from-image' : ('none' as ImageOrientation);
      bitmap = await createImageBitmap(blob, { imageOrientation, premultiplyAlpha: 'none' });
    } catch (cause) {
      throw new LangfieldError({ problem: 'the browser cannot decode this image', file: what }, { cause });
    }
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, channels: 4, data: new Uint8Array(data.buffer) };
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
