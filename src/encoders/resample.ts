/**
 * Turns byte pictures into the float input of an image graph: bilinear resize with half-pixel centres, then
 * (value/255 - mean) / std (spec §1.3). Without antialiasing every output sample blends two input samples per axis;
 * with it, shrinking widens the triangle to the scale factor. No aspect change is compensated and nothing is cropped.
 */
import type { PicturePreprocessing } from './encoder-folder.ts';

/** Which input samples make one output sample along one axis. */
interface AxisTaps {
  /** [target] first input index. */
  first: Int32Array;
  /** [target, taps] */
  weights: Float32Array;
  taps: number;
}

export interface PictureShape {
  width: number;
  height: number;
}

/** Resamples pictures of any size to one layout; keeps its tables and scratch between calls. */
export class Resampler {
  private readonly preprocessing: PicturePreprocessing;
  private readonly axes = new Map<string, AxisTaps>();
  private scratch = new Float32Array(0);
  private rowDone = new Uint8Array(0);

  constructor(preprocessing: PicturePreprocessing) {
    this.preprocessing = preprocessing;
  }

  /**
   * `rgb` [source.height, source.width, 3] bytes from `rgbOffset` on become floats at out[outOffset …], 3·h·w of
   * them, as [3, h, w] or [h, w, 3] by the layout of the preprocessing.
   */
  resample(
    rgb: Uint8Array,
    rgbOffset: number,
    source: PictureShape,
    target: PictureShape,
    out: Float32Array,
    outOffset: number,
  ): void {
    const horizontal = this.axis(source.width, target.width);
    const vertical = this.axis(source.height, target.height);
    const rowLength = 3 * target.width;
    if (this.scratch.length < source.height * rowLength) this.scratch = new Float32Array(source.height * rowLength);
    if (this.rowDone.length < source.height) this.rowDone = new Uint8Array(source.height);
    this.rowDone.fill(0, 0, source.height);
    const { mean, std, layout } = this.preprocessing;
    const plane = target.width * target.height;
    for (let y = 0; y < target.height; y++) {
      for (let tap = 0; tap < vertical.taps; tap++) {
        const row = Math.min(vertical.first[y] + tap, source.height - 1);
        if (vertical.weights[y * vertical.taps + tap] === 0 || this.rowDone[row] === 1) continue;
        resampleRow(rgb, rgbOffset + row * source.width * 3, source.width, horizontal, this.scratch, row * rowLength);
        this.rowDone[row] = 1;
      }
      for (let channel = 0; channel < 3; channel++) {
        const scale = 1 / (255 * std[channel]);
        const bias = -mean[channel] / std[channel];
        const start = outOffset + (layout === 'nchw' ? channel * plane + y * target.width : y * rowLength + channel);
        const step = layout === 'nchw' ? 1 : 3;
        this.blendRows(vertical, y, channel, target.width, source.height, scale, bias, out, start, step);
      }
    }
  }

  private blendRows(
    vertical: AxisTaps,
    y: number,
    channel: number,
    width: number,
    sourceHeight: number,
    scale: number,
    bias: number,
    out: Float32Array,
    start: number,
    step: number,
  ): void {
    const { scratch } = this;
    const { taps, weights, first } = vertical;
    const rowLength = 3 * width;
    const begin = channel * width;
    const rowAt = (tap: number) => Math.min(first[y] + tap, sourceHeight - 1) * rowLength + begin;
    const row0 = rowAt(0);
    const weight0 = weights[y * taps] * scale;
    if (taps === 2 && weights[y * taps + 1] !== 0) {
      const row1 = rowAt(1);
      const weight1 = weights[y * taps + 1] * scale;
      for (let x = 0; x < width; x++)
        out[start + x * step] = weight0 * scratch[row0 + x] + weight1 * scratch[row1 + x] + bias;
      return;
    }
    for (let x = 0; x < width; x++) out[start + x * step] = weight0 * scratch[row0 + x] + bias;
    for (let tap = 1; tap < taps; tap++) {
      const weight = weights[y * taps + tap] * scale;
      if (weight === 0) continue;
      const row = rowAt(tap);
      for (let x = 0; x < width; x++) out[start + x * step] += weight * scratch[row + x];
    }
  }

  private axis(source: number, target: number): AxisTaps {
    const key = `${source}:${target}`;
    let taps = this.axes.get(key);
    if (!taps) {
      // Region tiles come in many sizes; the tables are cheap, so a bounded memory is enough.
      if (this.axes.size >= 64) this.axes.clear();
      taps =
        this.preprocessing.antialias && source > target ? triangleTaps(source, target) : linearTaps(source, target);
      this.axes.set(key, taps);
    }
    return taps;
  }
}

/** One row of [width, 3] bytes to [3, target] floats. */
function resampleRow(
  rgb: Uint8Array,
  start: number,
  width: number,
  axis: AxisTaps,
  out: Float32Array,
  outStart: number,
): void {
  const { first, weights, taps } = axis;
  const target = first.length;
  const last = start + 3 * (width - 1);
  for (let x = 0; x < target; x++) {
    // Taps beyond the last sample have weight 0; the clamp only keeps the read inside the row.
    let at = start + 3 * first[x];
    const weight = weights[x * taps];
    let red = weight * rgb[at];
    let green = weight * rgb[at + 1];
    let blue = weight * rgb[at + 2];
    for (let tap = 1; tap < taps; tap++) {
      at = Math.min(at + 3, last);
      const more = weights[x * taps + tap];
      red += more * rgb[at];
      green += more * rgb[at + 1];
      blue += more * rgb[at + 2];
    }
    out[outStart + x] = red;
    out[outStart + target + x] = green;
    out[outStart + 2 * target + x] = blue;
  }
}

function linearTaps(source: number, target: number): AxisTaps {
  const first = new Int32Array(target);
  const weights = new Float32Array(2 * target);
  const scale = source / target;
  for (let i = 0; i < target; i++) {
    const position = Math.max(0, (i + 0.5) * scale - 0.5);
    first[i] = Math.min(Math.floor(position), source - 1);
    const fraction = Math.min(1, position - first[i]);
    weights[2 * i] = 1 - fraction;
    weights[2 * i + 1] = fraction;
  }
  return { first, weights, taps: 2 };
}

/** Triangle of half-width `source / target` round the sample's centre, normalised over the samples that exist. */
function triangleTaps(source: number, target: number): AxisTaps {
  const scale = source / target;
  const taps = Math.ceil(scale) * 2 + 1;
  const first = new Int32Array(target);
  const weights = new Float32Array(taps * target);
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - scale + 0.5));
    const high = Math.min(source, Math.trunc(centre + scale + 0.5));
    let sum = 0;
    for (let j = low; j < high; j++) sum += Math.max(0, 1 - Math.abs(j - centre + 0.5) / scale);
    first[i] = low;
    for (let j = low; j < high; j++)
      weights[i * taps + j - low] = Math.max(0, 1 - Math.abs(j - centre + 0.5) / scale) / sum;
  }
  return { first, weights, taps };
}
