/**
 * Opens a capture folder of any supported format and returns cameras in the scene frame. Photos are only looked at
 * (size, EXIF tag), not decoded; load-photo.ts does that. Everything that a user can mend raises a LangfieldError;
 * everything that langfield can live with becomes one line of `warnings`.
 */
import { LangfieldError } from '../errors.ts';
import { transformPoint, type Pose } from '../math/poses.ts';
import { type FileSystem, folderOf, type PhotoCodec, joinPath } from '../platform/platform.ts';
import type { Capture, CaptureFormat, CapturePhoto } from './capture.ts';
import { checkPose } from './check-pose.ts';
import { type FittedCamera, fitCamera, type PhotoHeader } from './fit-camera.ts';
import { type CaptureListing, count, nameSome, type Orientation } from './listing.ts';
import { automaticScale, type Centre, orientingTransform, scenePose } from './orient.ts';
import { findPhotos, type FoundPhoto } from './photo-files.ts';
import { probePhoto } from './probe-photo.ts';
import { readBlender } from './read-blender.ts';
import { findColmap, readColmap } from './read-colmap.ts';
import { readLlff } from './read-llff.ts';
import { readNerfstudio } from './read-nerfstudio.ts';
import { worldToScene } from './world-to-scene.ts';
import { trainMask } from './split.ts';

export interface OpenCaptureOptions {
  /** Default: detected from the files in the folder. */
  format?: CaptureFormat;
  /** Which way is up. Default: the capture's own `orientation_override`, else 'up' (mean of the cameras' y axes). */
  orientation?: Orientation;
  /** What moves to the origin. Default 'poses', the mean camera position. */
  centre?: Centre;
  /** Scale the cameras into [−1, 1]³. Default true. */
  autoScale?: boolean;
  /** An extra factor on top. Default 1. */
  sceneScale?: number;
  /** Share of the photos to train on when the capture has no split of its own. Default 0.9; 1 holds out none. */
  trainFraction?: number;
  /** N of the folder `images_N` to read, 1 for the originals. Default 'auto'. */
  downscaleFolder?: number | 'auto';
  /** 'auto' takes the largest photos whose longer side is at most this many pixels. Default 1600. */
  maximumSide?: number;
  /** Fewer usable photos than this are refused. Default 2. */
  minimumPhotos?: number;
}

async function readListing(files: FileSystem, root: string, format?: CaptureFormat): Promise<CaptureListing> {
  const has = async (name: string) => (await files.stat(joinPath(root, name))) !== undefined;
  const wants = (name: CaptureFormat) => format === undefined || format === name;
  if (wants('nerfstudio') && (await has('transforms.json')))
    return readNerfstudio(files, joinPath(root, 'transforms.json'));
  if (wants('blender') && (await has('transforms_train.json'))) return readBlender(files, root);
  if (wants('colmap-binary') || wants('colmap-text')) {
    const place = await findColmap(
      files,
      root,
      format === undefined ? undefined : format === 'colmap-text' ? 'text' : 'binary',
    );
    if (place) return readColmap(files, root, place);
  }
  if (wants('llff') && (await has('poses_bounds.npy'))) return readLlff(files, root);
  throw new LangfieldError({
    problem:
      format === undefined ? 'this folder holds no capture that langfield knows' : `this is no ${format} capture`,
    file: root,
    found: (await files.list(root)).slice(0, 8).join(', ') || 'an empty folder',
    expected:
      'transforms.json (nerfstudio, instant-ngp), transforms_train.json (Blender), sparse/0/cameras.bin or .txt (COLMAP) or poses_bounds.npy (LLFF)',
    advice: 'Give the folder that holds one of them; COLMAP makes one from plain photographs',
  });
}

/** The listing, and the folder that its paths are relative to. `path` may also name a transforms.json directly. */
async function listCapture(files: FileSystem, path: string, format?: CaptureFormat) {
  const found = await files.stat(path);
  if (found === undefined) {
    throw new LangfieldError({
      problem: 'there is no such capture',
      file: path,
      advice: 'Check the path; it should be a folder with photographs and cameras',
    });
  }
  if (found.isDirectory) return { root: path, listing: await readListing(files, path, format) };
  if (path.endsWith('.json')) return { root: folderOf(path), listing: await readNerfstudio(files, path) };
  throw new LangfieldError({
    problem: 'a capture is a folder (or a transforms.json), not this file',
    file: path,
    advice: 'Give the folder that holds the photographs and cameras',
  });
}

