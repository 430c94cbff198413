// Synthesised nerfstudio, instant-ngp, Blender and LLFF captures in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { picture, ringMatrix, writePhoto, writeTo } from '../../test/capture-writers.ts';
import { encodeNpy } from '../formats/npy.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { describeCapture } from './describe-capture.ts';
import { type OpenCaptureOptions, openCapture } from './open-capture.ts';

const { files, images } = nodePlatform();
const asIs = { orientation: 'none', centre: 'none', autoScale: false } as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-capture-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: OpenCaptureOptions = asIs) => openCapture(folder, files, images, options);

interface FrameOptions {
  names?: string[];
  frame?: (index: number) => Record<string, unknown>;
  [key: string]: unknown;
}

/** Writes transforms.json; the photos are written by the tests. */
function writeTransforms(names: string[], global: Record<string, unknown>, options: FrameOptions = {}): void {
  const frames = names.map((name, i) => ({
    file_path: name,
    transform_matrix: ringMatrix(i, names.length),
    ...options.frame?.(i),
  }));
  writeTo(folder, 'transforms.json', JSON.stringify({ ...global, frames }));
}

const names = ['images/c.jpg', 'images/a.jpg', 'images/b.jpg'];
const pinhole = { fl_x: 50, fl_y: 51, cx: 31, cy: 25, w: 64, h: 48 };
const writePhotos = async (paths: string[], width = 64, height = 48) => {
  for (const [i, path] of paths.entries()) await writePhoto(folder, path, width, height, i);
};

