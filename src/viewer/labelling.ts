/**
 * Polygons that a visitor draws over a view, as labels: scored as `langfield eval` scores a map, and written as the files
 * that it reads. What is scored is what would be read back: corners rounded as they are written.
 */

import { type LabelObject, type LabelView, labelMask } from '../evaluate/labels/labels.ts';
import { type Polygon, polygonBox } from '../evaluate/labels/polygon.ts';
import { recallHit } from '../evaluate/recall.ts';
import { dRelevancy, ratioAcc } from '../evaluate/relevancy-scores.ts';
import { type LabelledPolygon, lerfOvsText, maskPicture } from '../formats/label-files.ts';
import type { Image } from '../platform/platform.ts';

/** Right and down from the middle of the picture, in heights of it: the same place at every size. */
export type Corner = readonly [x: number, y: number];

export interface DrawnPolygon {
  phrase: string;
  corners: readonly Corner[];
}

export interface Size {
  width: number;
  height: number;
}

export const leastCorners = 3;

/** A picture's corners are as far as a polygon may reach. */
export function clampCorner([x, y]: Corner, { width, height }: Size): Corner {
  const within = (value: number, half: number) => Math.min(half, Math.max(-half, value));
  return [within(x, width / height / 2), within(y, 0.5)];
}

/** Pixels of a picture of this size, to a hundredth. */
export function cornerPixels([x, y]: Corner, { width, height }: Size): [number, number] {
  const hundredth = (value: number) => Math.round(100 * value) / 100;
  return [hundredth(width / 2 + x * height), hundredth(height / 2 + y * height)];
}

/** The drawn polygons as labels of an image of this name and size, as reading the written file gives them. */
export function labelViewOf(image: string, polygons: readonly DrawnPolygon[], size: Size): LabelView {
  const categories = new Map<string, LabelObject[]>();
  for (const { phrase, corners } of polygons) {
    const polygon: Polygon = corners.map((corner) => cornerPixels(corner, size));
    const objects = categories.get(phrase) ?? [];
    objects.push({ shape: { kind: 'polygon', polygon }, box: polygonBox(polygon) });
    categories.set(phrase, objects);
  }
  return { image, file: image, ...size, categories };
}

export interface LabelScores {
  dRelevancy: number;
  /** NaN where it is undefined. */
  ratioAcc: number;
  /** By the rule that `langfield eval` uses unless told otherwise. */
  recalled: boolean;
  /** Share of the picture that is labelled; also the D of a map that is 0 everywhere. */
  area: number;
}

/**
 * Scores of a relevancy map, [height, width], against the polygons of a phrase; undefined when these cover no pixel of
 * the map.
 */
export function scoreLabel(
  view: LabelView,
  phrase: string,
  relevancy: Float32Array,
  { width, height }: Size,
): LabelScores | undefined {
  const mask = labelMask(view, phrase, width, height);
  const count = mask.reduce((sum, inside) => sum + inside, 0);
  if (count === 0) return undefined;
  return {
    dRelevancy: dRelevancy(relevancy, mask),
    ratioAcc: ratioAcc(relevancy, mask),
    recalled: recallHit(relevancy, mask, 'highlighted'),
    area: count / mask.length,
  };
}

/** The LERF-OVS file of a view. */
export function lerfOvsFile({ image, width, height, categories }: LabelView): string {
  const polygons = [...categories].flatMap(([category, objects]) =>
    objects.flatMap(({ shape }): LabelledPolygon[] =>
      shape.kind === 'polygon' ? [{ category, polygon: shape.polygon }] : [],
    ),
  );
  return lerfOvsText({ name: image, width, height }, polygons);
}

/** The LERF-Mask picture of a phrase, at the size of the labelled image. */
export function phraseMaskPicture(view: LabelView, phrase: string): Image {
  const { width, height } = view;
  return maskPicture(labelMask(view, phrase, width, height), width, height);
}

/** In a LERF-Mask tree a phrase is the name of a file; these characters no name can have everywhere. */
export const fitsFileName = (phrase: string): boolean => !/[/\\:*?"<>|\p{Cc}]|^\.|\.$/u.test(phrase);

/** Name of a photo as labels give it: without its folders, unless another photo has that name too. */
export function labelledName(photo: string, photos: readonly string[]): string {
  const base = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  return photos.filter((other) => base(other) === base(photo)).length > 1 ? photo : base(photo);
}

/** Without folders and ending, as files of labels are called. */
export const stemOf = (image: string): string => image.slice(image.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
