/** The pixels that a rendered photo is compared with: the photo file at the size the scene was trained at. */
import { loadPhoto } from '../capture/load-photo.ts';
import type { RunConfig, RunPhoto } from '../field/run.ts';
import type { Platform } from '../platform/platform.ts';
import type { TargetPixels } from './score-photos.ts';

/** The factor by which the radiance field saw the photos shrunk; 1 when the run does not say. */
export function trainingDownscale({ training }: Pick<RunConfig, 'training'>): number {
  const { downscale } = training;
  return typeof downscale === 'number' && downscale >= 1 ? downscale : 1;
}

/** @throws LangfieldError when the photo has gone or changed its size since training */
export async function loadPhotoTarget(
  photo: RunPhoto,
  downscale: number,
  { files, images }: Pick<Platform, 'files' | 'images'>,
): Promise<TargetPixels> {
  const { pixels, camera } = await loadPhoto(photo, files, images, { downscale });
  const white = pixels.rgb instanceof Uint16Array ? 65535 : 255;
  return { camera, rgb: Float32Array.from(pixels.rgb, (value) => value / white) };
}
