/**
 * Makes the listed intrinsics fit the pixels that are really in the image file. The file's header decides: a photo of
 * another size but the same shape scales the intrinsics by the true ratio of each axis; an EXIF rotation is applied
 * or ignored, whichever agrees with the camera; anything else is refused.
 */
import { LangfieldError } from '../errors.ts';
import type { Camera } from '../math/camera.ts';
import { focalLength, resizeCamera } from '../math/views.ts';
import type { Pose } from '../math/poses.ts';
import type { ListedIntrinsics } from './listing.ts';
import type { FoundPhoto } from './photo-files.ts';

/** What an image file's header says; width and height are those of the stored pixels. */
export interface PhotoHeader {
  width: number;
  height: number;
  /** EXIF tag, 1 = upright. */
  orientation: number;
}

export interface FittedCamera {
  camera: Camera;
  exif: 'apply' | 'ignore';
  /** The intrinsics had to be scaled although the file is not from a downscale folder. */
  scaled: boolean;
}

interface Size {
  width: number;
  height: number;
}

/** Same shape within 1 %, or up to the rounding of one side to whole pixels. */
function sameShape(a: Size, b: Size): boolean {
  const ratio = (a.width * b.height) / (a.height * b.width);
  const rounded =
    Math.abs((a.width * b.height) / b.width - a.height) < 1 || Math.abs((a.height * b.width) / b.height - a.width) < 1;
  return Math.abs(ratio - 1) <= 0.01 || rounded;
}

const sameSize = (a: Size, b: Size) => a.width === b.width && a.height === b.height;

/** The camera for the size that the listed numbers refer to. */
function referenceCamera(intrinsics: ListedIntrinsics, size: Size, pose: Pose, file: string, field: string): Camera {
  const angleX = intrinsics.angleX === undefined ? undefined : focalLength(size.width, intrinsics.angleX);
  const angleY = intrinsics.angleY === undefined ? undefined : focalLength(size.height, intrinsics.angleY);
  const fx = intrinsics.fx ?? angleX ?? intrinsics.fy ?? angleY;
  const fy = intrinsics.fy ?? angleY ?? fx;
  if (fx === undefined || fy === undefined || !(fx > 0) || !(fy > 0) || !Number.isFinite(fx + fy)) {
    throw new LangfieldError({
      problem: fx === undefined ? 'the camera has no focal length' : 'the focal length is not a positive number',
      file,
      field,
      found: fx === undefined ? undefined : `${fx}, ${fy}`,
      expected: 'fl_x (pixels) or camera_angle_x (radians)',
      advice: 'Add the focal length of the photos',
    });
  }
  const camera: Camera = {
    model: intrinsics.model,
    ...size,
    fx,
    fy,
    cx: intrinsics.cx ?? size.width / 2,
    cy: intrinsics.cy ?? size.height / 2,
    distortion: intrinsics.distortion,
    cameraToWorld: pose,
  };
  if (![camera.cx, camera.cy, ...camera.distortion].every(Number.isFinite)) {
    throw new LangfieldError({
      problem: 'the camera has numbers that are not finite',
      file,
      field,
      found: [camera.cx, camera.cy, ...camera.distortion].join(' '),
      expected: 'finite cx, cy and distortion',
      advice: 'Estimate the camera again',
    });
  }
  return camera;
}

/** The size the listed numbers refer to: as listed, else that of the full-size photo. */
function referenceSize(intrinsics: ListedIntrinsics, stored: Size, factor: number, file: string, field: string): Size {
  const width = intrinsics.width ?? stored.width * factor;
  const height = intrinsics.height ?? stored.height * factor;
  if (width > 0 && height > 0 && Number.isFinite(width + height)) return { width, height };
  throw new LangfieldError({
    problem: 'the picture size is not positive',
    file,
    field,
    found: `${width}×${height}`,
    expected: 'w and h in pixels',
    advice: 'Correct w and h, or leave them out',
  });
}

export function fitCamera(photo: FoundPhoto, header: PhotoHeader, pose: Pose): FittedCamera {
  const { intrinsics, file, field } = photo.listed;
  const stored: Size = { width: header.width, height: header.height };
  const swaps = header.orientation >= 5;
  const turned: Size = swaps ? { width: header.height, height: header.width } : stored;
  const reference = referenceSize(intrinsics, stored, photo.factor, file, field);
  const camera = referenceCamera(intrinsics, reference, pose, file, field);

  for (const agrees of [sameSize, sameShape]) {
    // Stored pixels first: COLMAP and nerfstudio both ignore the tag, so cameras usually describe those.
    for (const [size, exif] of [
      [stored, 'ignore'],
      [turned, 'apply'],
    ] as const) {
      if (!agrees(size, reference)) continue;
      const scaled = !sameSize(size, reference);
      const fitted = scaled ? resizeCamera(camera, size.width, size.height) : camera;
      return { camera: fitted, exif, scaled: scaled && photo.factor === 1 };
    }
  }
  throw new LangfieldError({
    problem: 'the photo does not have the shape that its camera describes',
    file: photo.path,
    found: `${stored.width}×${stored.height}${swaps ? ` (upright ${turned.width}×${turned.height})` : ''}`,
    expected: `${reference.width}×${reference.height} or the same at another scale (${file}: ${field})`,
    advice: 'The photo may be cropped or rotated: use the one its camera was estimated from, or correct w and h',
  });
}
