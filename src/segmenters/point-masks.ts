/**
 * Automatic masks of the SAM family: a grid of points over the photo, several masks per point, of which those are kept
 * that the model itself trusts (predicted IoU), that hardly change with their threshold (stability) and whose box is not
 * that of a better one. Overlaps become one id map: smaller masks lie on top. Filtering happens on the graph's own grid,
 * four pixels of its input a cell; only masks that are kept are brought to the size of the photo.
 */
import { boxIou } from '../detectors/select-boxes.ts';
import type { PictureInput, PictureSize } from '../encoders/picture-input.ts';
import { cellsInPhoto, MaskPlacer, type MaskPlane } from './place-mask.ts';
import type { PointDecoding } from './segmenter-folder.ts';

/** Masks of some points: [count, height, width] logits and a score for each. */
export interface PointMasks {
  masks: MaskPlane;
  scores: Float32Array;
}

interface Candidate extends MaskPlane {
  score: number;
  /** x0, y0, x1, y1 in cells. */
  box: [number, number, number, number];
  /** Cells. */
  area: number;
}

/** [points, 2] x, y in pixels of the graph's input: the middles of pointsPerSide² equal parts of the photo. */
export function pointGrid(pointsPerSide: number, { placement }: PictureInput, photo: PictureSize): Float32Array {
  const { scaleX, scaleY, offsetX, offsetY } = placement;
  return Float32Array.from({ length: 2 * pointsPerSide ** 2 }, (_, i) => {
    const index = i >> 1;
    const at = (place: number) => (place + 0.5) / pointsPerSide;
    return i % 2 === 0
      ? (at(index % pointsPerSide) * photo.width + offsetX) / scaleX
      : (at(Math.floor(index / pointsPerSide)) * photo.height + offsetY) / scaleY;
  });
}

/** Collects masks point by point, so that those of all points are never in memory together. */
export class MaskCollector {
  private readonly decoding: PointDecoding;
  private readonly input: PictureInput;
  private readonly photo: PictureSize;
  private candidates: Candidate[] = [];
  private inside?: Uint8Array;

  constructor(decoding: PointDecoding, input: PictureInput, photo: PictureSize) {
    this.decoding = decoding;
    this.input = input;
    this.photo = photo;
  }

  add({ masks, scores }: PointMasks): void {
    this.inside ??= cellsInPhoto(masks, this.input, this.photo);
    const plane = masks.width * masks.height;
    for (const [index, score] of scores.entries()) {
      if (!(score > this.decoding.scoreThreshold)) continue;
      const data = masks.data.subarray(index * plane, (index + 1) * plane);
      const candidate = measure({ ...masks, data }, score, this.inside, this.decoding);
      if (candidate) this.candidates.push(candidate);
    }
    // Most masks come many times: the copies need not wait for the end.
    if (this.candidates.length > 512) this.candidates = this.best();
  }

  /** Ids 1, 2, … by falling area, 0 where no mask is: [photo.height, photo.width]. */
  map(): Int32Array {
    const ids = new Int32Array(this.photo.width * this.photo.height);
    const kept = this.best().sort((a, b) => b.area - a.area);
    if (kept.length === 0) return ids;
    const placer = new MaskPlacer(kept[0], this.input, this.photo);
    const { placed } = placer;
    const { width } = this.photo;
    for (const [index, { data, box }] of kept.entries()) {
      // Between a cell of the mask and one that is none, numbers above 0 reach no further than the latter.
      const { top, left, bottom, right } = placer.place(data, box);
      for (let y = top; y < bottom; y++)
        for (let i = y * width + left; i < y * width + right; i++) if (placed[i] > 0) ids[i] = index + 1;
    }
    return ids;
  }

  /** Greedy non-maximum suppression of boxes, best first. */
  private best(): Candidate[] {
    const sorted = this.candidates.toSorted((a, b) => b.score - a.score);
    const kept: Candidate[] = [];
    for (const candidate of sorted)
      if (kept.every(({ box }) => boxIou(box, candidate.box) <= this.decoding.nmsIou)) kept.push(candidate);
    return kept;
  }
}

/** Box and area of a mask; undefined when it is empty or not stable. */
function measure(
  { width, height, data }: MaskPlane,
  score: number,
  inside: Uint8Array,
  { stabilityOffset, stabilityThreshold }: PointDecoding,
): Candidate | undefined {
  let [strict, loose, area] = [0, 0, 0];
  const box: Candidate['box'] = [width, height, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (inside[i] === 0 || data[i] <= -stabilityOffset) continue;
    loose++;
    if (data[i] > stabilityOffset) strict++;
    if (data[i] <= 0) continue;
    area++;
    const [x, y] = [i % width, Math.floor(i / width)];
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + 1);
    box[3] = Math.max(box[3], y + 1);
  }
  if (area === 0 || strict < stabilityThreshold * loose) return undefined;
  // A copy: the graph's output is gone with its next run.
  return { width, height, data: data.slice(), score, box, area };
}
