import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CapturePhoto } from '../capture/capture.ts';
import { viewCamera } from '../math/views.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { loadHeldOutPhotos, loadTrainingPhotos } from './load-photos.ts';

const folder = mkdtempSync(join(tmpdir(), 'langfield-photos-'));
afterAll(() => rmSync(folder, { recursive: true }));
const platform = nodePlatform();
const pose = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

function photo(name: string, width: number, height: number, maskPath?: string): CapturePhoto {
  return { name, path: join(folder, name), camera: viewCamera(pose, width, height, 50), split: 'train', maskPath };
}

beforeAll(async () => {
  const write = async (name: string, width: number, height: number, data: Uint8Array | Uint16Array, channels: 1 | 3) =>
    platform.files.writeAtomic(join(folder, name), await platform.images.encodePng({ width, height, channels, data }));
  await write('wide.png', 1200, 600, new Uint8Array(1200 * 600 * 3).fill(51), 3);
  await write('deep.png', 40, 60, new Uint16Array(40 * 60 * 3).fill(0x3333), 3);
  await write(
    'half.png',
    20,
    30,
    Uint8Array.from({ length: 600 }, (_, i) => (i % 20 < 10 ? 255 : 0)),
    1,
  );
  await write('black.png', 20, 30, new Uint8Array(600), 1);
});

describe('photos for training', () => {
  it('may differ in size and depth, are shrunk with their cameras, and carry their masks', async () => {
    const photos = [photo('wide.png', 1200, 600), photo('deep.png', 40, 60, join(folder, 'half.png'))];
    const [wide, deep] = await loadTrainingPhotos(photos, 4, platform, silentProgress);
    expect(wide.camera).toMatchObject({ width: 300, height: 150, fx: photos[0].camera.fx / 4 });
    expect(wide.rgb).toEqual(new Uint8Array(300 * 150 * 3).fill(51));
    expect(deep.rgb).toEqual(new Uint16Array(10 * 15 * 3).fill(0x3333));
    expect([...deep.mask!.slice(0, 10)]).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    expect([wide.supervisionIndex, deep.supervisionIndex]).toEqual([0, 1]);
  });

  it('must be some, with some pixels', async () => {
    await expect(loadTrainingPhotos([], 1, platform, silentProgress)).rejects.toThrow(/no photo is left to train on/);
    const masked = [photo('deep.png', 40, 60, join(folder, 'black.png'))];
    await expect(loadTrainingPhotos(masked, 1, platform, silentProgress)).rejects.toThrow(
      /black\.png: the masks leave no pixel to train on/,
    );
  });
});

describe('held-out photos', () => {
  it('are few, small and 8-bit', async () => {
    const photos = ['wide.png', 'wide.png', 'wide.png'].map((name) => photo(name, 1200, 600));
    const loaded = await loadHeldOutPhotos([...photos, photo('deep.png', 40, 60)], 1, platform);
    expect(loaded.map(({ camera }) => `${camera.width}×${camera.height}`)).toEqual(['480×240', '40×60']);
    expect(loaded[1].rgb).toEqual(new Uint8Array(40 * 60 * 3).fill(51));
    expect(await loadHeldOutPhotos([], 1, platform)).toEqual([]);
  });
});
