/**
 * Resizing of interleaved pixels in their own (gamma-encoded) values: each axis on its own, exact area averaging
 * where the axis shrinks (the filter that photo pyramids and OpenCV's INTER_AREA use), bilinear with half-pixel
 * centres where it grows. Colour is weighted by alpha, so invisible pixels do not bleed. Pure; runs everywhere.
 */
import type { Image } from './platform.ts';

/** For each output position: the first input position, and the weights of it and its successors (they sum to 1). */
interface Taps {
  first: Int32Array;
  /** [outputs, width], zero-padded. */
  weights: Float32Array;
  width: number;
}

function areaTaps(from: number, to: number): Taps {
  const ratio = from / to;
  const width = Math.ceil(ratio) + 1;
  const taps: Taps = { first: new Int32Array(to), weights: new Float32Array(to * width), width };
  for (let i = 0; i < to; i++) {
    const start = i * ratio;
    const end = Math.min(from, (i + 1) * ratio);
    const first = Math.min(from - 1, Math.floor(start));
    taps.first[i] = first;
    for (let k = 0; k < width; k++) {
      const covered = Math.min(end, first + k + 1) - Math.max(start, first + k);
      taps.weights[i * width + k] = Math.max(0, covered) / (end - start);
    }
  }
  return taps;
}

function linearTaps(from: number, to: number): Taps {
  const width = Math.min(2, from);
  const taps: Taps = { first: new Int32Array(to), weights: new Float32Array(to * width), width };
  for (let i = 0; i < to; i++) {
    const position = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const first = Math.min(Math.floor(position), Math.max(0, from - 2));
    taps.first[i] = first;
    taps.weights[i * width] = 1 - (position - first);
    if (width === 2) taps.weights[i * width + 1] = position - first;
  }
  return taps;
}

const tapsFor = (from: number, to: number): Taps => (to < from ? areaTaps(from, to) : linearTaps(from, to));

/** One filtered row: `source` [width, channels] as floats, alpha-weighted when there are 4 channels. */
function filterRow(row: Float32Array, image: Image, rowStart: number): void {
  const { width, channels, data } = image;
  if (channels !== 4) {
    for (let i = 0; i < width * channels; i++) row[i] = data[rowStart + i];
    return;
  }
  const white = data instanceof Uint16Array ? 65535 : 255;
  for (let i = 0; i < width * 4; i += 4) {
    const alpha = data[rowStart + i + 3] / white;
    row[i] = data[rowStart + i] * alpha;
    row[i + 1] = data[rowStart + i + 1] * alpha;
    row[i + 2] = data[rowStart + i + 2] * alpha;
    row[i + 3] = data[rowStart + i + 3];
  }
}

function accumulateRow(target: Float32Array, row: Float32Array, taps: Taps, channels: number, weight: number): void {
  const outputs = taps.first.length;
  for (let x = 0; x < outputs; x++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < taps.width; k++) {
        const tap = taps.weights[x * taps.width + k];
        if (tap !== 0) sum += tap * row[(taps.first[x] + k) * channels + c];
      }
      target[x * channels + c] += weight * sum;
    }
  }
}

function storeRow(data: Uint8Array | Uint16Array, start: number, sums: Float32Array, channels: number): void {
  const white = data instanceof Uint16Array ? 65535 : 255;
  for (let i = 0; i < sums.length; i += channels) {
    const scale = channels === 4 ? (sums[i + 3] > 0 ? white / sums[i + 3] : 0) : 1;
    for (let c = 0; c < channels; c++) {
      const value = c === 3 ? sums[i + c] : sums[i + c] * scale;
      data[start + i + c] = Math.min(white, Math.floor(value + 0.5));
    }
  }
}

/** The image at another size; 8-bit stays 8-bit and 16-bit stays 16-bit. */
export function resample(image: Image, width: number, height: number): Image {
  const { channels } = image;
  const make = image.data instanceof Uint16Array ? Uint16Array : Uint8Array;
  if (width === image.width && height === image.height) return { ...image, data: new make(image.data) };
  const columns = tapsFor(image.width, width);
  const rows = tapsFor(image.height, height);
  const data = new make(width * height * channels);
  // One extra column of zeros, because the last taps may reach one past the end with weight 0.
  const input = new Float32Array((image.width + 1) * channels);
  const sums = new Float32Array(width * channels);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < rows.width; k++) {
      const weight = rows.weights[y * rows.width + k];
      const source = rows.first[y] + k;
      if (weight === 0 || source >= image.height) continue;
      filterRow(input, image, source * image.width * channels);
      accumulateRow(sums, input, columns, channels, weight);
    }
    storeRow(data, y * width * channels, sums, channels);
  }
  return { width, height, channels, data };
}
