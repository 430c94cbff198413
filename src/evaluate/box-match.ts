/**
 * When does a detector recall a phrase in a view? Its single best box must match a labelled box (spec §5.5, protocols
 * §5.7); several labelled boxes of one phrase are alternatives. "Match" is left open there; here it is the usual
 * IoU ≥ 0.5. Beside it stands the detector's counterpart of localisation: the centre of the best box lies in a labelled
 * box. Either way every equally confident box must do so too, so that a detector which is sure of everything finds
 * nothing.
 */
import type { Detection } from '../detectors/detector.ts';
import { boxIou } from '../detectors/select-boxes.ts';
import type { Box } from './labels/labels.ts';

export const leastIou = 0.5;

/** Scores closer than this are equal: they are 32-bit numbers. */
const sameScore = 1e-6;

export interface BoxVerdict {
  /** The most confident box; of several, the one that matches worst. undefined when there is none. */
  best: Detection | undefined;
  /** Highest IoU of that box with a labelled one; 0 without a box. */
  iou: number;
  recall: boolean;
  localisation: boolean;
}

/** @param detections best first, in the pixels of the labelled boxes */
export function judgeDetections(detections: readonly Detection[], labels: readonly Box[]): BoxVerdict {
  if (detections.length === 0) return { best: undefined, iou: 0, recall: false, localisation: false };
  const judged = detections
    .filter(({ score }) => score >= detections[0].score - sameScore)
    .map((detection) => ({ detection, iou: bestIou(detection, labels), inside: centreInside(detection, labels) }));
  const worst = judged.reduce((least, each) => (each.iou < least.iou ? each : least));
  return {
    best: worst.detection,
    iou: worst.iou,
    recall: worst.iou >= leastIou,
    localisation: judged.every(({ inside }) => inside),
  };
}

function bestIou({ box }: Detection, labels: readonly Box[]): number {
  return labels.reduce((most, label) => Math.max(most, boxIou(box, label)), 0);
}

function centreInside({ box }: Detection, labels: readonly Box[]): boolean {
  const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return labels.some(([x0, y0, x1, y1]) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
}
