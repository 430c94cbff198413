/**
 * What a detector is to the rest of langfield: a photo and phrases in, boxes with scores per phrase out. Whether it
 * understands any phrase (zero-shot) or only the names of its classes (closed set) shows in `expresses` alone.
 */
import type { Image } from '../platform/platform.ts';

/** [x0, y0, x1, y1] in pixels of the photo, corners in order. */
export type PixelBox = readonly [number, number, number, number];

export interface Detection {
  box: PixelBox;
  /** Higher is more confident; comparable within one phrase. */
  score: number;
}

export interface Detector {
  readonly name: string;
  /** Whether the detector can be asked for this phrase at all. */
  expresses(phrase: string): boolean;
  /** Per phrase, boxes by falling score; none for a phrase that cannot be expressed. */
  detect(photo: Image, phrases: readonly string[]): Promise<Detection[][]>;
  close(): Promise<void>;
}
