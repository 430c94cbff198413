/**
 * A photo as the picture input of a detector's graph, and the way back from places in that input to pixels of the
 * photo. Padding is added before the resize, in the photo's own pixels (as OWLv2 does).
 */
import { Resampler } from '../encoders/resample.ts';
import type { Image } from '../platform/platform.ts';
import type { DetectorDescription } from './detector-folder.ts';

/** photo = scale · input − offset, both in pixels. */
export interface Placement {
  scaleX: number;
  scaleY: number;
  offsetX: number;
  offsetY: number;
}

export interface PictureInput {
  /** [1, 3, height, width] or [1, height, width, 3] */
  data: Float32Array;
  shape: readonly number[];
  placement: Placement;
}

type ImageDescription = DetectorDescription['image'];

/** Height and width of the input. */
export function inputSize({ size }: Pick<ImageDescription, 'size'>): { width: number; height: number } {
  return typeof size === 'number' ? { width: size, height: size } : { width: size[1], height: size[0] };
}

export function createPictureInput(image: ImageDescription): (photo: Image) => PictureInput {
  const target = inputSize(image);
  const { mean, std, layout, antialias, fit, padValue } = image;
  const resampler = new Resampler({ mean, std, layout, antialias, interpolation: 'bilinear' });
  const { width, height } = target;
  const shape = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  return (photo) => {
    const canvas = canvasOf(photo, target, fit);
    const bytes = new Uint8Array(3 * canvas.width * canvas.height).fill(Math.round(255 * padValue));
    copyPhoto(photo, bytes, canvas, image.channels === 'bgr');
    const data = new Float32Array(3 * width * height);
    resampler.resample(bytes, 0, canvas, target, data, 0);
    const placement = {
      scaleX: canvas.width / width,
      scaleY: canvas.height / height,
      offsetX: canvas.left,
      offsetY: canvas.top,
    };
    return { data, shape, placement };
  };
}

interface Canvas {
  width: number;
  height: number;
  /** Where the photo starts. */
  left: number;
  top: number;
}

/** The photo itself, or the smallest picture of the input's aspect that holds it. */
function canvasOf(photo: Image, target: { width: number; height: number }, fit: ImageDescription['fit']): Canvas {
  if (fit === 'stretch') return { width: photo.width, height: photo.height, left: 0, top: 0 };
  const width = Math.max(photo.width, Math.round((photo.height * target.width) / target.height));
  const height = Math.max(photo.height, Math.round((photo.width * target.height) / target.width));
  if (fit === 'pad') return { width, height, left: 0, top: 0 };
  return { width, height, left: Math.floor((width - photo.width) / 2), top: Math.floor((height - photo.height) / 2) };
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
