/**
 * Reads LLFF's `poses_bounds.npy`: one row of 17 numbers per photo, a [3, 5] matrix (rotation with the columns
 * down, right, back; position; height, width, focal length) and the near and far bounds, which are told and not
 * used: the radiance field reaches everywhere. Rows belong to the photos in sorted order.
 */
import { LangfieldError } from '../errors.ts';
import { decodeNpy } from '../formats/npy.ts';
import { noDistortion } from '../math/distortion.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import type { CaptureListing, ListedPhoto } from './listing.ts';
import { isPhotoName, scaledFolders } from './photo-files.ts';

async function photosIn(files: FileSystem, folder: string): Promise<string[]> {
  return (await files.stat(folder)) ? (await files.list(folder)).filter(isPhotoName) : [];
}

/** Names of the photos of each size, by factor: 1 for `images/`, 4 for `images_4/`. */
async function photosBySize(files: FileSystem, root: string): Promise<Map<number, string[]>> {
  const sizes = new Map<number, string[]>();
  const original = await photosIn(files, joinPath(root, 'images'));
  if (original.length > 0) sizes.set(1, original);
  for (const factor of await scaledFolders(files, root, 'images'))
    sizes.set(factor, await photosIn(files, joinPath(root, `images_${factor}`)));
  return sizes;
}

function rowPhoto(row: ArrayLike<number>, i: number, file: string, names: Map<number, string>): ListedPhoto {
  const at = (r: number, c: number) => row[i * 17 + r * 5 + c];
  const pose = new Float64Array(12);
  for (let r = 0; r < 3; r++) pose.set([at(r, 1), -at(r, 0), at(r, 2), at(r, 3)], r * 4);
  const [height, width, focal] = [at(0, 4), at(1, 4), at(2, 4)];
  const [name] = names.values();
  return {
    // Photos that exist only in images_4/ are still listed as images/…; photo-files.ts finds them.
    path: `images/${name}`,
    smaller: new Map([...names].filter(([factor]) => factor > 1)),
    file,
    field: `row ${i}`,
    intrinsics: { model: 'perspective', width, height, fx: focal, fy: focal, distortion: noDistortion },
    pose,
  };
}

export async function readLlff(files: FileSystem, root: string): Promise<CaptureListing> {
  const file = joinPath(root, 'poses_bounds.npy');
  const { shape, data } = decodeNpy(await files.readBytes(file), file);
  if (shape.length !== 2 || shape[1] !== 17 || !(data instanceof Float64Array || data instanceof Float32Array)) {
    throw new LangfieldError({
      problem: 'this is not an LLFF pose file',
      file,
      found: `shape [${shape.join(', ')}]`,
      expected: 'floating-point numbers of shape [photos, 17]',
      advice: "Make it again with LLFF's imgs2poses.py",
    });
  }
  const sizes = await photosBySize(files, root);
  const usable = [...sizes].filter(([, names]) => names.length === shape[0]);
  if (usable.length === 0) {
    const found = [...sizes].map(([factor, names]) => `${names.length} in images${factor > 1 ? `_${factor}` : ''}/`);
    throw new LangfieldError({
      problem: 'the number of photos does not match the number of poses',
      file,
      found: found.length > 0 ? found.join(', ') : 'no folder images/ or images_<factor>/ with photos',
      expected: `${shape[0]} photos`,
      advice: 'LLFF matches poses to photos by sorted order, so put back the missing photos or remove the extra ones',
    });
  }
  const photos = Array.from({ length: shape[0] }, (_, i) =>
    rowPhoto(data, i, file, new Map(usable.map(([factor, names]) => [factor, names[i]]))),
  );
  const bound = (column: number) => Array.from({ length: shape[0] }, (_, i) => data[i * 17 + column]);
  const depthBounds = { near: Math.min(...bound(15)), far: Math.max(...bound(16)) };
  return { format: 'llff', file, photos, depthBounds, warnings: [] };
}
