import { describe, expect, it } from 'vitest';
import { presetConfig } from '../field/config.ts';
import type { RunPhoto } from '../field/run.ts';
import { composePoses } from '../math/poses.ts';
import { pixelRay } from '../math/rays.ts';
import { parseCameraFile, poseInScene } from './camera-file.ts';
import { parseSize, selectViews, spread } from './views.ts';

const photo = (name: string, split: RunPhoto['split'] = 'train', x = 0): RunPhoto => ({
  name,
  path: `/photos/${name}`,
  split,
  camera: {
    model: 'perspective',
    width: 1080,
    height: 1920,
    fx: 1300,
    fy: 1310,
    cx: 550,
    cy: 970,
    distortion: [0.1, 0, 0, 0, 0, 0.01],
    cameraToWorld: Float64Array.of(1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0),
  },
});
const runOf = (photos: RunPhoto[]) => ({
  folder: 'runs/fox',
  photos,
  config: {
    formatVersion: 1,
    scene: presetConfig('small', photos.length, []),
    capture: { root: 'fox', format: 'nerfstudio' },
    worldToScene: { transform: [0, 1, 0, 1, -1, 0, 0, 2, 0, 0, 1, 3], scale: 0.5 },
    training: {},
  },
});
const numbered = Array.from({ length: 12 }, (_, i) =>
  photo(`images/${String(2 * i).padStart(4, '0')}.jpg`, i % 4 === 1 ? 'test' : 'train', i),
);
const run = runOf(numbered);
const noFiles = { readText: () => Promise.reject(new Error('no file was expected to be read')) };
const shape = { longSide: 512 };
const names = async (spec: string | undefined, from = run) =>
  (await selectViews(from, spec, shape, noFiles)).map(({ name }) => name);

describe('selecting views', () => {
  it('takes names in any form, and indices where no name fits', async () => {
    expect(await names('images/0004.jpg,0006.jpg , 0008')).toEqual(['0004', '0006', '0008']);
    expect(await names('3')).toEqual(['0006']);
    expect(await names('0004,2')).toEqual(['0004']);
    expect(await names('2', runOf([photo('2.jpg'), photo('b.jpg'), photo('c.jpg')]))).toEqual(['2']);
  });

  it('knows all, train and test', async () => {
    expect(await names('all')).toHaveLength(12);
    expect(await names('test')).toEqual(['0002', '0010', '0018']);
    expect(await names('train')).toHaveLength(9);
    expect(await names('0000,test,0002')).toEqual(['0000', '0002', '0010', '0018']);
    await expect(names(' , ')).rejects.toThrow(/names no photo/);
  });

  it('shows held-out photos unless told otherwise, or a few others when there are none', async () => {
    expect(await names(undefined)).toEqual(['0002', '0010', '0018']);
    const none = runOf(numbered.map((each) => ({ ...each, split: 'train' as const })));
    expect(await names(undefined, none)).toEqual(['0000', '0008', '0014', '0022']);
    await expect(names('test', none)).rejects.toThrow(/no photo of the run is held out/);
  });

  it('names the photo that does not exist and what would do', async () => {
    await expect(names('0005')).rejects.toThrow(/found 0005; expected a name such as images\/0000.jpg.*0 to 11/);
  });

  it('gives photos of one file name their own folders', async () => {
    const views = await selectViews(runOf([photo('a/1.jpg'), photo('b/1.jpg')]), 'all', shape, noFiles);
    expect(views.map(({ slug }) => slug)).toEqual(['1', '1-2']);
  });
});

