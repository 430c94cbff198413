/** Decodes the photos of a run for training and for the pictures of held-out views; they stay in memory, shrunk. */
import type { CapturePhoto } from '../capture/capture.ts';
import { loadPhoto, loadPhotoMask } from '../capture/load-photo.ts';
import { LangfieldError } from '../errors.ts';
import type { Progress, TrainingMachine } from '../platform/platform.ts';
import type { HeldOutPhoto } from './held-out-pictures.ts';
import type { TrainingPhoto } from './ray-batches.ts';

type Machine = Pick<TrainingMachine, 'files' | 'images'>;

/** Held-out views that are drawn, and their longer side in pixels. */
const drawnViews = 2;
const drawnSide = 480;

/** Photos of the training split at 1/downscale, in the order of the capture. */
export async function loadTrainingPhotos(
  photos: readonly CapturePhoto[],
  downscale: number,
  { files, images }: Machine,
  progress: Progress,
): Promise<TrainingPhoto[]> {
  if (photos.length === 0)
    throw new LangfieldError({
      problem: 'no photo is left to train on',
      advice: 'The capture holds out every photo; correct its train_filenames, or raise --train-fraction',
    });
  const loaded: TrainingPhoto[] = [];
  progress.start('reading photos', photos.length);
  for (const [index, photo] of photos.entries()) {
    const { pixels, camera } = await loadPhoto(photo, files, images, { downscale });
    const mask = await loadPhotoMask(photo, files, images, camera.width, camera.height);
    loaded.push({ camera, rgb: pixels.rgb, mask, supervisionIndex: index });
    progress.update(index + 1);
  }
  progress.finish();
  if (loaded.every(({ mask }) => mask !== undefined && !mask.includes(1)))
    throw new LangfieldError({
      problem: 'the masks leave no pixel to train on',
      file: photos[0]?.maskPath,
      advice: 'White (not black) mask pixels are trained on; invert the masks if they mean the opposite',
    });
  return loaded;
}

/** A few held-out photos, spread over the capture and small. */
export async function loadHeldOutPhotos(
  photos: readonly CapturePhoto[],
  downscale: number,
  { files, images }: Machine,
): Promise<HeldOutPhoto[]> {
  const count = Math.min(drawnViews, photos.length);
  const chosen = Array.from({ length: count }, (_, i) => photos[Math.floor(((i + 0.5) * photos.length) / count)]);
  const loaded: HeldOutPhoto[] = [];
  for (const photo of chosen) {
    const side = Math.max(photo.camera.width, photo.camera.height);
    const { pixels, camera } = await loadPhoto(photo, files, images, {
      downscale: Math.max(downscale, side / drawnSide),
    });
    const { rgb } = pixels;
    const bytes = rgb instanceof Uint8Array ? rgb : Uint8Array.from(rgb, (value) => Math.round(value / 257));
    loaded.push({ name: photo.name, camera, rgb: bytes });
  }
  return loaded;
}
