/**
 * Finds out what kind of labels a folder holds, reads them, and pairs them with the photos of a run by image name.
 */
import { LangfieldError } from '../../errors.ts';
import type { RunPhoto } from '../../field/run.ts';
import { baseName, type FileSystem, type ImageCodec } from '../../platform/platform.ts';
import type { LabelView } from './labels.ts';
import { readLerfOvsLabels } from './lerf-ovs.ts';
import { readMaskFolder } from './mask-folder.ts';

export type LabelFormat = 'lerf-ovs' | 'mask-folder';

export interface LabelSet {
  format: LabelFormat;
  views: LabelView[];
}

/** @throws LangfieldError when the folder holds neither kind of labels */
export async function readLabels(files: FileSystem, images: ImageCodec, folder: string): Promise<LabelSet> {
  if (!(await files.stat(folder))?.isDirectory)
    throw new LangfieldError({
      file: folder,
      problem: 'there is no such folder of labels',
      advice: 'Give the folder that holds the label files with --labels',
    });
  const polygons = await readLerfOvsLabels(files, folder);
  if (polygons.length > 0) return { format: 'lerf-ovs', views: polygons };
  const masks = await readMaskFolder(files, images, folder);
  if (masks.length > 0) return { format: 'mask-folder', views: masks };
  throw new LangfieldError({
    file: folder,
    problem: 'the folder holds no labels',
    expected: 'one LERF-OVS JSON file per image, or folders <image>/<phrase>.png',
    advice: 'Point --labels at such a folder',
  });
}

export interface LabelledPhoto {
  label: LabelView;
  photo: RunPhoto;
}

/** Without folders and ending: "images/0003.jpg" and "0003" are the same image. */
function stem(name: string): string {
  return baseName(name).replace(/\.[^.]+$/, '');
}

/**
 * Pairs every label with the photo of the same name: the whole name, else the file name, else the name without its
 * ending. All must match and none may be ambiguous; the error lists those that fail.
 */
export function matchLabels(views: readonly LabelView[], photos: readonly RunPhoto[], folder: string): LabelledPhoto[] {
  const pairs: LabelledPhoto[] = [];
  const unmatched: string[] = [];
  for (const label of views) {
    const photo = photoFor(label.image, photos);
    if (photo) pairs.push({ label, photo });
    else unmatched.push(label.image);
  }
  if (unmatched.length > 0)
    throw new LangfieldError({
      file: folder,
      problem: `${unmatched.length} of ${views.length} labelled images match no photo of the run, or several`,
      found: unmatched.join(', '),
      expected: `names such as ${photos
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}`,
      advice: 'Use the labels of this capture, or remove those of other images',
    });
  for (const { label, photo } of pairs) checkAspect(label, photo);
  return pairs;
}

function photoFor(image: string, photos: readonly RunPhoto[]): RunPhoto | undefined {
  const tests: ((name: string) => boolean)[] = [
    (name) => name === image,
    (name) => baseName(name) === baseName(image),
    (name) => stem(name) === stem(image) || stem(name) === image,
  ];
  for (const test of tests) {
    const found = photos.filter(({ name }) => test(name));
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
}

/** A label of another crop would be laid over the wrong pixels. */
function checkAspect(label: LabelView, { name, camera }: RunPhoto): void {
  const ratio = (label.width * camera.height) / (label.height * camera.width);
  if (Math.abs(ratio - 1) > 0.02)
    throw new LangfieldError({
      file: label.file,
      problem: `the labelled image is not shaped like the photo ${name}`,
      found: `${label.width}×${label.height}`,
      expected: `the aspect of ${camera.width}×${camera.height}`,
      advice: 'Label the photo itself, not a crop of it',
    });
}