interface PosedPhoto {
  found: FoundPhoto;
  header: PhotoHeader;
  fitted: FittedCamera;
}

async function fitPhotos(
  found: FoundPhoto[],
  header: (path: string) => Promise<PhotoHeader>,
  warnings: string[],
): Promise<PosedPhoto[]> {
  const photos: PosedPhoto[] = [];
  const mended: string[] = [];
  let largest = 0;
  for (const photo of found) {
    const { file, field } = photo.listed;
    const checked = checkPose(photo.listed.pose, file, `${field}${file.endsWith('.json') ? '.transform_matrix' : ''}`);
    if (checked.mended !== undefined) {
      mended.push(photo.name);
      largest = Math.max(largest, checked.mended);
    }
    const size = await header(photo.path);
    photos.push({ found: photo, header: size, fitted: fitCamera(photo, size, checked.pose) });
  }
  if (mended.length > 0) {
    warnings.push(
      `${count(mended.length, 'pose')} not exactly a rotation (off by up to ${largest.toPrecision(2)}) and mended: ${nameSome(mended)}`,
    );
  }
  return photos;
}

function warnAboutPhotos(photos: PosedPhoto[], warnings: string[]): void {
  const names = (wanted: (photo: PosedPhoto) => boolean) => photos.filter(wanted).map((photo) => photo.found.name);
  const scaled = names((photo) => photo.fitted.scaled);
  if (scaled.length > 0) {
    const first = photos.find((photo) => photo.fitted.scaled)!;
    const { width, height } = first.found.listed.intrinsics;
    warnings.push(
      `${count(scaled.length, 'photo')} of another size than listed, intrinsics scaled to fit: ${nameSome(scaled)} (the first is ${first.fitted.camera.width}×${first.fitted.camera.height}, listed as ${width ?? '?'}×${height ?? '?'})`,
    );
  }
  const turned = (exif: 'apply' | 'ignore') =>
    names((photo) => photo.header.orientation !== 1 && photo.fitted.exif === exif);
  const applied = turned('apply');
  if (applied.length > 0)
    warnings.push(
      `${count(applied.length, 'photo')} turned by the EXIF tag, as the cameras expect: ${nameSome(applied)}`,
    );
  const ignored = turned('ignore');
  if (ignored.length > 0) {
    warnings.push(
      `${count(ignored.length, 'photo')} with an EXIF rotation that is ignored, because the cameras fit the pixels as stored: ${nameSome(ignored)}`,
    );
  }
}

/** Checks that masks exist; photos without theirs are used whole. */
async function existingMasks(files: FileSystem, root: string, photos: FoundPhoto[], warnings: string[]) {
  const masks = new Map<FoundPhoto, string>();
  const missing: string[] = [];
  for (const photo of photos) {
    const { maskPath } = photo.listed;
    if (maskPath === undefined) continue;
    const path = maskPath.startsWith('/') ? maskPath : joinPath(root, maskPath);
    if (await files.stat(path)) masks.set(photo, path);
    else missing.push(maskPath);
  }
  if (missing.length > 0)
    warnings.push(`${count(missing.length, 'mask')} not found, those photos are used whole: ${nameSome(missing)}`);
  return masks;
}

function refuseTooFew(listing: CaptureListing, usable: number, minimum: number): never {
  throw new LangfieldError({
    problem: usable === 0 ? 'the capture has no photos' : 'the capture has too few photos',
    file: listing.file,
    found: count(usable, 'usable photo'),
    expected: `at least ${minimum}`,
    advice: 'A scene needs photographs from several places; a few dozen are a good number',
  });
}

/** By path, in the order of character codes, as every reader's split assumes. */
const byName = (a: PosedPhoto, b: PosedPhoto) => (a.found.name < b.found.name ? -1 : 1);

