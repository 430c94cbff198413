/**
 * Size and EXIF tag of an image file, reading as little as possible: a JPEG keeps both near its start, so that a
 * capture of thousands of photos opens without reading gigabytes. Other formats are read whole (WebP has its EXIF
 * data at the end).
 */
import type { FileSystem, PhotoCodec } from '../platform/platform.ts';
import type { PhotoHeader } from './fit-camera.ts';

/** Enough for the metadata of cameras, with an embedded preview. */
const headLength = 256 * 1024;

export async function probePhoto(path: string, files: FileSystem, images: PhotoCodec): Promise<PhotoHeader> {
  const size = (await files.stat(path))?.size ?? 0;
  if (size > headLength) {
    const head = await files.readRange(path, 0, headLength);
    if (head[0] === 0xff && head[1] === 0xd8) {
      try {
        return await images.probe(head, path);
      } catch {
        // More metadata than usual before the picture; the whole file decides.
      }
    }
  }
  return images.probe(await files.readBytes(path), path);
}
