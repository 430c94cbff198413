/** A run folder of a few kilobytes with two photos, and an encoder folder beside it, for tests of what serves them. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { presetConfig, type SceneConfig } from '../src/field/config.ts';
import { initialParameters } from '../src/field/initialise.ts';
import type { TensorMap } from '../src/field/parameters.ts';
import { createRun, saveScene } from '../src/field/run-folder.ts';
import { viewCamera } from '../src/math/views.ts';
import type { Platform } from '../src/platform/platform.ts';
import { readEncoderFolder } from '../src/encoders/encoder-folder.ts';

export interface RunFixture {
  /** Holds everything below. */
  root: string;
  run: string;
  encoder: string;
}

export interface SceneFixture {
  /** For embeddings of `dim` numbers; the small preset unless given. */
  scene(dim: number): SceneConfig;
  parameters(scene: SceneConfig): TensorMap;
}

const untrained: SceneFixture = {
  scene: (dim) => presetConfig('small', 2, [{ name: 'panoptic', clipDim: dim, dinoDim: 0 }]),
  parameters: (scene) => initialParameters(scene, 1),
};

export async function writeRunFixture(platform: Platform, what: SceneFixture = untrained): Promise<RunFixture> {
  const { files, images } = platform;
  const root = await mkdtemp(join(tmpdir(), 'langfield-viewer-'));
  const run = join(root, 'runs', 'desk');
  const encoder = platform.packagePath('models/household');
  const { identity, description } = await readEncoderFolder(encoder, files);
  const { name, dim, canonicalPhrases } = description;
  const scene = what.scene(dim);
  const photos = [0, 1].map((index) => ({
    name: `images/${index}.png`,
    path: join(root, 'capture', `${index}.png`),
    split: 'train' as const,
    camera: viewCamera(Float64Array.of(1, 0, 0, index, 0, 1, 0, 0, 0, 0, 1, 2), 400, 300, 50),
  }));
  const data = Uint8Array.from({ length: 400 * 300 * 3 }, (_, i) => i % 251);
  await files.writeAtomic(photos[0].path, await images.encodePng({ width: 400, height: 300, channels: 3, data }));
  const canonicalEmbeddings = new Float32Array(canonicalPhrases.length * dim);
  canonicalPhrases.forEach((_, i) => {
    canonicalEmbeddings[i * dim + i] = 1;
  });
  await createRun(run, files, {
    config: {
      scene,
      capture: { root: join(root, 'capture'), format: 'nerfstudio' },
      worldToScene: { transform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], scale: 1 },
      encoder: { name, folder: encoder, identity, dim, canonicalPhrases },
      training: { cache: join(root, 'cache') },
    },
    photos,
    canonicalEmbeddings,
  });
  await saveScene(run, files, scene, what.parameters(scene));
  return { root, run, encoder };
}
