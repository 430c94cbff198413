/**
 * The photo of a view for a contact sheet. A photo that has gone since training is no error here: the sheet just goes
 * without it.
 */
import { loadPhoto } from '../capture/load-photo.ts';
import type { RunPhoto } from '../field/run.ts';
import type { Image, Platform } from '../platform/platform.ts';

/** The photo as training saw it, at full size; undefined when the file is no longer there. */
export async function photoPicture(
  photo: RunPhoto,
  { files, images }: Pick<Platform, 'files' | 'images'>,
): Promise<Image | undefined> {
  if ((await files.stat(photo.path)) === undefined) return undefined;
  const { width, height, rgb } = (await loadPhoto(photo, files, images)).pixels;
  return { width, height, channels: 3, data: rgb };
}
