/**
 * Finds the photos of a run again before training goes on: where they were, or below the folder that their capture
 * was moved to. Only paths change; cameras and split stay what the run remembers.
 */
import { LangfieldError } from '../errors.ts';
import type { RunPhoto } from '../field/run.ts';
import { type RunHead, updateRun, writeCameras } from '../field/run-folder.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';

/**
 * The run with photos that exist. `captureFolder` (absolute) is where the capture is now; without it, it is where it
 * was. The run remembers a new place. A photo that is not there is an error that says how to name the place.
 */
export async function locatePhotos(
  head: RunHead,
  captureFolder: string | undefined,
  files: FileSystem,
): Promise<RunHead> {
  const photos = captureFolder === undefined ? head.photos : head.photos.map((photo) => moved(photo, captureFolder));
  for (const { path } of photos)
    if ((await files.stat(path)) === undefined) throw missing(path, head, captureFolder !== undefined);
  if (photos.every(({ path }, i) => path === head.photos[i].path)) return head;
  const config = { ...head.config, capture: { ...head.config.capture, root: captureFolder! } };
  await writeCameras(head.folder, files, photos);
  await updateRun(head.folder, files, config);
  return { ...head, config, photos };
}

/** A photo's name is its path in the capture; what stands before it was the capture's folder. */
function moved(photo: RunPhoto, captureFolder: string): RunPhoto {
  const { name, path, maskPath } = photo;
  if (!path.replaceAll('\\', '/').endsWith(`/${name}`)) return photo;
  const root = path.slice(0, path.length - name.length);
  const place = (old: string) => (old.startsWith(root) ? joinPath(captureFolder, old.slice(root.length)) : old);
  return { ...photo, path: place(path), ...(maskPath === undefined ? {} : { maskPath: place(maskPath) }) };
}

function missing(path: string, { folder, config }: RunHead, isGiven: boolean): LangfieldError {
  return new LangfieldError({
    problem: 'a photo of this run is not there',
    file: path,
    advice: isGiven
      ? `Give the capture that ${folder} was trained on (it was ${config.capture.root}), or start a new run with --out`
      : 'Put it back, or name the folder where the capture is now: langfield train <capture> --resume --out <run>',
  });
}
