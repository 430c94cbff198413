/**
 * Every pixel gets an id: what no mask covers becomes regions of its own, one for each connected piece (4 neighbours) that
 * is large and wide enough; other pieces, such as the seams between masks, go to whatever region is nearest in steps.
 */
import type { PictureSize } from '../encoders/picture-input.ts';

/** Pixels. */
export interface GapLimits {
  minArea: number;
  /** Of the mean width, 2 · area / outline. */
  minWidth: number;
}

/** @param ids [height, width], 0 = no mask; changed in place */
export function fillGaps(ids: Int32Array, { width, height }: PictureSize, { minArea, minWidth }: GapLimits): void {
  let next = ids.reduce((most, id) => Math.max(most, id), 0) + 1;
  const queue = new Int32Array(ids.length);
  const seen = new Uint8Array(ids.length);
  let hasGaps = false;
  for (let start = 0; start < ids.length; start++) {
    if (ids[start] !== 0 || seen[start] === 1) continue;
    const { length, outline } = collectPiece(ids, start, width, height, queue, seen);
    if (length < minArea || 2 * length < minWidth * outline) hasGaps = true;
    else {
      for (let i = 0; i < length; i++) ids[queue[i]] = next;
      next++;
    }
  }
  if (hasGaps) growRegions(ids, width, height, queue);
  // Nothing but pieces that are too small: the photo is one region.
  if (ids[0] === 0) ids.fill(1);
}

/** Writes the pixels of the piece of zeros at `start` to the queue; returns how many they are and the sides it ends at. */
function collectPiece(
  ids: Int32Array,
  start: number,
  width: number,
  height: number,
  queue: Int32Array,
  seen: Uint8Array,
): { length: number; outline: number } {
  let length = 0;
  let outline = 0;
  queue[length++] = start;
  seen[start] = 1;
  for (let i = 0; i < length; i++) {
    const neighbours = neighboursOf(queue[i], width, height);
    outline += 4 - neighbours.length;
    for (const neighbour of neighbours) {
      if (ids[neighbour] !== 0) outline++;
      else if (seen[neighbour] === 0) {
        seen[neighbour] = 1;
        queue[length++] = neighbour;
      }
    }
  }
  return { length, outline };
}

/** Regions take the zeros round them, all at one pixel a step. */
function growRegions(ids: Int32Array, width: number, height: number, queue: Int32Array): void {
  let length = 0;
  for (let i = 0; i < ids.length; i++) if (ids[i] !== 0) queue[length++] = i;
  for (let i = 0; i < length; i++)
    for (const neighbour of neighboursOf(queue[i], width, height))
      if (ids[neighbour] === 0) {
        ids[neighbour] = ids[queue[i]];
        queue[length++] = neighbour;
      }
}

function neighboursOf(pixel: number, width: number, height: number): number[] {
  const x = pixel % width;
  const found: number[] = [];
  if (pixel >= width) found.push(pixel - width);
  if (x > 0) found.push(pixel - 1);
  if (x < width - 1) found.push(pixel + 1);
  if (pixel < width * (height - 1)) found.push(pixel + width);
  return found;
}