function splitPhotos(photos: PosedPhoto[], fraction: number): ('train' | 'test')[] {
  if (photos.some((photo) => photo.found.listed.split !== undefined))
    return photos.map((photo) => photo.found.listed.split ?? 'train');
  return trainMask(photos.length, fraction).map((train) => (train ? 'train' : 'test'));
}

function checkOptions(options: OpenCaptureOptions): void {
  const { trainFraction = 0.9, sceneScale = 1 } = options;
  if (!(trainFraction > 0 && trainFraction <= 1)) {
    throw new LangfieldError({
      problem: 'the share of training photos is out of range',
      found: String(trainFraction),
      expected: 'a number above 0 and at most 1',
    });
  }
  if (!(sceneScale > 0 && Number.isFinite(sceneScale)))
    throw new LangfieldError({ problem: 'the scene scale must be a positive number', found: String(sceneScale) });
}

/** The oriented, centred and scaled scene of photos that fit their cameras. */
function assemble(
  path: string,
  root: string,
  listing: CaptureListing,
  photos: PosedPhoto[],
  masks: Map<FoundPhoto, string>,
  options: OpenCaptureOptions,
): Capture {
  const poses = photos.map((photo) => photo.fitted.camera.cameraToWorld);
  const orientation = options.orientation ?? listing.orientation ?? 'up';
  const transform = orientingTransform(poses, orientation, options.centre ?? 'poses');
  const centred = poses.map((pose) => scenePose(transform, 1, pose));
  const scale = (options.autoScale === false ? 1 : automaticScale(centred)) * (options.sceneScale ?? 1);
  const splits = splitPhotos(photos, options.trainFraction ?? 0.9);
  if (new Set(poses.map((pose) => [pose[3], pose[7], pose[11]].join())).size === 1 && photos.length > 1)
    listing.warnings.push('all photos were taken from the same place: depth cannot be learned from them');
  return {
    root: path,
    format: listing.format,
    photos: photos.map(({ found, fitted }, i): CapturePhoto => {
      const { depthPath } = found.listed;
      return {
        name: found.name,
        path: found.path,
        camera: { ...fitted.camera, cameraToWorld: scenePose(transform, scale, poses[i]) },
        exif: fitted.exif,
        maskPath: masks.get(found),
        depthPath: depthPath === undefined || depthPath.startsWith('/') ? depthPath : joinPath(root, depthPath),
        split: splits[i],
      };
    }),
    worldToScene: worldToScene(transform, scale, listing.applied),
    depthBounds: listing.depthBounds && {
      near: listing.depthBounds.near * scale,
      far: listing.depthBounds.far * scale,
    },
    points: listing.points && { ...listing.points, positions: movePoints(listing.points.positions, transform, scale) },
    warnings: listing.warnings,
  };
}

function movePoints(positions: Float64Array, transform: Pose, scale: number): Float64Array {
  const moved = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const point = transformPoint(transform, [positions[i], positions[i + 1], positions[i + 2]]);
    for (let k = 0; k < 3; k++) moved[i + k] = scale * point[k];
  }
  return moved;
}

/** Reads a capture; poses and points of the result are in the scene frame (oriented, centred, scaled). */
export async function openCapture(
  path: string,
  files: FileSystem,
  images: PhotoCodec,
  options: OpenCaptureOptions = {},
): Promise<Capture> {
  checkOptions(options);
  const { root, listing } = await listCapture(files, path, options.format);
  const minimum = Math.max(1, options.minimumPhotos ?? 2);
  if (listing.photos.length === 0) refuseTooFew(listing, 0, minimum);

  const header = async (photo: string) => probePhoto(photo, files, images);
  const found = await findPhotos(listing, {
    files,
    root,
    downscaleFolder: options.downscaleFolder ?? 'auto',
    maximumSide: options.maximumSide ?? 1600,
    measure: async (photo) => header(photo).then((size) => Math.max(size.width, size.height)),
  });
  if (found.length < minimum) refuseTooFew(listing, found.length, minimum);
  const photos = (await fitPhotos(found, header, listing.warnings)).sort(byName);
  warnAboutPhotos(photos, listing.warnings);
  const masks = await existingMasks(files, root, found, listing.warnings);
  return assemble(path, root, listing, photos, masks, options);
}
