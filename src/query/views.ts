/**
 * Which views to show: photos of the run by name or index, groups of photos, or cameras from a file; through the
 * photo's own camera, or through a pinhole of a given size and field of view from where the photo was taken.
 */
import { LangfieldError } from '../errors.ts';
import type { Run, RunPhoto } from '../field/run.ts';
import type { Camera } from '../math/camera.ts';
import { fieldOfView, resizeCamera, viewCamera } from '../math/views.ts';
import { baseName, type FileSystem } from '../platform/platform.ts';
import { parseCameraFile } from './camera-file.ts';
import { distinctSlugs } from './phrases.ts';

export interface View {
  /** For captions and tables. */
  name: string;
  /** Folder name, distinct among the views of one query. */
  slug: string;
  camera: Camera;
  /** The photo taken from here. */
  photo?: RunPhoto;
}

export interface ViewShape {
  /** Pixels; makes the view a pinhole camera. */
  size?: { width: number; height: number };
  /** Vertical, degrees; makes the view a pinhole camera. */
  fov?: number;
  /** Longest side in pixels of a view whose size is not given; photos are never enlarged. */
  longSide: number;
}

/** Vertical field of view when only a size is given: the legacy viewer's, and the paper's (spec §3.4). */
export const defaultFov = 50;

/** How many views are shown when the user names none. */
const defaultViews = 4;

/**
 * @param spec undefined (a few held-out photos, or photos when none is held out), "all", "train", "test", a path
 *   ending in .json, or photo names, indices and these words separated by commas
 */
export async function selectViews(
  run: Pick<Run, 'photos' | 'config' | 'folder'>,
  spec: string | undefined,
  shape: ViewShape,
  files: Pick<FileSystem, 'readText'>,
): Promise<View[]> {
  if (spec?.toLowerCase().endsWith('.json')) {
    const cameras = parseCameraFile(await files.readText(spec), spec, run.config.worldToScene);
    const slugs = distinctSlugs(cameras.map(({ name }) => name));
    return cameras.map(({ name, camera }, i) => ({ name, slug: slugs[i], camera: shapeFileCamera(camera, shape) }));
  }
  const photos = selectPhotos(run, spec);
  const names = photos.map((photo) => stem(photo.name));
  const slugs = distinctSlugs(names);
  return photos.map((photo, i) => ({
    name: names[i],
    slug: slugs[i],
    camera: shapeCamera(photo.camera, shape),
    photo,
  }));
}

function selectPhotos({ photos, folder }: Pick<Run, 'photos' | 'folder'>, spec: string | undefined): RunPhoto[] {
  const heldOut = photos.filter(({ split }) => split === 'test');
  if (spec === undefined) return spread(heldOut.length > 0 ? heldOut : photos, defaultViews);
  const parts = spec.split(',').map((part) => part.trim());
  const chosen = parts.flatMap((part) => {
    if (part === '') return [];
    if (part === 'all') return photos;
    if (part === 'train') return photos.filter(({ split }) => split === 'train');
    if (part !== 'test') return [findPhoto(photos, part, folder)];
    if (heldOut.length > 0) return heldOut;
    throw new LangfieldError({
      file: folder,
      problem: 'no photo of the run is held out',
      advice: 'Choose --views train, or train with held-out photos',
    });
  });
  if (chosen.length > 0) return [...new Set(chosen)];
  throw new LangfieldError({
    problem: '--views names no photo',
    found: JSON.stringify(spec),
    advice: 'Correct --views',
  });
}

/**
 * A name wins over an index: photo "3.jpg" is found by 3 wherever it is in the list. An index has no leading zeros, so
 * "0005" never means photo 5 of a capture whose 0005.jpg is missing.
 */
function findPhoto(photos: RunPhoto[], name: string, folder: string): RunPhoto {
  const found =
    photos.find((photo) => photo.name === name) ??
    photos.find((photo) => baseName(photo.name) === name) ??
    photos.find((photo) => stem(photo.name) === name) ??
    (/^(0|[1-9]\d*)$/.test(name) ? photos[Number(name)] : undefined);
  if (found) return found;
  throw new LangfieldError({
    file: folder,
    problem: 'the run has no such photo',
    found: name,
    expected: `a name such as ${photos[0]?.name}, an index from 0 to ${photos.length - 1}, all, train or test`,
    advice: 'Correct --views',
  });
}

/** At most `count` items, evenly spaced, first and last included. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  if (count === 1) return [items[0]];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]);
}

function shapeCamera(camera: Camera, { size, fov, longSide }: ViewShape): Camera {
  const fitted = fitSize(camera, longSide);
  if (size === undefined && fov === undefined) return resizeCamera(camera, fitted.width, fitted.height);
  const { width, height } = size ?? fitted;
  return viewCamera(camera.cameraToWorld, width, height, fov ?? defaultFov);
}

/** A camera of a file has its own size and field of view; what the user gives replaces them. */
function shapeFileCamera(camera: Camera, { size, fov }: ViewShape): Camera {
  const { width, height } = size ?? camera;
  return viewCamera(camera.cameraToWorld, width, height, fov ?? fieldOfView(camera).vertical);
}

/** Size with the same aspect and no side above `longSide`. */
export function fitSize(
  { width, height }: { width: number; height: number },
  longSide: number,
): { width: number; height: number } {
  const scale = Math.min(1, longSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** "512x298" to pixels. */
export function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d+)\s*[x×]\s*(\d+)$/i.exec(text.trim());
  const [width, height] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (width < 1 || height < 1 || width > 16384 || height > 16384)
    throw new LangfieldError({
      problem: '--size must be width x height in pixels',
      found: text,
      expected: 'something like 512x298, no side above 16384',
      advice: 'Correct --size',
    });
  return { width, height };
}

function stem(name: string): string {
  return baseName(name).replace(/\.[^.]+$/, '');
}
