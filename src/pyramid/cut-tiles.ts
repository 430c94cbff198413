/**
 * Cuts squares out of photos (spec §1.3, §5.2 step 2). A square may hang over the photo; what lies outside is zero,
 * which is black before normalisation. Squares are copied once, as bytes at their own size; resizing to the encoder's
 * input happens inside the encoder straight from these bytes.
 */
import type { RegionBox } from '../regions/region-map.ts';
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

/**
 * The square as seven numbers that decide its content in a given photo: top, left, side, and the window that is
 * not zero. Region tiles are kept under them, whatever map or prior they came from.
 */
export function squareKey(square: Square, photo: { width: number; height: number }): number[] {
  const { top, left, side, window } = square;
  return [
    top,
    left,
    side,
    Math.max(0, top, window?.top ?? 0),
    Math.max(0, left, window?.left ?? 0),
    Math.min(photo.height - 1, top + side - 1, window?.bottom ?? photo.height),
    Math.min(photo.width - 1, left + side - 1, window?.right ?? photo.width),
  ];
}

/** Numbers of a square's key. */
export const squareKeyLength = 7;

/** The square that a key stands for. */
export function squareOfKey([top, left, side, first, firstCol, last, lastCol]: readonly number[]): Square {
  return { top, left, side, window: { top: first, left: firstCol, bottom: last, right: lastCol } };
}

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
