/** Reads `transforms.json` of nerfstudio and instant-ngp (spec §4.9): poses are OpenGL camera-to-world already. */
import { type FileSystem, folderOf, joinPath } from '../platform/platform.ts';
import { count, type CaptureListing, type ListedPhoto, nameSome, type Orientation } from './listing.ts';
import { readJson } from './read-json.ts';
import { intrinsicsOf, poseOf, type Transforms, transformsSchema } from './transforms-schema.ts';

type SplitOf = (path: string) => 'train' | 'test' | 'left out' | undefined;

/**
 * The capture's own split: listed test and validation photos are held out; with a list of training photos, photos in
 * no list are left out, as nerfstudio does.
 */
function splitLists(transforms: Transforms): SplitOf {
  const pathsOf = (list: string[] | null | undefined) => new Set((list ?? []).map((path) => joinPath(path)));
  const train = pathsOf(transforms.train_filenames);
  const test = pathsOf([...(transforms.test_filenames ?? []), ...(transforms.val_filenames ?? [])]);
  if (train.size === 0 && test.size === 0) return () => undefined;
  return (path) => {
    if (test.has(path)) return 'test';
    return train.size === 0 || train.has(path) ? 'train' : 'left out';
  };
}

function orientationOf(transforms: Transforms, warnings: string[]): Orientation | undefined {
  const wanted = transforms.orientation_override ?? undefined;
  if (wanted === undefined) return undefined;
  if (wanted === 'up' || wanted === 'vertical' || wanted === 'none') return wanted;
  warnings.push(`orientation_override is "${wanted}", which langfield does not offer; "up" is used`);
  return undefined;
}

export async function readNerfstudio(files: FileSystem, file: string): Promise<CaptureListing> {
  const transforms = await readJson(files, file, transformsSchema);
  const warnings: string[] = [];
  const splitOf = splitLists(transforms);
  const photos: ListedPhoto[] = [];
  const leftOut: string[] = [];
  transforms.frames.forEach((frame, i) => {
    const field = `frames[${i}]`;
    const path = joinPath(frame.file_path.replaceAll('\\', '/'));
    const split = splitOf(path);
    if (split === 'left out') {
      leftOut.push(path);
      return;
    }
    photos.push({
      path,
      file,
      field,
      intrinsics: intrinsicsOf(transforms, frame, file, field),
      pose: poseOf(frame.transform_matrix, file, `${field}.transform_matrix`),
      split,
      maskPath: frame.mask_path ? joinPath(frame.mask_path) : undefined,
      depthPath: frame.depth_file_path ? joinPath(frame.depth_file_path) : undefined,
    });
  });
  if (leftOut.length > 0)
    warnings.push(`${count(leftOut.length, 'photo')} in no split list left out: ${nameSome(leftOut)}`);
  if (transforms.fisheye_crop_radius)
    warnings.push('fisheye_crop_radius is not used: the whole of each fisheye photo is');
  return {
    format: 'nerfstudio',
    file,
    photos,
    applied: await appliedOf(files, file, transforms),
    orientation: orientationOf(transforms, warnings),
    warnings,
  };
}

/**
 * The map from the original (COLMAP's) world to this file's. Old nerfstudio files do not carry it, but were always
 * made with the same axis swap, recognisable by the COLMAP model beside them.
 */
async function appliedOf(files: FileSystem, file: string, transforms: Transforms): Promise<CaptureListing['applied']> {
  const scale = transforms.applied_scale ?? 1;
  if (transforms.applied_transform)
    return { transform: poseOf(transforms.applied_transform, file, 'applied_transform'), scale };
  const model = await files.stat(joinPath(folderOf(file), 'colmap/sparse/0'));
  if (model !== undefined) return { transform: Float64Array.of(0, 1, 0, 0, 1, 0, 0, 0, 0, 0, -1, 0), scale };
  return transforms.applied_scale
    ? { transform: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), scale }
    : undefined;
}
