/**
 * A run folder: everything that is needed to query a trained scene, on disk. This file says what is in it;
 * run-folder.ts reads and writes it.
 */
import type { Camera } from '../math/camera.ts';
import type { SceneConfig } from './config.ts';

/** One photo of the capture as the run remembers it. */
export interface RunPhoto {
  name: string;
  /** Path of the image file at training time, absolute. */
  path: string;
  split: 'train' | 'test';
  /** Full-size intrinsics and the pose in the scene frame. */
  camera: Camera;
  /** What to do with the file's EXIF rotation so that its pixels fit the camera; absent = ignore it. */
  exif?: 'apply' | 'ignore';
  /** Mask of pixels to train on, absolute. */
  maskPath?: string;
}

/** `config.json` of a run. */
export interface RunConfig {
  /** Version of the run format; readers refuse others with advice. */
  formatVersion: number;
  scene: SceneConfig;
  capture: { root: string; format: string };
  worldToScene: { transform: number[]; scale: number };
  /** Absent when the run has no language field. */
  encoder?: { name: string; folder: string; identity: string; dim: number; canonicalPhrases: string[] };
  /** Resolved training settings, as the CLI and JSON spell them. */
  training: Record<string, unknown>;
}

export interface Run {
  folder: string;
  config: RunConfig;
  photos: RunPhoto[];
  /** Parameters by name (describeParameters order). */
  parameters: Map<string, Float32Array>;
  /** [canonical, dim] unit vectors saved with the run. */
  canonicalEmbeddings?: Float32Array;
}
