/**
 * Writes a built-in scene as a capture folder that every command reads like any other:
 *   transforms.json             nerfstudio, metres, OpenGL camera-to-world, exact; novel views are the held-out photos
 *   images/<view>.png           photographs
 *   depth/<view>.png            z-depth, 16-bit, millimetres
 *   instances/<view>.png        exact instance ids, 16-bit grey; region maps for `--segmenter files:`
 *   parts/<view>.png            exact part ids, 16-bit grey
 *   labels/novel, labels/train  masks per phrase: polygons/ (LERF-OVS JSON) and masks/ (LERF-Mask)
 *   scene.json                  what every id is, and the phrases
 */
import type { Camera } from '../math/camera.ts';
import { type Image, joinPath, type Platform, type Progress } from '../platform/platform.ts';
import { composeScene, composition } from './compositions/index.ts';
import { orbitViews, type SceneView, type ViewOptions } from './orbit-cameras.ts';
import { type ScenePhrase, scenePhrases } from './phrases.ts';
import { renderViews } from './render-views.ts';
import type { RenderedView } from './render-view.ts';
import type { SceneDescription } from './scene.ts';
import { type ScenePart, sceneParts } from './scene-parts.ts';
import { writeLabels } from './write-labels.ts';

export interface SceneOptions extends ViewOptions {
  seed: number;
  /** Rays per pixel, 1 … 64. */
  samples: number;
}

export const sceneDefaults: SceneOptions = { views: 40, novelViews: 8, width: 320, height: 240, seed: 1, samples: 5 };

export interface WrittenScene {
  /** Phrases with a label in at least one novel view. */
  labelled: string[];
  demoPhrases: readonly string[];
  /** Phrases that name something which no novel view shows. */
  hidden: string[];
}

/** @throws LangfieldError for an unknown scene, or when the folder cannot be written */
export async function writeScene(
  name: string,
  folder: string,
  options: SceneOptions,
  platform: Platform,
  progress: Progress,
): Promise<WrittenScene> {
  const { files } = platform;
  const { demoPhrases } = composition(name);
  const scene = composeScene(name, options.seed);
  const parts = sceneParts(scene.things);
  const phrases = scenePhrases(scene, parts);
  const views = orbitViews(scene.orbit, options, options.seed);
  const labelled = new Set<string>();
  const workers = Array.from({ length: platform.cores }, () => platform.spawnWorker('scene'));
  try {
    progress.start(`photographing ${name}`, views.length);
    let done = 0;
    for await (const { view, picture } of renderViews(workers, name, options.seed, views, options.samples)) {
      await writePictures(folder, view.name, picture, platform);
      const seen = await writeViewLabels(folder, view, phrases, picture, platform);
      if (view.split === 'test') for (const phrase of seen) labelled.add(phrase);
      progress.update(++done);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const hidden = phrases.map(({ phrase }) => phrase).filter((phrase) => !labelled.has(phrase));
  await files.writeAtomic(joinPath(folder, 'scene.json'), sceneFile(name, options, scene, parts, phrases));
  // Last, so that a folder with a transforms.json is complete.
  await files.writeAtomic(joinPath(folder, 'transforms.json'), transformsFile(views));
  progress.finish();
  return { labelled: [...labelled], demoPhrases, hidden };
}

async function writePictures(
  folder: string,
  name: string,
  view: RenderedView,
  { files, images }: Platform,
): Promise<void> {
  const { width, height } = view;
  const write = async (kind: string, channels: Image['channels'], data: Image['data']) =>
    files.writeAtomic(joinPath(folder, kind, `${name}.png`), await images.encodePng({ width, height, channels, data }));
  await write('images', 3, view.rgb);
  await write('instances', 1, view.instances);
  await write('parts', 1, view.parts);
  const millimetres = Uint16Array.from(view.depth, (depth) => Math.min(65535, Math.round(depth * 10)));
  await write('depth', 1, millimetres);
}

function writeViewLabels(
  folder: string,
  { name, split }: SceneView,
  phrases: readonly ScenePhrase[],
  picture: RenderedView,
  { files, images }: Platform,
): Promise<string[]> {
  const inSplit = (layout: string) => joinPath(folder, 'labels', split === 'test' ? 'novel' : 'train', layout);
  return writeLabels({ polygons: inSplit('polygons'), masks: inSplit('masks') }, name, phrases, picture, files, images);
}

function sceneFile(
  name: string,
  options: SceneOptions,
  { things }: SceneDescription,
  parts: readonly ScenePart[],
  phrases: readonly ScenePhrase[],
): string {
  const instances = things.map(({ thing: { noun, stuff, colours, material } }, index) => ({
    id: index + 1,
    noun,
    stuff,
    colours,
    material,
    parts: parts.filter(({ instance }) => instance === index + 1).map(({ id, name: part }) => ({ id, name: part })),
  }));
  const named = phrases.map(({ phrase, kind, parts: ids }) => ({ phrase, kind, parts: [...ids] }));
  return `${JSON.stringify({ scene: name, options, instances, phrases: named }, undefined, 1)}\n`;
}

function transformsFile(views: readonly SceneView[]): string {
  const [{ camera }] = views;
  const names = (split: SceneView['split']) =>
    views.filter((view) => view.split === split).map(({ name }) => `images/${name}.png`);
  const frames = views.map((view) => ({
    file_path: `images/${view.name}.png`,
    depth_file_path: `depth/${view.name}.png`,
    transform_matrix: poseInMetres(view.camera),
  }));
  const intrinsics = {
    w: camera.width,
    h: camera.height,
    fl_x: camera.fx,
    fl_y: camera.fy,
    cx: camera.cx,
    cy: camera.cy,
  };
  const transforms = {
    camera_model: 'PINHOLE',
    ...intrinsics,
    train_filenames: names('train'),
    test_filenames: names('test'),
    frames,
  };
  return `${JSON.stringify(transforms, undefined, 1)}\n`;
}

/** Four rows. */
function poseInMetres({ cameraToWorld: m }: Camera): number[][] {
  const rows = [0, 4, 8].map((start) => [m[start], m[start + 1], m[start + 2], m[start + 3] / 100]);
  return [...rows, [0, 0, 0, 1]];
}