describe('nerfstudio and instant-ngp', () => {
  it('reads poses and global intrinsics, sorted by path', async () => {
    writeTransforms(names, { ...pinhole, k1: 0.1, k2: -0.2, p1: 0.01, p2: 0.02, camera_model: 'OPENCV' });
    await writePhotos(names);
    const capture = await open();
    expect(capture.photos.map((photo) => photo.name)).toEqual(['images/a.jpg', 'images/b.jpg', 'images/c.jpg']);
    expect(capture.photos[0].camera).toEqual({
      model: 'perspective',
      width: 64,
      height: 48,
      fx: 50,
      fy: 51,
      cx: 31,
      cy: 25,
      distortion: [0.1, -0.2, 0, 0, 0.01, 0.02],
      cameraToWorld: Float64Array.from(ringMatrix(1, 3).slice(0, 3).flat()),
    });
    expect(capture.warnings).toEqual([]);
    expect(capture.worldToScene).toEqual({
      transform: Float64Array.of(1, 0, 0, -0, 0, 1, 0, -0, 0, 0, 1, -0),
      scale: 1,
    });
  });

  it('per-frame intrinsics win over global ones; photos may differ in size', async () => {
    writeTransforms(
      names,
      { ...pinhole, distortion_params: [1, 2, 3, 4, 5, 6].map((v) => v / 100) },
      {
        frame: (i) =>
          i === 2 ? { fl_x: 70, fl_y: 71, w: 32, h: 40, cx: 15, cy: 20, camera_model: 'OPENCV_FISHEYE' } : {},
      },
    );
    await writePhotos(names.slice(0, 2));
    await writePhotos(['images/b.jpg'], 32, 40);
    const [a, b] = (await open()).photos;
    expect(a.camera).toMatchObject({ fx: 50, width: 64, model: 'perspective' });
    expect(a.camera.distortion).toEqual([0.01, 0.02, 0.03, 0.04, 0.05, 0.06]);
    expect(b.camera).toMatchObject({ fx: 70, fy: 71, width: 32, height: 40, model: 'fisheye' });
  });

  it('derives focal lengths from angles, paths from names without extension', async () => {
    writeTransforms(['./images/a', './images/b'], { camera_angle_x: 1 });
    await writePhotos(['images/a.png', 'images/b.jpg']);
    const { photos } = await open();
    expect(photos.map((photo) => photo.name)).toEqual(['images/a.png', 'images/b.jpg']);
    const focal = 32 / Math.tan(0.5);
    expect(photos[0].camera).toMatchObject({ fx: focal, fy: focal, cx: 32, cy: 24 });

    writeTransforms(['images/a', 'images/b'], { camera_angle_x: 1, camera_angle_y: 0.7 });
    expect((await open()).photos[0].camera.fy).toBeCloseTo(24 / Math.tan(0.35), 10);
    writeTransforms(['images/a', 'images/b'], { w: 64, h: 48 });
    await expect(open()).rejects.toThrow(
      /transforms\.json: frames\[0\]: the camera has no focal length.*camera_angle_x/,
    );
  });

  it('skips missing photos with one warning that names them all', async () => {
    writeTransforms(names, pinhole);
    await writePhotos(names.slice(0, 2));
    const capture = await open();
    expect(capture.photos).toHaveLength(2);
    expect(capture.warnings).toEqual(['1 of 3 listed photos has no image file and is skipped: images/b.jpg']);
    rmSync(join(folder, 'images'), { recursive: true });
    await expect(open()).rejects.toThrow(/none of the 3 listed photos has an image file.*images\/c\.jpg/);
  });

  it('takes the split from the file lists', async () => {
    writeTransforms([...names, 'images/d.jpg'], {
      ...pinhole,
      train_filenames: ['./images/a.jpg', 'images/c.jpg'],
      val_filenames: ['images/b.jpg'],
      test_filenames: ['images/b.jpg'],
    });
    await writePhotos([...names, 'images/d.jpg']);
    const capture = await open();
    expect(capture.photos.map((photo) => photo.split)).toEqual(['train', 'test', 'train']);
    expect(capture.warnings).toEqual(['1 photo in no split list left out: images/d.jpg']);
  });

  it('joins applied_transform and applied_scale into worldToScene', async () => {
    const applied = [
      [0, 1, 0, 0.5],
      [1, 0, 0, -1],
      [0, 0, -1, 2],
    ];
    writeTransforms(names, { ...pinhole, applied_transform: applied, applied_scale: 2 });
    await writePhotos(names);
    const { photos, worldToScene } = await open({});
    // A world point at the first camera's origin before applying: x = A⁻¹(origin / 2).
    const [ox, oy, oz] = [ringMatrix(1, 3)[0][3], ringMatrix(1, 3)[1][3], ringMatrix(1, 3)[2][3]].map((v) => v / 2);
    const [x, y, z] = [oy + 1, ox - 0.5, 2 - oz];
    const t = worldToScene.transform;
    const moved = [0, 4, 8].map((r) => worldToScene.scale * (t[r] * x + t[r + 1] * y + t[r + 2] * z + t[r + 3]));
    const pose = photos[0].camera.cameraToWorld;
    expect(moved).toEqual([pose[3], pose[7], pose[11]].map((v) => expect.closeTo(v, 10)));
  });

  it('obeys orientation_override, and says when it cannot', async () => {
    writeTransforms(names, { ...pinhole, orientation_override: 'none' });
    await writePhotos(names);
    const kept = await open({ centre: 'none', autoScale: false });
    expect([...kept.worldToScene.transform].map(Math.abs)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
    writeTransforms(names, { ...pinhole, orientation_override: 'pca' });
    expect((await open({})).warnings).toEqual([expect.stringMatching(/orientation_override is "pca"/)]);
  });

  it('orients, centres and scales by default', async () => {
    writeTransforms(names, pinhole);
    await writePhotos(names);
    const { photos } = await open({});
    const origins = photos.map(({ camera: { cameraToWorld: p } }) => [p[3], p[7], p[11]]);
    for (let k = 0; k < 3; k++) expect(origins.reduce((sum, origin) => sum + origin[k], 0)).toBeCloseTo(0, 12);
    expect(Math.max(...origins.flat().map(Math.abs))).toBeCloseTo(1, 12);
    const twice = await open({ sceneScale: 2 });
    expect(twice.photos[0].camera.cameraToWorld[3]).toBeCloseTo(2 * origins[0][0], 12);
  });

  it('chooses a downscale folder by size, by wish, and when it is the only one', async () => {
    writeTransforms(names, pinhole);
    await writePhotos(names);
    await writePhotos(
      names.map((name) => name.replace('images', 'images_2')),
      32,
      24,
    );
    await writePhotos(
      names.map((name) => name.replace('images', 'images_4')),
      16,
      12,
    );
    const chosen = async (options: OpenCaptureOptions) => {
      const { name, camera } = (await open({ ...asIs, ...options })).photos[0];
      return [name, camera.width, camera.fx];
    };
    expect(await chosen({})).toEqual(['images/a.jpg', 64, 50]);
    expect(await chosen({ maximumSide: 40 })).toEqual(['images_2/a.jpg', 32, 25]);
    expect(await chosen({ maximumSide: 10 })).toEqual(['images_4/a.jpg', 16, 12.5]);
    expect(await chosen({ downscaleFolder: 2 })).toEqual(['images_2/a.jpg', 32, 25]);
    await expect(open({ downscaleFolder: 8 })).rejects.toThrow(/there is no folder images_8.*1, 2, 4/);
    rmSync(join(folder, 'images'), { recursive: true });
    expect(await chosen({})).toEqual(['images_2/a.jpg', 32, 25]);
  });

  it('keeps masks that exist and depth paths', async () => {
    writeTransforms(names, pinhole, {
      frame: (i) => ({ mask_path: `masks/${i}.png`, depth_file_path: `depth/${i}.png` }),
    });
    await writePhotos([...names, 'masks/0.png']);
    const capture = await open();
    expect(capture.photos[2]).toMatchObject({
      maskPath: join(folder, 'masks/0.png'),
      depthPath: join(folder, 'depth/0.png'),
    });
    expect(capture.photos[0].maskPath).toBeUndefined();
    expect(capture.warnings).toEqual([expect.stringMatching(/2 masks not found.*masks\/1\.png, masks\/2\.png/)]);
  });

  it('opens a transforms.json by its own path', async () => {
    writeTransforms(names, pinhole);
    await writePhotos(names);
    const capture = await openCapture(join(folder, 'transforms.json'), files, images, asIs);
    expect(capture.photos.map((photo) => photo.name)).toEqual(['images/a.jpg', 'images/b.jpg', 'images/c.jpg']);
  });
});

describe('Blender', () => {
  const frames = (list: string[], offset: number) =>
    JSON.stringify({
      camera_angle_x: 0.69,
      frames: list.map((name, i) => ({ file_path: name, transform_matrix: ringMatrix(i + offset, 5) })),
    });

  it('reads all splits; alpha PNGs without extension', async () => {
    writeTo(folder, 'transforms_train.json', frames(['./train/r_0', './train/r_1', './train/r_2'], 0));
    writeTo(folder, 'transforms_test.json', frames(['./test/r_0'], 3));
    writeTo(folder, 'transforms_val.json', frames(['./val/r_0'], 4));
    for (const name of ['train/r_0', 'train/r_1', 'train/r_2', 'test/r_0', 'val/r_0'])
      writeTo(folder, `${name}.png`, await picture(20, 20, 1, 4).png().toBuffer());
    const capture = await open();
    expect(capture.format).toBe('blender');
    expect(capture.photos.map((photo) => [photo.name, photo.split])).toEqual([
      ['test/r_0.png', 'test'],
      ['train/r_0.png', 'train'],
      ['train/r_1.png', 'train'],
      ['train/r_2.png', 'train'],
    ]);
    expect(capture.photos[1].camera.fx).toBeCloseTo(10 / Math.tan(0.345), 10);
    expect(capture.warnings).toEqual([expect.stringMatching(/1 validation photo left out/)]);

    rmSync(join(folder, 'transforms_test.json'));
    expect((await open()).photos.filter((photo) => photo.split === 'test').map((photo) => photo.name)).toEqual([
      'val/r_0.png',
    ]);
    rmSync(join(folder, 'transforms_val.json'));
    const alone = await open({ ...asIs, trainFraction: 0.5 });
    expect(alone.photos.map((photo) => photo.split)).toEqual(['train', 'test', 'train']);
  });
});

describe('LLFF', () => {
  /** 15 + 2 numbers per photo: columns down, right, back, position, (height, width, focal). */
  const rows = (total: number) =>
    Float64Array.from(
      Array.from({ length: total }, (_, i) => {
        const m = ringMatrix(i, total);
        const hwf = [480, 640, 500];
        return [...m.slice(0, 3).flatMap((row, r) => [-row[1], row[0], row[2], row[3], hwf[r]]), 1, 10];
      }).flat(),
    );

  it('reads poses in sorted order, and smaller photos under other names', async () => {
    writeTo(folder, 'poses_bounds.npy', encodeNpy(rows(3), [3, 17]));
    await writePhotos(['images/IMG_2.jpg', 'images/IMG_1.jpg', 'images/IMG_3.jpg'], 640, 480);
    await writePhotos(['images_4/image000.png', 'images_4/image001.png', 'images_4/image002.png'], 160, 120);
    const capture = await open();
    expect(capture.format).toBe('llff');
    expect(capture.depthBounds).toEqual({ near: 1, far: 10 });
    expect(describeCapture(capture).join('\n')).toMatch(/depth +1 … 10 scene units/);
    expect(capture.photos[0].name).toBe('images/IMG_1.jpg');
    expect(capture.photos[0].camera).toMatchObject({ fx: 500, fy: 500, cx: 320, cy: 240, width: 640, height: 480 });
    capture.photos.forEach((photo, i) => {
      expect([...photo.camera.cameraToWorld]).toEqual(
        ringMatrix(i, 3)
          .slice(0, 3)
          .flat()
          .map((v) => expect.closeTo(v, 12)),
      );
    });
    const small = await open({ ...asIs, downscaleFolder: 4 });
    expect(small.photos[1].name).toBe('images_4/image001.png');
    expect(small.photos[1].camera).toMatchObject({ fx: 125, cx: 80, width: 160 });
    expect(small.photos[1].camera.cameraToWorld).toEqual(capture.photos[1].camera.cameraToWorld);
    rmSync(join(folder, 'images'), { recursive: true });
    expect((await open()).photos[2].name).toBe('images_4/image002.png');
  });

  it('refuses a count that does not match, and other arrays', async () => {
    writeTo(folder, 'poses_bounds.npy', encodeNpy(rows(3), [3, 17]));
    await writePhotos(['images/a.jpg', 'images/b.jpg'], 64, 48);
    await expect(open()).rejects.toThrow(/number of photos.*found 2 in images\/; expected 3 photos/);
    writeTo(folder, 'poses_bounds.npy', encodeNpy(new Float64Array(30), [2, 15]));
    await expect(open()).rejects.toThrow(/not an LLFF pose file.*\[2, 15\]/);
  });
});
