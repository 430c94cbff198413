/**
 * The photo of a view for a contact sheet. A photo that has gone since training is no error here: the sheet just goes
 * without it.
 */
import type { RunPhoto } from '../field/run.ts';
import type { Image, Platform } from '../platform/platform.ts';

/** Decoded as its camera describes it, at the size of the file; undefined when the file is no longer there. */
export async function photoPicture(
  photo: RunPhoto,
  { files, images }: Pick<Platform, 'files' | 'images'>,
): Promise<Image | undefined> {
  if ((await files.stat(photo.path)) === undefined) return undefined;
  return images.decode(await files.readBytes(photo.path), photo.path);
}
