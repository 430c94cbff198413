/**
 * What the files of a capture say, before anyone has looked at a photograph: the common result of all readers.
 * open-capture.ts turns it into a Capture by finding the photos, checking sizes and poses, and orienting the scene.
 */
import type { CameraModel } from '../math/camera.ts';
import type { Distortion } from '../math/distortion.ts';
import type { Pose } from '../math/poses.ts';
import type { CaptureFormat } from './capture.ts';

export type Orientation = 'up' | 'vertical' | 'none';

/** Intrinsics as written; what is absent is derived from the size of the photo. */
export interface ListedIntrinsics {
  model: CameraModel;
  /** The picture size, in pixels, that the numbers refer to. */
  width?: number;
  height?: number;
  /** Pixels. */
  fx?: number;
  fy?: number;
  cx?: number;
  cy?: number;
  /** Full angles of view in radians, used where there is no focal length. */
  angleX?: number;
  angleY?: number;
  distortion: Distortion;
}

export interface ListedPhoto {
  /** Path relative to the capture folder, as listed; "images/…" also stands for "images_2/…" and so on. */
  path: string;
  /** Where the same photo lies in `images_<factor>/` when it goes by another name there. */
  smaller?: Map<number, string>;
  /** The file and the entry that describe it, for messages: "frames[12]". */
  file: string;
  field: string;
  intrinsics: ListedIntrinsics;
  /** Camera-to-world, OpenGL convention, in the capture's own world. */
  pose: Pose;
  split?: 'train' | 'test';
  /** Relative to the capture folder. */
  maskPath?: string;
  depthPath?: string;
}

export interface CaptureListing {
  format: CaptureFormat;
  /** The file that was read, for messages. */
  file: string;
  photos: ListedPhoto[];
  /** The capture's world = scale · (transform · original world), when the capture was made from another one. */
  applied?: { transform: Pose; scale: number };
  /** What the capture asks for. */
  orientation?: Orientation;
  /** In the capture's own world: [n, 3] each. */
  points?: { positions: Float64Array; colours: Uint8Array };
  /** The nearest and the farthest depth in any photo, as the file says, in the capture's own world. */
  depthBounds?: { near: number; far: number };
  warnings: string[];
}

/** "a, b and 3 more", so that a warning stays readable; `limit` Infinity names everything. */
export function nameSome(names: readonly string[], limit = 5): string {
  if (names.length <= limit) return names.join(', ');
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}

export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`;
