/**
 * Exact labels of a view in the two layouts of the field: LERF-OVS JSON (polygons that follow the pixels' outlines;
 * a hole is cut out through a slit) and LERF-Mask (one mask per phrase).
 */
import { contours } from 'd3-contour';
import { type LabelledPolygon, lerfOvsText, maskPicture } from '../formats/label-files.ts';
import { type FileSystem, type ImageCodec, joinPath } from '../platform/platform.ts';
import { phraseMask, type ScenePhrase } from './phrases.ts';
import type { RenderedView } from './render-view.ts';

/** A thing that shows fewer pixels than this in a view is not labelled there: it is behind something. */
export const smallestMask = 40;

export interface LabelPlaces {
  /** Folder of `<view>.json`. */
  polygons: string;
  /** Folder of `<view>/<phrase>.png`. */
  masks: string;
}

type Ring = readonly (readonly number[])[];

/** Returns the phrases that are labelled in this view. */
export async function writeLabels(
  places: LabelPlaces,
  name: string,
  phrases: readonly ScenePhrase[],
  { width, height, parts }: RenderedView,
  files: FileSystem,
  images: ImageCodec,
): Promise<string[]> {
  const polygons: LabelledPolygon[] = [];
  const labelled: string[] = [];
  const pixelsOfPart = new Uint32Array(2 ** 16);
  for (const id of parts) pixelsOfPart[id]++;
  for (const each of phrases) {
    if ([...each.parts].reduce((sum, id) => sum + pixelsOfPart[id], 0) < smallestMask) continue;
    const mask = phraseMask(each, parts);
    labelled.push(each.phrase);
    for (const polygon of outlines(mask, width, height)) polygons.push({ category: each.phrase, polygon });
    const png = await images.encodePng(maskPicture(mask, width, height));
    await files.writeAtomic(joinPath(places.masks, name, `${each.phrase}.png`), png);
  }
  const text = lerfOvsText({ name: `${name}.png`, width, height }, polygons);
  await files.writeAtomic(joinPath(places.polygons, `${name}.json`), text);
  return labelled;
}

/** One polygon per connected piece, [x, y] in pixels; exactly the mask when filled at pixel centres. */
export function outlines(mask: Uint8Array, width: number, height: number): number[][][] {
  // A mask is a small part of its picture, and d3-contour's time goes with the pixels that it is given.
  const { left, top, right, bottom } = boxOf(mask, width, height);
  if (right === 0) return [];
  const cut: number[] = [];
  for (let row = top; row < bottom; row++) cut.push(...mask.subarray(row * width + left, row * width + right));
  // Without smoothing, lines run half-way between pixel centres.
  const lines = contours()
    .size([right - left, bottom - top])
    .smooth(false)
    .thresholds([0.5]);
  const [pieces] = lines(cut);
  return pieces.coordinates.map((rings) => withSlits(rings as Ring[]).map(([x, y]) => [x + left, y + top]));
}

/** The pixels inside lie from `left` and `top` on, before `right` and `bottom`. */
function boxOf(mask: Uint8Array, width: number, height: number) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      if (mask[row * width + col] === 0) continue;
      box.left = Math.min(box.left, col);
      box.top = Math.min(box.top, row);
      box.right = Math.max(box.right, col + 1);
      box.bottom = row + 1;
    }
  return box;
}

/** An outer ring with its holes as one ring: the nearest corners are joined by a slit of no width. */
function withSlits([outer, ...holes]: readonly Ring[]): number[][] {
  let ring = outer.slice(0, -1).map((point) => [...point]);
  for (const hole of holes) {
    const corners = hole.slice(0, -1).map((point) => [...point]);
    let [best, from, to] = [Number.POSITIVE_INFINITY, 0, 0];
    for (const [i, a] of ring.entries())
      for (const [j, b] of corners.entries()) {
        const distance = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
        if (distance < best) [best, from, to] = [distance, i, j];
      }
    const turned = [...corners.slice(to), ...corners.slice(0, to), corners[to]];
    ring = [...ring.slice(0, from + 1), ...turned, ...ring.slice(from)];
  }
  return ring;
}
