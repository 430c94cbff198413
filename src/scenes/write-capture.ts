/**
 * Writes the tabletop as a capture folder that every command reads like any other:
 *   transforms.json          nerfstudio, OpenGL camera-to-world, exact; names the held-out photos
 *   images/<view>.png        photographs
 *   instances/<view>.png     exact instance ids (8-bit grey, 0 = nothing); usable as region maps
 *   depth/<view>.png         z-depth, 16-bit, thousandths of a scene unit
 *   labels/<view>/<phrase>.png   exact masks of the held-out photos (LERF-Mask layout)
 */
import { type FileSystem, type ImageCodec, joinPath, type Progress } from '../platform/platform.ts';
import {
  describeTabletop,
  photographTabletop,
  type Tabletop,
  type TabletopOptions,
  type TabletopPhoto,
  tabletopDefaults,
} from './tabletop.ts';

/** A thing that shows fewer pixels than this in a view is not labelled there: it is behind something. */
const smallestMask = 24;

/** Returns the phrases that were labelled. @throws LangfieldError when the folder cannot be written */
export async function writeTabletopCapture(
  folder: string,
  files: FileSystem,
  images: ImageCodec,
  options: Partial<TabletopOptions>,
  progress: Progress,
): Promise<string[]> {
  const resolved = { ...tabletopDefaults, ...options };
  const tabletop = describeTabletop(resolved);
  progress.start('photographing the tabletop', resolved.views);
  const frames: object[] = [];
  const names: Record<TabletopPhoto['split'], string[]> = { train: [], test: [] };
  for (const photo of photographTabletop(tabletop, resolved.seed)) {
    await writePhoto(folder, files, images, photo);
    if (photo.split === 'test') await writeMasks(folder, files, images, tabletop, photo);
    const file = `images/${photo.name}.png`;
    frames.push({
      file_path: file,
      depth_file_path: `depth/${photo.name}.png`,
      transform_matrix: poseRows(photo.camera.cameraToWorld),
    });
    names[photo.split].push(file);
    progress.update(frames.length);
  }
  // Last, so that a folder with a transforms.json is complete.
  const transforms = { ...intrinsics(tabletop), train_filenames: names.train, test_filenames: names.test, frames };
  await files.writeAtomic(joinPath(folder, 'transforms.json'), `${JSON.stringify(transforms, undefined, 1)}\n`);
  progress.finish();
  return [...tabletop.phrases.values()];
}

function intrinsics({ cameras: [camera] }: Tabletop): object {
  return {
    camera_model: 'OPENCV',
    w: camera.width,
    h: camera.height,
    fl_x: camera.fx,
    fl_y: camera.fy,
    cx: camera.cx,
    cy: camera.cy,
    k1: 0,
    k2: 0,
    p1: 0,
    p2: 0,
  };
}

/** [3, 4] to four rows. */
function poseRows(pose: Float64Array): number[][] {
  return [...[0, 4, 8].map((start) => Array.from(pose.subarray(start, start + 4))), [0, 0, 0, 1]];
}

async function writePhoto(folder: string, files: FileSystem, images: ImageCodec, photo: TabletopPhoto) {
  const { width, height, name } = photo;
  const write = async (kind: string, channels: 1 | 3, data: Uint8Array | Uint16Array) =>
    files.writeAtomic(joinPath(folder, kind, `${name}.png`), await images.encodePng({ width, height, channels, data }));
  await write('images', 3, photo.rgb);
  await write('instances', 1, Uint8Array.from(photo.ids));
  await write(
    'depth',
    1,
    Uint16Array.from(photo.depth, (z) => Math.min(65535, Math.round(z * 1000))),
  );
}

async function writeMasks(
  folder: string,
  files: FileSystem,
  images: ImageCodec,
  { phrases }: Tabletop,
  { width, height, ids, name }: TabletopPhoto,
) {
  for (const [id, phrase] of phrases) {
    const data = Uint8Array.from(ids, (pixel) => (pixel === id ? 255 : 0));
    if (data.reduce((sum, value) => sum + value / 255, 0) < smallestMask) continue;
    const mask = await images.encodePng({ width, height, channels: 1, data });
    await files.writeAtomic(joinPath(folder, 'labels', name, `${phrase}.png`), mask);
  }
}
