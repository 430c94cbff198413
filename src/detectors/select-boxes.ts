/** From scored boxes to the detections of one phrase: threshold, place in the photo, suppression of near copies. */
import type { Placement } from '../encoders/picture-input.ts';
import type { ScoredBoxes } from './decoding.ts';
import type { Detection, PixelBox } from './detector.ts';

/** More detections of one phrase are of no use to anyone. */
const mostDetections = 300;

export interface Selection {
  /** Boxes must score more than this. */
  threshold: number;
  /** Boxes that overlap a better one by more than this are dropped; undefined keeps all. */
  nmsIou?: number;
  /** Whether a box counts only for the column it scores highest. */
  bestColumnOnly: boolean;
}

/**
 * Detections of a phrase, best first.
 * @param columns the columns that mean the phrase; a box scores the highest of them
 */
export function selectDetections(
  boxes: ScoredBoxes,
  columns: readonly number[],
  selection: Selection,
  placement: Placement,
  photo: { width: number; height: number },
): Detection[] {
  const candidates: Detection[] = [];
  for (let i = 0; i < boxes.count; i++) {
    const scores = boxes.scores.subarray(i * boxes.columns, (i + 1) * boxes.columns);
    const score = columns.reduce((most, column) => Math.max(most, scores[column]), Number.NEGATIVE_INFINITY);
    if (!(score > selection.threshold)) continue;
    if (selection.bestColumnOnly && scores.some((other) => other > score)) continue;
    const box = placeBox(boxes.corners.subarray(4 * i, 4 * i + 4), placement, photo);
    if (box) candidates.push({ box, score });
  }
  candidates.sort((a, b) => b.score - a.score);
  return suppressCopies(candidates.slice(0, mostDetections), selection.nmsIou);
}

/** In pixels of the photo, cut at its border; undefined when nothing is left. */
function placeBox(
  [x0, y0, x1, y1]: Float32Array,
  { scaleX, scaleY, offsetX, offsetY }: Placement,
  { width, height }: { width: number; height: number },
): PixelBox | undefined {
  const within = (value: number, end: number) => Math.min(end, Math.max(0, value));
  const box: PixelBox = [
    within(x0 * scaleX - offsetX, width),
    within(y0 * scaleY - offsetY, height),
    within(x1 * scaleX - offsetX, width),
    within(y1 * scaleY - offsetY, height),
  ];
  return box[2] > box[0] && box[3] > box[1] ? box : undefined;
}

/** Greedy non-maximum suppression. @param sorted best first */
function suppressCopies(sorted: Detection[], iou: number | undefined): Detection[] {
  if (iou === undefined) return sorted;
  const kept: Detection[] = [];
  for (const candidate of sorted) if (kept.every(({ box }) => boxIou(box, candidate.box) <= iou)) kept.push(candidate);
  return kept;
}

/** Intersection over union of two boxes; 0 when neither has an area. */
export function boxIou(a: PixelBox, b: PixelBox): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = ([x0, y0, x1, y1]: PixelBox) => (x1 - x0) * (y1 - y0);
  const union = area(a) + area(b) - width * height;
  return union > 0 ? (width * height) / union : 0;
}
