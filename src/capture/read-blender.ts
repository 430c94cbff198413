/**
 * Reads the Blender (NeRF synthetic) layout: `transforms_train.json` with `transforms_test.json` and/or
 * `transforms_val.json`, each with `camera_angle_x` and frames without file extension. The split is the files' own;
 * validation photos are held out only where there are no test photos, so that scores stay comparable.
 */
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { count, type CaptureListing, type ListedPhoto } from './listing.ts';
import { readJson } from './read-json.ts';
import { intrinsicsOf, poseOf, transformsSchema } from './transforms-schema.ts';

async function readSplit(files: FileSystem, file: string, split: 'train' | 'test'): Promise<ListedPhoto[]> {
  const transforms = await readJson(files, file, transformsSchema);
  return transforms.frames.map((frame, i) => {
    const field = `frames[${i}]`;
    return {
      path: joinPath(frame.file_path.replaceAll('\\', '/')),
      file,
      field,
      intrinsics: intrinsicsOf(transforms, frame, file, field),
      pose: poseOf(frame.transform_matrix, file, `${field}.transform_matrix`),
      split,
    };
  });
}

export async function readBlender(files: FileSystem, root: string): Promise<CaptureListing> {
  const file = joinPath(root, 'transforms_train.json');
  const warnings: string[] = [];
  const photos = await readSplit(files, file, 'train');
  const testFile = joinPath(root, 'transforms_test.json');
  const validationFile = joinPath(root, 'transforms_val.json');
  const test = (await files.stat(testFile)) ? await readSplit(files, testFile, 'test') : [];
  const validation = (await files.stat(validationFile)) ? await readSplit(files, validationFile, 'test') : [];
  const heldOut = test.length > 0 ? test : validation;
  // Without held-out photos of its own, the capture is split like any other.
  if (heldOut.length === 0) for (const photo of photos) photo.split = undefined;
  photos.push(...heldOut);
  if (test.length > 0 && validation.length > 0)
    warnings.push(`${count(validation.length, 'validation photo')} left out: the test photos are the ones held out`);
  return { format: 'blender', file, photos, warnings };
}
