/**
 * Turns a COLMAP model into a CaptureListing: finds where the model lies, and converts its world-to-camera poses with
 * OpenCV axes (x right, y down, z forward) to OpenGL camera-to-world.
 */
import { LangfieldError } from '../errors.ts';
import { apply3, quaternionToRotation, transpose3 } from '../math/matrices.ts';
import { type Pose, poseFrom } from '../math/poses.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { colmapIntrinsics } from './colmap-cameras.ts';
import type { ColmapImage, ColmapModel } from './colmap-model.ts';
import type { CaptureListing, ListedPhoto } from './listing.ts';
import { readColmapBinary } from './read-colmap-binary.ts';
import { readColmapText } from './read-colmap-text.ts';

/** Where COLMAP, nerfstudio and Gaussian-splatting tools put the model, relative to the capture folder. */
const modelFolders = ['sparse/0', 'colmap/sparse/0', 'sparse', 'colmap/sparse', 'colmap', ''];
/** Where the photos may be, relative to the capture folder. */
const photoFolders = ['images', 'colmap/images', 'input', ''];

export interface ColmapPlace {
  folder: string;
  kind: 'binary' | 'text';
}

/** The folder of the model; binary wins over text in the same folder, unless one of them is asked for. */
export async function findColmap(
  files: FileSystem,
  root: string,
  wanted?: ColmapPlace['kind'],
): Promise<ColmapPlace | undefined> {
  for (const relative of modelFolders) {
    const folder = joinPath(root, relative);
    for (const [kind, extension] of [
      ['binary', 'bin'],
      ['text', 'txt'],
    ] as const) {
      if (wanted !== undefined && wanted !== kind) continue;
      const cameras = await files.stat(joinPath(folder, `cameras.${extension}`));
      const images = await files.stat(joinPath(folder, `images.${extension}`));
      if (cameras && images) return { folder, kind };
    }
  }
  return undefined;
}

/** World-to-camera with OpenCV axes to OpenGL camera-to-world: invert, then flip the camera's y and z axes. */
export function colmapPose(image: ColmapImage, file: string): Pose {
  const [w, x, y, z] = image.rotation;
  const numbers = [...image.rotation, ...image.translation];
  if (!numbers.every(Number.isFinite) || w * w + x * x + y * y + z * z === 0) {
    throw new LangfieldError({
      problem: 'the pose of this photo is not a number',
      file,
      field: image.name,
      found: numbers.join(' '),
      expected: 'a rotation (quaternion) and a translation of finite numbers',
      advice: 'Remove the photo from the COLMAP model, or register it again',
    });
  }
  const m = transpose3(quaternionToRotation(w, x, y, z));
  const [ox, oy, oz] = apply3(m, image.translation);
  return poseFrom([m[0], -m[1], -m[2], m[3], -m[4], -m[5], m[6], -m[7], -m[8]], [-ox, -oy, -oz]);
}

async function photoFolder(files: FileSystem, root: string, name: string): Promise<string> {
  for (const folder of photoFolders) {
    if (await files.stat(joinPath(root, folder, name))) return folder;
  }
  return 'images';
}

function listPhoto(model: ColmapModel, image: ColmapImage, folder: string): ListedPhoto {
  const camera = model.cameras.get(image.cameraId);
  if (camera === undefined) {
    throw new LangfieldError({
      problem: 'this photo refers to a camera that the model does not have',
      file: model.imagesFile,
      field: image.name,
      found: `camera ${image.cameraId}`,
      expected: `one of ${[...model.cameras.keys()].slice(0, 8).join(', ')}`,
      advice: 'Export the COLMAP model again',
    });
  }
  return {
    path: joinPath(folder, image.name.replaceAll('\\', '/')),
    file: model.imagesFile,
    field: image.name,
    intrinsics: colmapIntrinsics(camera),
    pose: colmapPose(image, model.imagesFile),
  };
}

export async function readColmap(files: FileSystem, root: string, place: ColmapPlace): Promise<CaptureListing> {
  const model = await (place.kind === 'binary' ? readColmapBinary : readColmapText)(files, place.folder);
  const folder = model.images.length > 0 ? await photoFolder(files, root, model.images[0].name) : 'images';
  return {
    format: place.kind === 'binary' ? 'colmap-binary' : 'colmap-text',
    file: model.imagesFile,
    photos: model.images.map((image) => listPhoto(model, image, folder)),
    points: model.points && { positions: model.points.positions, colours: model.points.colours },
    warnings: [],
  };
}
