/**
 * Cuts squares out of photos (spec §1.3, §5.2 step 2). A square may hang over the photo; what lies outside is zero,
 * which is black before normalisation. Squares are copied once, as bytes at their own size; resizing to the encoder's
 * input happens inside the encoder straight from these bytes.
 */
import { sha256 } from '../platform/platform.ts';
import type { RegionBox, RegionMap } from '../regions/region-map.ts';
import type { LevelGeometry } from './tile-geometry.ts';

/** [height, width, 3] bytes. */
export interface RgbPhoto {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** Inclusive pixel bounds. */
export interface PixelWindow {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A square of pixels; top and left may be negative. */
export interface Square {
  top: number;
  left: number;
  side: number;
  /** Pixels outside this window are zero even where the photo has content. */
  window?: PixelWindow;
  /** [rows, cols] of the window: 1 = region. Looked at alone, everything else is hidden (hideSurroundings). */
  shown?: Uint8Array;
}

/** The tiles of one level, row-major. */
export function levelSquares(level: LevelGeometry): Square[] {
  const squares: Square[] = [];
  for (let row = 0; row < level.rows; row++)
    for (let col = 0; col < level.cols; col++)
      squares.push({
        top: row * level.stride - level.padding,
        left: col * level.stride - level.padding,
        side: level.side,
      });
  return squares;
}

/**
 * The tile of a region: its bounding box centred in a square of side max(h, w). Around the box lie zeros, or with
 * `context` 'image' the photo itself (spec §5.3 #9).
 */
export function regionSquare(box: RegionBox, context: 'zeros' | 'image'): Square {
  const height = box.bottom - box.top + 1;
  const width = box.right - box.left + 1;
  const side = Math.max(height, width);
  const square = {
    top: box.top - Math.floor((side - height) / 2),
    left: box.left - Math.floor((side - width) / 2),
    side,
  };
  if (context === 'image') return square;
  return { ...square, window: { top: box.top, left: box.left, bottom: box.bottom, right: box.right } };
}

/** Where a region lies in its box: [rows, cols], 1 = region. */
export function regionShape({ ids, width }: RegionMap, { id, top, left, bottom, right }: RegionBox): Uint8Array {
  const cols = right - left + 1;
  return Uint8Array.from({ length: (bottom - top + 1) * cols }, (_, i) =>
    ids[(top + Math.floor(i / cols)) * width + left + (i % cols)] === id ? 1 : 0,
  );
}

/**
 * The square as nine numbers that decide its content in a given photo: top, left, side, the window that is not zero,
 * and the hash of what is shown of it, 0 0 for all. Region tiles are kept under them, whatever map or prior they came
 * from.
 */
export async function squareKey(square: Square, photo: { width: number; height: number }): Promise<number[]> {
  const { top, left, side, window, shown } = square;
  const hash = shown ? await sha256(shown) : '';
  return [
    top,
    left,
    side,
    Math.max(0, top, window?.top ?? 0),
    Math.max(0, left, window?.left ?? 0),
    Math.min(photo.height - 1, top + side - 1, window?.bottom ?? photo.height),
    Math.min(photo.width - 1, left + side - 1, window?.right ?? photo.width),
    Number.parseInt(hash.slice(0, 8) || '0', 16) | 0,
    Number.parseInt(hash.slice(8, 16) || '0', 16) | 0,
  ];
}

/** Numbers of a square's key. */
export const squareKeyLength = 9;

/** Writes the square's [side, side, 3] bytes to out[offset …]. */
export function cutSquare(photo: RgbPhoto, square: Square, out: Uint8Array, offset: number): void {
  const { top, left, side, window } = square;
  const firstRow = Math.max(0, top, window?.top ?? 0);
  const lastRow = Math.min(photo.height, top + side, (window?.bottom ?? photo.height) + 1);
  const firstCol = Math.max(0, left, window?.left ?? 0);
  const lastCol = Math.min(photo.width, left + side, (window?.right ?? photo.width) + 1);
  out.fill(0, offset, offset + 3 * side * side);
  if (lastCol <= firstCol) return;
  for (let row = firstRow; row < lastRow; row++) {
    const source = 3 * (row * photo.width + firstCol);
    const length = 3 * (lastCol - firstCol);
    out.set(photo.rgb.subarray(source, source + length), offset + 3 * ((row - top) * side + firstCol - left));
  }
}

/**
 * The photo with everything in the square's window that is not its region under the photo's mean colour, which is no
 * object; black would be one. Outside the window it is not copied.
 */
export function hideSurroundings(photo: RgbPhoto, { window, shown }: Square): RgbPhoto {
  if (!window || !shown) return photo;
  const colour = meanColour(photo);
  const rgb = new Uint8Array(photo.rgb.length);
  const cols = window.right - window.left + 1;
  shown.forEach((is, i) => {
    const at = 3 * ((window.top + Math.floor(i / cols)) * photo.width + window.left + (i % cols));
    rgb.set(is ? photo.rgb.subarray(at, at + 3) : colour, at);
  });
  return { ...photo, rgb };
}

const meanColours = new WeakMap<RgbPhoto, number[]>();

function meanColour(photo: RgbPhoto): number[] {
  const known = meanColours.get(photo);
  if (known) return known;
  const sums = [0, 0, 0];
  photo.rgb.forEach((value, i) => {
    sums[i % 3] += value;
  });
  const mean = sums.map((sum) => Math.round((3 * sum) / photo.rgb.length));
  meanColours.set(photo, mean);
  return mean;
}
