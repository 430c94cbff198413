/**
 * The paper's 2D column: a detector is asked for every labelled phrase in the labelled photo itself – not in a
 * rendering – at the photo's full size, and its best box is held against the labelled ones.
 */
import type { Detector, PixelBox } from '../detectors/detector.ts';
import type { RunPhoto } from '../field/run.ts';
import type { Image, Progress } from '../platform/platform.ts';
import { judgeDetections } from './box-match.ts';
import { type Box, labelBoxes } from './labels/labels.ts';
import type { LabelledPhoto } from './labels/read-labels.ts';

/** One phrase in one view. */
export interface DetectorPair {
  phrase: string;
  photo: string;
  split: 'train' | 'test';
  /** Pixels of the photo; null when the detector found nothing. */
  box: PixelBox | null;
  score: number | null;
  /** With the labelled box it overlaps most. */
  iou: number;
  /** 1 or 0. */
  recall: number;
  localisation: number;
}

/** What a caller may want to draw of a view. */
export interface DetectedView {
  pair: LabelledPhoto;
  photo: Image;
  /** Labelled boxes by phrase, pixels of the photo. */
  labels: Map<string, Box[]>;
  scores: DetectorPair[];
}

/** Appends to `scores` as it goes, so that what is done is there when a later photo fails. */
export async function scoreDetector(
  detector: Detector,
  pairs: readonly LabelledPhoto[],
  phrases: readonly string[],
  loadPicture: (photo: RunPhoto) => Promise<Image | undefined>,
  progress: Progress,
  scores: DetectorPair[],
  onView: (view: DetectedView) => Promise<void>,
): Promise<void> {
  const expressible = phrases.filter((phrase) => detector.expresses(phrase));
  progress.start(`asking ${detector.name}`, pairs.length);
  for (const [index, pair] of pairs.entries()) {
    const asked = expressible.filter((phrase) => boxesOf(pair, phrase, pair.label).length > 0);
    const photo = asked.length > 0 ? await loadPicture(pair.photo) : undefined;
    if (photo) {
      const view = await scorePhoto(detector, pair, asked, photo);
      scores.push(...view.scores);
      await onView(view);
    } else if (asked.length > 0)
      progress.warn(`${pair.photo.path} is no longer there; it is left out of the scores of ${detector.name}`);
    progress.update(index + 1, pair.photo.name);
  }
  progress.finish();
}

async function scorePhoto(
  detector: Detector,
  pair: LabelledPhoto,
  phrases: readonly string[],
  photo: Image,
): Promise<DetectedView> {
  const found = await detector.detect(photo, phrases);
  const labels = new Map(phrases.map((phrase) => [phrase, boxesOf(pair, phrase, photo)]));
  const scores = phrases.map((phrase, index): DetectorPair => {
    const { best, iou, recall, localisation } = judgeDetections(found[index], labels.get(phrase)!);
    return {
      phrase,
      photo: pair.photo.name,
      split: pair.photo.split,
      box: best?.box ?? null,
      score: best?.score ?? null,
      iou,
      recall: recall ? 1 : 0,
      localisation: localisation ? 1 : 0,
    };
  });
  return { pair, photo, labels, scores };
}

/** Labelled boxes that have an area. */
function boxesOf(
  { label }: LabelledPhoto,
  phrase: string,
  { width, height }: { width: number; height: number },
): Box[] {
  return labelBoxes(label, phrase, width, height).filter(([x0, y0, x1, y1]) => x1 > x0 && y1 > y0);
}
