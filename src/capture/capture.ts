/**
 * A capture: a folder of photographs with cameras. Readers fill this type; everything downstream uses nothing else.
 * Poses are in the scene frame (oriented, centred and scaled, spec §4.9).
 */
import type { Camera } from '../math/camera.ts';

export type CaptureFormat = 'nerfstudio' | 'blender' | 'colmap-binary' | 'colmap-text' | 'llff';

export interface CapturePhoto {
  /** Path relative to the capture folder; unique; photos are sorted by it. */
  name: string;
  /** Path of the image file to read. */
  path: string;
  /** Pose in the scene frame; intrinsics for the pixels of `path`. */
  camera: Camera;
  /** What to do with the file's EXIF rotation so that its pixels fit the camera; absent = ignore it. */
  exif?: 'apply' | 'ignore';
  maskPath?: string;
  depthPath?: string;
  /** 'train' unless held out. */
  split: 'train' | 'test';
}

export interface Capture {
  /** Folder, as the user gave it. */
  root: string;
  format: CaptureFormat;
  photos: CapturePhoto[];
  /** scene = scale · (transform · [world; 1]); transform is [3, 4] row-major. */
  worldToScene: { transform: Float64Array; scale: number };
  /** Sparse points in the scene frame with RGB 0..255, when the capture has them: [n, 3] each. */
  points?: { positions: Float64Array; colours: Uint8Array };
  /** The nearest and the farthest depth in any photo, in scene units, when the capture says so (LLFF). */
  depthBounds?: { near: number; far: number };
  warnings: string[];
}

/** Decoded pixels of one photo. */
export interface PhotoPixels {
  width: number;
  height: number;
  /** [height, width, 3] sRGB; 255 or 65535 is white. Alpha, when there was any, is already blended on black. */
  rgb: Uint8Array | Uint16Array;
  /** [height, width] 0..255, when the file has alpha. */
  alpha?: Uint8Array;
}