describe('the camera of a view', () => {
  it("is the photo's own, shrunk, lens included", async () => {
    const [{ camera }] = await selectViews(run, '0', shape, noFiles);
    expect([camera.width, camera.height]).toEqual([288, 512]);
    expect(camera.distortion).toEqual([0.1, 0, 0, 0, 0, 0.01]);
    expect(camera.cx).toBeCloseTo(550 * (288 / 1080), 9);
    const [small] = await selectViews(run, '0', { longSide: 5000 }, noFiles);
    expect([small.camera.width, small.camera.height]).toEqual([1080, 1920]);
  });

  it('is a pinhole from the same place when a size or a field of view is given', async () => {
    const [{ camera }] = await selectViews(run, '5', { ...shape, size: parseSize('512x298') }, noFiles);
    // Spec §5.5: 319.53 px for 298 rows at 50°.
    expect(camera.fy).toBeCloseTo(319.53, 2);
    expect(camera.distortion).toEqual([0, 0, 0, 0, 0, 0]);
    expect([camera.width, camera.height, camera.cx, camera.cy]).toEqual([512, 298, 256, 149]);
    expect(camera.cameraToWorld).toEqual(numbered[5].camera.cameraToWorld);
    const [wide] = await selectViews(run, '5', { ...shape, fov: 75 }, noFiles);
    expect([wide.camera.width, wide.camera.height]).toEqual([288, 512]);
    expect(wide.camera.fy).toBeCloseTo(256 / Math.tan((37.5 * Math.PI) / 180), 6);
  });
});

describe('cameras from a file', () => {
  const read = (object: object) => ({ readText: async () => JSON.stringify(object) });
  const cameraToWorld = [
    [1, 0, 0, 4],
    [0, 1, 0, 5],
    [0, 0, 1, 6],
    [0, 0, 0, 1],
  ];

  it('are read from langfield’s own form, in the frame that they state', async () => {
    const file = { cameras: [{ name: 'From Above', cameraToWorld, fov: 50, width: 256, height: 138 }] };
    const [view] = await selectViews(run, 'views.json', shape, read(file));
    expect([view.name, view.slug, view.photo]).toEqual(['From Above', 'from-above', undefined]);
    expect(view.camera.fy).toBeCloseTo(147.97, 2);
    expect([...view.camera.cameraToWorld]).toEqual(cameraToWorld.slice(0, 3).flat());
    const [inWorld] = await selectViews(run, 'views.json', shape, read({ frame: 'world', ...file }));
    // x: 0.5 (y + 1), y: 0.5 (−x + 2), z: 0.5 (z + 3).
    expect(pixelRay(inWorld.camera, 0, 0).origin).toEqual([3, -1, 4.5]);
    expect([...inWorld.camera.cameraToWorld.subarray(0, 3)]).toEqual([0, 1, 0]);
  });

  it('are read from a nerfstudio camera path; a size given by the user wins', async () => {
    const path = {
      render_width: 640,
      render_height: 360,
      camera_path: [{ camera_to_world: cameraToWorld.flat(), fov: 40 }],
    };
    const [view] = await selectViews(run, 'path.JSON', shape, read(path));
    expect([view.camera.width, view.camera.height]).toEqual([640, 360]);
    const [small] = await selectViews(run, 'path.json', { ...shape, size: { width: 64, height: 36 } }, read(path));
    expect(small.camera.fy).toBeCloseTo(view.camera.fy / 10, 9);
  });

  it('say which field is wrong', () => {
    const { worldToScene } = run.config;
    expect(() => parseCameraFile('{', 'v.json', worldToScene)).toThrow(/v\.json: the camera file is not JSON/);
    const bad = JSON.stringify({ cameras: [{ cameraToWorld, fov: 200, width: 4, height: 4 }] });
    expect(() => parseCameraFile(bad, 'v.json', worldToScene)).toThrow(/v\.json: cameras\.0\.fov/);
  });

  it('poseInScene scales positions only', () => {
    const identity = { transform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], scale: 2 };
    const pose = Float64Array.from(cameraToWorld.slice(0, 3).flat());
    const scaled = poseInScene(pose, identity);
    expect([scaled[3], scaled[7], scaled[11]]).toEqual([8, 10, 12]);
    expect([scaled[0], scaled[5], scaled[10]]).toEqual([1, 1, 1]);
    expect(composePoses(Float64Array.from(identity.transform), pose)).toEqual(pose);
  });
});

describe('sizes and selections', () => {
  it('parses sizes and refuses others', () => {
    expect(parseSize('512x298')).toEqual({ width: 512, height: 298 });
    expect(parseSize('256 × 138')).toEqual({ width: 256, height: 138 });
    for (const text of ['512', '0x4', '512x', 'x', '99999x4', '-1x5']) expect(() => parseSize(text)).toThrow(/--size/);
  });

  it('spreads evenly', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
    expect(spread([1, 2], 4)).toEqual([1, 2]);
    expect(spread([1, 2, 3], 1)).toEqual([1]);
  });
});
