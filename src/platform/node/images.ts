/**
 * The ImageCodec interface on sharp (libvips): JPEG, PNG, WebP and AVIF in, PNG and JPEG out. Samples of 8 and 16
 * bit pass through unchanged; other colour spaces (CMYK, embedded profiles) are converted to sRGB. A damaged file is
 * an error, never a half-grey picture. Resizing is our own (resample.ts), so that it is the same in the browser.
 */
import sharp, { type Metadata, type OutputInfo } from 'sharp';
import { LangfieldError } from '../../errors.ts';
import type { Image, ImageCodec } from '../platform.ts';
import { resample } from '../resample.ts';

const readable: Record<string, string> = { jpeg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif', heif: 'avif' };

function unreadable(what: string, error: unknown): LangfieldError {
  const reason = (error as Error).message.split('\n')[0].trim();
  return new LangfieldError(
    {
      problem: 'the image cannot be decoded; it is damaged or cut short',
      file: what,
      found: reason,
      advice: 'Copy it again from its source, or remove it from the capture',
    },
    { cause: error },
  );
}

/** `strict`: stop at damaged data instead of filling the rest with grey. */
const open = (bytes: Uint8Array) => sharp(bytes, { failOn: 'error', limitInputPixels: 2 ** 30 });

async function readMetadata(bytes: Uint8Array, what: string): Promise<Metadata & { kind: string }> {
  if (bytes.length === 0) {
    throw new LangfieldError({
      problem: 'the image file is empty',
      file: what,
      advice: 'Copy it again from its source, or remove it from the capture',
    });
  }
  let metadata: Metadata;
  try {
    metadata = await open(bytes).metadata();
  } catch (error) {
    throw unreadable(what, error);
  }
  const kind = readable[metadata.format ?? ''];
  if (kind === undefined || (metadata.format === 'heif' && metadata.compression !== 'av1')) {
    throw new LangfieldError({
      problem: 'this image format is not supported',
      file: what,
      found: metadata.compression ? `${metadata.format} (${metadata.compression})` : metadata.format,
      expected: 'JPEG, PNG, WebP or AVIF',
      advice: 'Convert it to PNG or JPEG',
    });
  }
  return { ...metadata, kind };
}

function refuseRotation(what: string, orientation: number): never {
  throw new LangfieldError({
    problem: 'the image carries an EXIF rotation',
    file: what,
    found: `orientation ${orientation}`,
    expected: 'orientation 1 (upright) or no tag',
    advice: 'Rotate the pixels and clear the tag, for example with "mogrify -auto-orient"',
  });
}

async function decode(
  bytes: Uint8Array,
  what: string,
  options: { orientation?: 'apply' | 'refuse' | 'ignore' } = {},
): Promise<Image> {
  const metadata = await readMetadata(bytes, what);
  const rotation = options.orientation ?? 'apply';
  const turned = (metadata.orientation ?? 1) > 1;
  if (turned && rotation === 'refuse') refuseRotation(what, metadata.orientation ?? 1);

  const deep = metadata.depth === 'ushort';
  const grey = metadata.channels === 1;
  let pipeline = open(bytes);
  if (turned && rotation === 'apply') pipeline = pipeline.autoOrient();
  if (deep) pipeline = pipeline.toColourspace(grey ? 'grey16' : 'rgb16').raw({ depth: 'ushort' });
  else pipeline = pipeline.toColourspace(grey ? 'b-w' : 'srgb').raw({ depth: 'uchar' });
  try {
    const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
    return toImage(data, info, deep, what);
  } catch (error) {
    throw error instanceof LangfieldError ? error : unreadable(what, error);
  }
}

function toImage(data: Buffer, info: OutputInfo, deep: boolean, what: string): Image {
  const { width, height, channels } = info;
  const expected = width * height * channels * (deep ? 2 : 1);
  if (data.length !== expected || (channels !== 1 && channels !== 3 && channels !== 4)) {
    throw new LangfieldError({
      problem: 'the image has an unusual layout of channels',
      file: what,
      found: `${channels} channels`,
      expected: 'grey, RGB or RGBA',
      advice: 'Convert it to an RGB PNG',
    });
  }
  // A copy of its own, so that 16-bit samples are aligned and no pool is kept alive.
  const bytes = new Uint8Array(data);
  return { width, height, channels, data: deep ? new Uint16Array(bytes.buffer) : bytes };
}

const fromRaw = ({ data, width, height, channels }: Image) =>
  sharp(data, { raw: { width, height, channels }, limitInputPixels: 2 ** 30 });

export function nodeImages(): ImageCodec {
  return {
    decode,
    async probe(bytes, what) {
      const { width, height, orientation, kind } = await readMetadata(bytes, what);
      return { width, height, orientation: orientation ?? 1, format: kind };
    },
    async encodePng(image) {
      const pipeline = fromRaw(image);
      if (image.data instanceof Uint16Array) pipeline.toColourspace(image.channels === 1 ? 'grey16' : 'rgb16');
      else pipeline.toColourspace(image.channels === 1 ? 'b-w' : 'srgb');
      return new Uint8Array(await pipeline.png({ compressionLevel: 6 }).toBuffer());
    },
    async encodeJpeg(image, quality) {
      const eight = image.data instanceof Uint16Array ? { ...image, data: image.data.map((v) => v >>> 8) } : image;
      const small = { ...eight, data: new Uint8Array(eight.data) };
      const pipeline = fromRaw(small).flatten({ background: '#000000' });
      return new Uint8Array(await pipeline.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer());
    },
    resize: async (image, width, height) => resample(image, width, height),
    async rasteriseSvg(svg, width, height) {
      const pipeline = sharp(new TextEncoder().encode(svg)).resize(width, height, { fit: 'fill' }).ensureAlpha();
      const data = await pipeline.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer();
      return { width, height, channels: 4, data: new Uint8Array(data) };
    },
  };
}
