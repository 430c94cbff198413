/**
 * PSNR and SSIM of photos rendered through their own cameras, lens included, at the size the scene was trained at.
 */
import type { Engine } from '../engines/engine.ts';
import type { RunPhoto } from '../field/run.ts';
import type { Camera } from '../math/camera.ts';
import type { Progress } from '../platform/platform.ts';
import { renderAppearance } from '../query/render-view.ts';
import { psnr, ssim } from './image-scores.ts';

export interface PhotoScore {
  photo: string;
  width: number;
  height: number;
  psnr: number;
  ssim: number;
}

/** A photo's pixels to compare with, and the camera that fits them. */
export interface TargetPixels {
  camera: Camera;
  /** [height, width, 3] in [0, 1] */
  rgb: Float32Array;
}

/** @param loadTarget the photo at the size to compare at */
export async function scorePhotos(
  engine: Engine,
  photos: readonly RunPhoto[],
  loadTarget: (photo: RunPhoto) => Promise<TargetPixels>,
  progress: Progress,
): Promise<PhotoScore[]> {
  const scores: PhotoScore[] = [];
  progress.start('rendering held-out photos', photos.length);
  for (const photo of photos) {
    const { camera, rgb } = await loadTarget(photo);
    const { width, height } = camera;
    const rendered = await renderAppearance(engine, camera);
    const clipped = rendered.rgb.map((value) => Math.min(1, Math.max(0, value)));
    scores.push({
      photo: photo.name,
      width,
      height,
      psnr: psnr(clipped, rgb),
      ssim: ssim(clipped, rgb, width, height),
    });
    progress.update(scores.length, `${scores.at(-1)!.psnr.toFixed(1)} dB`);
  }
  progress.finish();
  return scores;
}

/** The mean over photos; NaN when there are none. */
export function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
