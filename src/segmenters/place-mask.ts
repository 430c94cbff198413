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

/** Places planes of one size; tables and the result's memory are kept between calls. */
export class MaskPlacer {
  private readonly columns: Taps;
  private readonly rows: Taps;
  private readonly placed: Float32Array;
  private readonly width: number;

  constructor(plane: PictureSize, input: PictureInput, photo: PictureSize) {
    const { scaleX, scaleY, offsetX, offsetY } = input.placement;
    this.columns = tapsOf(photo.width, offsetX, scaleX * (input.width / plane.width), plane.width);
    this.rows = tapsOf(photo.height, offsetY, scaleY * (input.height / plane.height), plane.height);
    this.placed = new Float32Array(photo.width * photo.height);
    this.width = plane.width;
  }

  /** [photo.height, photo.width]; valid until the next call. @param data the plane's numbers */
  place(data: Float32Array): Float32Array {
    const { rows, columns, placed, width } = this;
    let out = 0;
    for (let y = 0; y < rows.before.length; y++) {
      const [above, below, g] = [rows.before[y] * width, rows.after[y] * width, rows.fraction[y]];
      for (let x = 0; x < columns.before.length; x++) {
        const [a, b, f] = [columns.before[x], columns.after[x], columns.fraction[x]];
        const upper = data[above + a] + f * (data[above + b] - data[above + a]);
        const lower = data[below + a] + f * (data[below + b] - data[below + a]);
        placed[out++] = upper + g * (lower - upper);
      }
    }
    return placed;
  }
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
