/**
 * The pixels that a rendered photo is compared with: the photo file at the size the scene was trained at, alpha on
 * black as in training (spec §4.6).
 */
import { LangfieldError } from '../errors.ts';
import type { RunConfig, RunPhoto } from '../field/run.ts';
import type { Image, Platform } from '../platform/platform.ts';
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
  const picture = onBlack(await images.decode(await files.readBytes(photo.path), photo.path));
  const { width, height } = photo.camera;
  if (picture.width !== width || picture.height !== height)
    throw new LangfieldError({
      file: photo.path,
      problem: 'the photo is not the one the scene was trained with',
      found: `${picture.width}×${picture.height}`,
      expected: `${width}×${height}`,
      advice: 'Put the original photo back, or train again',
    });
  const smaller = [width, height].map((side) => Math.max(1, Math.floor(side / downscale)));
  const resized = downscale === 1 ? picture : await images.resize(picture, smaller[0], smaller[1]);
  const white = resized.data instanceof Uint16Array ? 65535 : 255;
  return {
    width: resized.width,
    height: resized.height,
    rgb: Float32Array.from(resized.data, (value) => value / white),
  };
}

/** RGB of the same depth. */
function onBlack({ width, height, channels, data }: Image): Image {
  if (channels === 3) return { width, height, channels, data };
  const white = data instanceof Uint16Array ? 65535 : 255;
  const rgb = data instanceof Uint16Array ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = channels === 4 ? data[4 * pixel + 3] / white : 1;
    for (let c = 0; c < 3; c++)
      rgb[3 * pixel + c] = Math.round(alpha * data[channels * pixel + (channels === 1 ? 0 : c)]);
  }
  return { width, height, channels: 3, data: rgb };
}
