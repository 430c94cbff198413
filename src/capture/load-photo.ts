/** Decodes one photo of a capture into the RGB pixels that training and the pyramid use, with the camera that fits them. */
import { LangfieldError } from '../errors.ts';
import type { Camera } from '../math/camera.ts';
import { resizeCamera } from '../math/views.ts';
import type { FileSystem, Image, PhotoCodec } from '../platform/platform.ts';
import type { CapturePhoto, PhotoPixels } from './capture.ts';

/** Grey becomes RGB; colour is multiplied by alpha (blended on black), and alpha comes back on its own as 0..255. */
function splitAlpha(image: Image): { rgb: Image; alpha?: Image } {
  const { width, height, channels, data } = image;
  const deep = data instanceof Uint16Array;
  const white = deep ? 65535 : 255;
  const pixels = width * height;
  if (channels === 3) return { rgb: image };
  const rgb = deep ? new Uint16Array(pixels * 3) : new Uint8Array(pixels * 3);
  if (channels === 1) {
    for (let i = 0; i < pixels; i++) rgb.fill(data[i], i * 3, i * 3 + 3);
    return { rgb: { width, height, channels: 3, data: rgb } };
  }
  const alpha = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const opacity = data[i * 4 + 3] / white;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = Math.round(data[i * 4 + c] * opacity);
    alpha[i] = Math.round(opacity * 255);
  }
  return {
    rgb: { width, height, channels: 3, data: rgb },
    alpha: { width, height, channels: 1, data: alpha },
  };
}

/** The size after shrinking by `downscale`, rounded down as nerfstudio does, and never zero. */
function shrunkSize(camera: Camera, downscale: number): { width: number; height: number } {
  if (!(downscale >= 1 && Number.isFinite(downscale)))
    throw new LangfieldError({
      problem: 'photos can only be shrunk',
      found: `a factor of ${downscale}`,
      expected: 'a factor of 1 or more',
    });
  return {
    width: Math.max(1, Math.floor(camera.width / downscale)),
    height: Math.max(1, Math.floor(camera.height / downscale)),
  };
}

async function decodeFor(photo: CapturePhoto, files: FileSystem, images: PhotoCodec): Promise<Image> {
  const image = await images.decode(await files.readBytes(photo.path), photo.path, {
    orientation: photo.exif ?? 'ignore',
  });
  const { width, height } = photo.camera;
  if (image.width === width && image.height === height) return image;
  throw new LangfieldError({
    problem: 'the photo has changed since the capture was opened',
    file: photo.path,
    found: `${image.width}×${image.height}`,
    expected: `${width}×${height}`,
    advice: 'Run the command again',
  });
}

/**
 * The photo's pixels, area-averaged to 1/downscale of their size, and the camera for exactly that size. 16-bit photos
 * stay 16-bit.
 */
export async function loadPhoto(
  photo: CapturePhoto,
  files: FileSystem,
  images: PhotoCodec,
  options: { downscale?: number } = {},
): Promise<{ pixels: PhotoPixels; camera: Camera }> {
  const { width, height } = shrunkSize(photo.camera, options.downscale ?? 1);
  const { rgb, alpha } = splitAlpha(await decodeFor(photo, files, images));
  const shrink = async (plane: Image) =>
    plane.width === width && plane.height === height ? plane : images.resize(plane, width, height);
  const pixels: PhotoPixels = { width, height, rgb: (await shrink(rgb)).data };
  if (alpha) pixels.alpha = (await shrink(alpha)).data as Uint8Array;
  return { pixels, camera: resizeCamera(photo.camera, width, height) };
}

/**
 * The photo's mask at a size, [height, width], 1 = use this pixel; undefined when it has none. A mask pixel counts
 * when it is not black, sampled at the nearest pixel; the mask must have the photo's shape.
 */
export async function loadPhotoMask(
  photo: CapturePhoto,
  files: FileSystem,
  images: PhotoCodec,
  width: number,
  height: number,
): Promise<Uint8Array | undefined> {
  if (photo.maskPath === undefined) return undefined;
  const mask = await images.decode(await files.readBytes(photo.maskPath), photo.maskPath, { orientation: 'ignore' });
  const ratio = (mask.width * photo.camera.height) / (mask.height * photo.camera.width);
  if (Math.abs(ratio - 1) > 0.01) {
    throw new LangfieldError({
      problem: 'the mask does not have the shape of its photo',
      file: photo.maskPath,
      found: `${mask.width}×${mask.height}`,
      expected: `${photo.camera.width}×${photo.camera.height}, the size of ${photo.name}, or the same at another scale`,
      advice: 'Make the mask again from this photo',
    });
  }
  const used = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const y = Math.floor(((row + 0.5) * mask.height) / height);
    for (let col = 0; col < width; col++) {
      const x = Math.floor(((col + 0.5) * mask.width) / width);
      used[row * width + col] = mask.data[(y * mask.width + x) * mask.channels] > 0 ? 1 : 0;
    }
  }
  return used;
}
