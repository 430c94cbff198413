/**
 * How one-channel maps become pictures (spec §3.4): relevancy raw, centred, normalised and composited over the photo,
 * and depth. Pictures are 8-bit RGB images; encoding them is the image codec's business, exact values belong in NPY.
 * The original masks every phrase's composited picture by phrase 0; here a phrase is masked by its own relevancy
 * unless the caller passes another mask.
 */
import type { Image } from '../platform/platform.ts';
import { turbo, turboBytes, turboIndex } from './turbo.ts';

/** One value per pixel. */
export interface ScalarMap {
  width: number;
  height: number;
  /** [height, width] */
  values: ArrayLike<number>;
}

/** v through Turbo as it is: 0 is the first colour, 1 the last. */
export function displayRaw(map: ScalarMap): Image {
  return colourMap(map, (value) => value);
}

/** 2v − 1: everything at or below 0.5 takes the first colour. */
export function displayCentred(map: ScalarMap): Image {
  return colourMap(map, (value) => 2 * value - 1);
}

/** Maps that span less than this hold one value and rounding. */
const constantRange = 1e-5;

/** (v − min) / (max − min + 1e-9): the look of the paper's figures. A constant map takes the first colour. */
export function displayNormalised(map: ScalarMap): Image {
  const { min, max } = finiteRange(map.values);
  // A map of an unknown phrase is 0.5 but for rounding; stretched, the rounding would look like an answer.
  if (max - min < constantRange) return colourMap(map, () => 0);
  return colourMap(map, (value) => (value - min) / (max - min + 1e-9));
}

/**
 * Turbo of p / (max p + 1e-6) with p = clip(v − 0.5, 0, 1) where the mask is at least 0.5, the photo elsewhere.
 * @param photo RGB of the map's size
 * @param mask relevancy that decides which pixels show the photo; the map itself unless given
 */
export function displayComposited(map: ScalarMap, photo: Image, options: { mask?: ArrayLike<number> } = {}): Image {
  if (photo.width !== map.width || photo.height !== map.height)
    throw new RangeError(`photo is ${photo.width}×${photo.height}, the map ${map.width}×${map.height}`);
  const colours = compositedColours(map.values, rgbOf(photo), options.mask);
  return {
    width: map.width,
    height: map.height,
    channels: 3,
    data: Uint8Array.from(colours, (value) => Math.round(255 * value)),
  };
}

/**
 * displayComposited in exact colours.
 * @param relevancy [pixels]
 * @param rgb [pixels, 3] in [0, 1]
 * @param mask [pixels]
 * @returns [pixels, 3] in [0, 1]
 */
export function compositedColours(
  relevancy: ArrayLike<number>,
  rgb: ArrayLike<number>,
  mask: ArrayLike<number> = relevancy,
): Float32Array {
  let peak = 0;
  for (let i = 0; i < relevancy.length; i++) peak = Math.max(peak, aboveHalf(relevancy[i]));
  const out = new Float32Array(3 * relevancy.length);
  for (let i = 0; i < relevancy.length; i++) {
    const colour = mask[i] >= 0.5 ? turbo(aboveHalf(relevancy[i]) / (peak + 1e-6)) : undefined;
    for (let c = 0; c < 3; c++) out[3 * i + c] = colour ? colour[c] : rgb[3 * i + c];
  }
  return out;
}

/** Depths between which the colours run, scene units. */
export interface DepthRange {
  min: number;
  max: number;
}

/**
 * Where the rays hit something (accumulation of one half and more), from the nearest hundredth to the farthest; the whole
 * range where nothing is hit. One ray that ends far behind the scene would otherwise leave a single colour to all of it.
 * @param depth [pixels] scene units
 * @param accumulation [pixels] in [0, 1]
 */
export function depthRange(depth: ArrayLike<number>, accumulation: ArrayLike<number>): DepthRange {
  const hit = Float64Array.from(depth)
    .filter((value, i) => Number.isFinite(value) && accumulation[i] >= 0.5)
    .sort();
  if (hit.length === 0) return finiteRange(depth);
  const rare = Math.floor(0.01 * hit.length);
  return { min: hit[rare], max: hit[hit.length - 1 - rare] };
}

/**
 * Depth through Turbo, from its nearest to its farthest value (spec §3.4); with accumulation: over depthRange, fading to
 * white where the rays hit nothing.
 * @param accumulation [height, width] in [0, 1]; opaque everywhere unless given
 */
export function displayDepth(depth: ScalarMap, accumulation?: ArrayLike<number>): Image {
  const { min, max } = accumulation ? depthRange(depth.values, accumulation) : finiteRange(depth.values);
  const image = colourMap(depth, (value) => (value - min) / (max - min + 1e-10));
  if (accumulation === undefined) return image;
  for (let i = 0; i < depth.values.length; i++) {
    const opaque = Math.min(1, Math.max(0, accumulation[i]));
    for (let c = 0; c < 3; c++) image.data[3 * i + c] = Math.round(opaque * image.data[3 * i + c] + 255 * (1 - opaque));
  }
  return image;
}

/** The photo, grey and dark where the mask [height, width] is below one half. */
export function displayMasked({ width, height, data }: Image, mask: Image): Image {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [r, g, b] = data.subarray(pixel * 3, pixel * 3 + 3);
    const grey = (0.3 * r + 0.59 * g + 0.11 * b) / 3;
    rgb.set(mask.data[pixel * mask.channels] > 128 ? [r, g, b] : [grey, grey, grey], pixel * 3);
  }
  return { width, height, channels: 3, data: rgb };
}

/** The map as a 16-bit grey image, 0..1 on 0..65535, for the exact display of relevancy in a PNG. */
export function grey16(map: ScalarMap): Image {
  const data = new Uint16Array(map.width * map.height);
  for (let i = 0; i < data.length; i++) data[i] = Math.round(65535 * clipUnit(map.values[i]));
  return { width: map.width, height: map.height, channels: 1, data };
}

function colourMap(map: ScalarMap, toUnit: (value: number) => number): Image {
  const pixels = map.width * map.height;
  if (map.values.length !== pixels)
    throw new RangeError(`${map.values.length} values for a ${map.width}×${map.height} picture`);
  const data = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    const entry = 3 * turboIndex(toUnit(map.values[i]));
    data[3 * i] = turboBytes[entry];
    data[3 * i + 1] = turboBytes[entry + 1];
    data[3 * i + 2] = turboBytes[entry + 2];
  }
  return { width: map.width, height: map.height, channels: 3, data };
}

/** Least and greatest value, NaN and infinities left out; 0 and 0 when there is none. */
function finiteRange(values: ArrayLike<number>): DepthRange {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (values[i] < min) min = values[i];
    if (values[i] > max) max = values[i];
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** RGB in [0, 1] of an image with any channels and depth; alpha is ignored. */
function rgbOf(image: Image): Float32Array {
  const white = image.data instanceof Uint16Array ? 65535 : 255;
  const rgb = new Float32Array(3 * image.width * image.height);
  for (let i = 0; i < image.width * image.height; i++)
    for (let c = 0; c < 3; c++)
      rgb[3 * i + c] = image.data[image.channels * i + (image.channels === 1 ? 0 : c)] / white;
  return rgb;
}

function clipUnit(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}

function aboveHalf(value: number): number {
  return clipUnit(value - 0.5);
}
