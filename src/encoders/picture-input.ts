/**
 * A photo as the picture input of a detector's or segmenter's graph, and the way back from places in that input to
 * pixels of the photo. Padding is added before the resize, in the photo's own pixels (as OWLv2 does).
 */
import { z } from 'zod';
import type { Image } from '../platform/platform.ts';
import type { ExpectedPort } from './graph.ts';
import type { TensorInput } from './inference-runtime.ts';
import { Resampler } from './resample.ts';

const positiveInteger = z.int().positive();
const share = z.number().min(0).max(1);

/** Section "image" of detector.json and segmenter.json. */
export const pictureSchema = z.strictObject({
  input: z.string().min(1),
  /** Pixels of the input: the side of a square, [height, width], or a size that keeps the photo's aspect. */
  size: z.union([
    positiveInteger,
    z.tuple([positiveInteger, positiveInteger]),
    z.strictObject({
      /** The shorter side becomes this, unless the longer one would exceed `longest`. */
      shortest: positiveInteger,
      longest: positiveInteger.optional(),
      /** Both sides are rounded up to multiples of this. */
      divisor: positiveInteger.default(1),
    }),
  ]),
  /** Per channel in the order of `channels`, for values in [0, 1]: (value - mean) / std. */
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  layout: z.enum(['nchw', 'nhwc']).default('nchw'),
  channels: z.enum(['rgb', 'bgr']).default('rgb'),
  /** Low-pass when shrinking. */
  antialias: z.boolean().default(true),
  /** How a photo of another aspect gets into the input: stretched, or with padding right and below, or all round. */
  fit: z.enum(['stretch', 'pad', 'letterbox']).default('stretch'),
  /** Colour of the padding, 0 … 1: a grey, or one number per channel. */
  padValue: z.union([share, z.tuple([share, share, share])]).default(0.5),
  /** A second input that is all ones, such as DETR's pixel_mask: [1, height, width]; default the picture's own size. */
  mask: z
    .strictObject({ input: z.string().min(1), size: z.tuple([positiveInteger, positiveInteger]).optional() })
    .optional(),
});

export type PictureDescription = z.infer<typeof pictureSchema>;

export interface PictureSize {
  width: number;
  height: number;
}

/** photo = scale · input − offset, both in pixels. */
export interface Placement {
  scaleX: number;
  scaleY: number;
  offsetX: number;
  offsetY: number;
}

export interface PictureInput extends PictureSize {
  /** [1, 3, height, width] or [1, height, width, 3] */
  data: Float32Array;
  shape: readonly number[];
  placement: Placement;
}

/** Height and width of the input for a photo. */
export function inputSize({ size }: Pick<PictureDescription, 'size'>, photo: PictureSize): PictureSize {
  if (typeof size === 'number') return { width: size, height: size };
  if (Array.isArray(size)) return { width: size[1], height: size[0] };
  const { shortest, longest = Number.POSITIVE_INFINITY, divisor } = size;
  const scale = Math.min(shortest / Math.min(photo.width, photo.height), longest / Math.max(photo.width, photo.height));
  const side = (pixels: number) => Math.ceil(Math.max(1, Math.round(pixels * scale)) / divisor) * divisor;
  return { width: side(photo.width), height: side(photo.height) };
}

export function createPictureInput(image: PictureDescription): (photo: Image) => PictureInput {
  const { mean, std, layout, antialias, fit } = image;
  const resampler = new Resampler({ mean, std, layout, antialias, interpolation: 'bilinear' });
  return (photo) => {
    const target = inputSize(image, photo);
    const { width, height } = target;
    const canvas = canvasOf(photo, target, fit);
    const bytes = paddedCanvas(canvas, image.padValue);
    copyPhoto(photo, bytes, canvas, image.channels === 'bgr');
    const data = new Float32Array(3 * width * height);
    resampler.resample(bytes, 0, canvas, target, data, 0);
    const placement = {
      scaleX: canvas.width / width,
      scaleY: canvas.height / height,
      offsetX: canvas.left,
      offsetY: canvas.top,
    };
    return { ...target, data, shape: layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3], placement };
  };
}

/** What a graph must take for this section: the picture, and its mask. */
export function pictureInputPorts({ input, size, layout, mask }: PictureDescription): ExpectedPort[] {
  const fixed = typeof size === 'number' ? [size, size] : Array.isArray(size) ? size : undefined;
  const [height, width] = [0, 1].map((axis) => fixed && { size: fixed[axis], field: 'image.size' });
  const channels = { size: 3 };
  const picture = {
    field: 'image.input',
    name: input,
    types: ['float32'],
    shape: layout === 'nchw' ? [undefined, channels, height, width] : [undefined, height, width, channels],
  };
  if (!mask) return [picture];
  const sides = mask.size ? mask.size.map((side) => ({ size: side, field: 'image.mask.size' })) : [height, width];
  const types = ['int64', 'int32', 'float32'];
  return [picture, { field: 'image.mask.input', name: mask.input, types, shape: [undefined, ...sides] }];
}

/** The picture and its mask as inputs of one run. */
export function pictureTensors(
  { input, mask }: PictureDescription,
  { data, shape, width, height }: PictureInput,
  typeOf: (input: string) => string | undefined,
): Record<string, TensorInput> {
  const picture: TensorInput = { type: 'float32', data, shape };
  if (!mask) return { [input]: picture };
  const size = mask.size ?? [height, width];
  const type = typeOf(mask.input) as TensorInput['type'];
  const ones = new (type === 'float32' ? Float32Array : Int32Array)(size[0] * size[1]).fill(1);
  return { [input]: picture, [mask.input]: { type, data: ones, shape: [1, ...size] } };
}

interface Canvas extends PictureSize {
  /** Where the photo starts. */
  left: number;
  top: number;
}

/** The photo itself, or the smallest picture of the input's aspect that holds it. */
function canvasOf(photo: Image, target: PictureSize, fit: PictureDescription['fit']): Canvas {
  if (fit === 'stretch') return { width: photo.width, height: photo.height, left: 0, top: 0 };
  const width = Math.max(photo.width, Math.round((photo.height * target.width) / target.height));
  const height = Math.max(photo.height, Math.round((photo.width * target.height) / target.width));
  if (fit === 'pad') return { width, height, left: 0, top: 0 };
  return { width, height, left: Math.floor((width - photo.width) / 2), top: Math.floor((height - photo.height) / 2) };
}

function paddedCanvas({ width, height }: Canvas, padValue: PictureDescription['padValue']): Uint8Array {
  const bytes = new Uint8Array(3 * width * height);
  if (typeof padValue === 'number') return bytes.fill(Math.round(255 * padValue));
  const colour = padValue.map((value) => Math.round(255 * value));
  for (let i = 0; i < bytes.length; i++) bytes[i] = colour[i % 3];
  return bytes;
}

/** Copies the photo as bytes of three channels; grey is repeated and alpha ignored. */
function copyPhoto({ width, height, channels, data }: Image, target: Uint8Array, canvas: Canvas, swap: boolean): void {
  const shift = data instanceof Uint16Array ? 8 : 0;
  const order = channels === 1 ? [0, 0, 0] : swap ? [2, 1, 0] : [0, 1, 2];
  for (let row = 0; row < height; row++) {
    let out = 3 * ((row + canvas.top) * canvas.width + canvas.left);
    for (let pixel = row * width; pixel < (row + 1) * width; pixel++)
      for (const channel of order) target[out++] = data[pixel * channels + channel] >> shift;
  }
}
