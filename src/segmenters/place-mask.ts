/**
 * From the mask of a graph, on its own small grid over the graph's input, to pixels of the photo: bilinear with half-pixel
 * centres and clamped edges, through whatever stretching or padding the photo went.
 */
import type { PictureInput, PictureSize } from '../encoders/picture-input.ts';

/** One mask plane [height, width]. */
export interface MaskPlane extends PictureSize {
  data: Float32Array;
}

interface Taps {
  /** For each pixel of the photo the cell before it, the one after, and the position between them. */
  before: Int32Array;
  after: Int32Array;
  fraction: Float32Array;
}

/** A part of the photo; bottom and right are excluded. */
export interface PixelRange {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** Places planes of one size; tables and the result's memory are kept between calls. */
export class MaskPlacer {
  /** [photo.height, photo.width]: what was placed last. */
  readonly placed: Float32Array;
  private readonly columns: Taps;
  private readonly rows: Taps;
  private readonly plane: PictureSize;
  /** [plane.height, photo.width]: rows of the plane as wide as the photo. */
  private readonly wide: Float32Array;

  constructor(plane: PictureSize, input: PictureInput, photo: PictureSize) {
    const { scaleX, scaleY, offsetX, offsetY } = input.placement;
    this.columns = tapsOf(photo.width, offsetX, scaleX * (input.width / plane.width), plane.width);
    this.rows = tapsOf(photo.height, offsetY, scaleY * (input.height / plane.height), plane.height);
    this.placed = new Float32Array(photo.width * photo.height);
    this.plane = plane;
    this.wide = new Float32Array(plane.height * photo.width);
  }

  /**
   * Places the numbers of a plane and returns the part of the photo that was written: all of it, or with `cells` (x0, y0,
   * x1, y1) what these cells and their neighbours reach.
   */
  place(data: Float32Array, cells?: readonly [number, number, number, number]): PixelRange {
    const [x0, y0, x1, y1] = cells ?? [0, 0, this.plane.width, this.plane.height];
    const [left, right] = reachOf(this.columns, x0, x1);
    const [top, bottom] = reachOf(this.rows, y0, y1);
    const photoWidth = this.columns.before.length;
    if (bottom > top) {
      const last = this.rows.after[bottom - 1];
      for (let row = this.rows.before[top]; row <= last; row++) this.widen(data, row, left, right);
    }
    const { wide, placed } = this;
    for (let y = top; y < bottom; y++) {
      const above = this.rows.before[y] * photoWidth;
      const below = this.rows.after[y] * photoWidth;
      const fraction = this.rows.fraction[y];
      const out = y * photoWidth;
      for (let x = left; x < right; x++) {
        const upper = wide[above + x];
        placed[out + x] = upper + fraction * (wide[below + x] - upper);
      }
    }
    return { top, left, bottom, right };
  }

  private widen(data: Float32Array, row: number, left: number, right: number): void {
    const { before, after, fraction } = this.columns;
    const { wide } = this;
    const source = row * this.plane.width;
    const out = row * before.length;
    for (let x = left; x < right; x++) {
      const value = data[source + before[x]];
      wide[out + x] = value + fraction[x] * (data[source + after[x]] - value);
    }
  }
}

/** First and last pixel, the last excluded, that take something of the cells [from, to). */
function reachOf({ before, after }: Taps, from: number, to: number): [number, number] {
  let first = 0;
  while (first < after.length && after[first] < from) first++;
  let end = before.length;
  while (end > first && before[end - 1] >= to) end--;
  return [first, end];
}

/** @param scale pixels of the photo per cell */
function tapsOf(pixels: number, offset: number, scale: number, cells: number): Taps {
  const [before, after, fraction] = [new Int32Array(pixels), new Int32Array(pixels), new Float32Array(pixels)];
  for (let i = 0; i < pixels; i++) {
    const position = Math.min(cells - 1, Math.max(0, (i + 0.5 + offset) / scale - 0.5));
    before[i] = Math.floor(position);
    after[i] = Math.min(cells - 1, before[i] + 1);
    fraction[i] = position - before[i];
  }
  return { before, after, fraction };
}

/** Which cells of a plane lie in the photo, [height, width]: padding does not count. */
export function cellsInPhoto(plane: PictureSize, input: PictureInput, photo: PictureSize): Uint8Array {
  const { scaleX, scaleY, offsetX, offsetY } = input.placement;
  const inside = new Uint8Array(plane.width * plane.height);
  for (let y = 0; y < plane.height; y++) {
    const row = ((y + 0.5) * input.height * scaleY) / plane.height - offsetY;
    if (row < 0 || row >= photo.height) continue;
    for (let x = 0; x < plane.width; x++) {
      const col = ((x + 0.5) * input.width * scaleX) / plane.width - offsetX;
      if (col >= 0 && col < photo.width) inside[y * plane.width + x] = 1;
    }
  }
  return inside;
}
