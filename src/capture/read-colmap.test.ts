// Synthesised COLMAP models, binary and text: projecting world points through the opened capture must land where
// COLMAP's own formulas (its documentation: models.h) put them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ColmapTestCamera,
  type ColmapTestModel,
  writeColmapBinary,
  writeColmapText,
  writePhoto,
  writeTo,
} from '../../test/capture-writers.ts';
import { projectPoint } from '../math/projection.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { openCapture } from './open-capture.ts';

const { files, images } = nodePlatform();
const asIs = { orientation: 'none', centre: 'none', autoScale: false } as const;

const cameras: ColmapTestCamera[] = [
  { id: 3, model: 'SIMPLE_PINHOLE', modelId: 0, width: 32, height: 24, parameters: [30, 15.5, 12.25] },
  { id: 1, model: 'PINHOLE', modelId: 1, width: 32, height: 24, parameters: [30, 31, 15.5, 12.25] },
  { id: 7, model: 'SIMPLE_RADIAL', modelId: 2, width: 40, height: 24, parameters: [33, 20, 12, 0.05] },
  { id: 8, model: 'RADIAL', modelId: 3, width: 32, height: 24, parameters: [30, 16, 12, 0.05, -0.02] },
  {
    id: 9,
    model: 'OPENCV',
    modelId: 4,
    width: 24,
    height: 32,
    parameters: [30, 31, 12, 16, 0.05, -0.02, 0.003, -0.002],
  },
  {
    id: 10,
    model: 'OPENCV_FISHEYE',
    modelId: 5,
    width: 32,
    height: 32,
    parameters: [14, 15, 16, 16.5, 0.02, -0.01, 0.003, -0.001],
  },
  { id: 11, model: 'RADIAL_FISHEYE', modelId: 9, width: 32, height: 32, parameters: [14, 16, 16, 0.02, -0.01] },
];

/** Pixel of a point in camera axes (x right, y down, z forward), by COLMAP's documentation. */
function colmapPixel(camera: ColmapTestCamera, [X, Y, Z]: number[]): [number, number] {
  const p = camera.parameters;
  let [u, v] = [X / Z, Y / Z];
  const r2 = u * u + v * v;
  const pixel = (fx: number, fy: number, cx: number, cy: number): [number, number] => [fx * u + cx, fy * v + cy];
  const fisheye = (...k: number[]) => {
    const theta = Math.atan(Math.sqrt(r2));
    const terms = k.reduce((sum, value, i) => sum + value * theta ** (2 * i + 2), 1);
    [u, v] = [u, v].map((value) => (value * theta * terms) / Math.sqrt(r2));
  };
  const radial = (k1: number, k2: number) => {
    [u, v] = [u, v].map((value) => value * (1 + k1 * r2 + k2 * r2 * r2));
  };
  switch (camera.model) {
    case 'SIMPLE_PINHOLE':
      return pixel(p[0], p[0], p[1], p[2]);
    case 'PINHOLE':
      return pixel(p[0], p[1], p[2], p[3]);
    case 'SIMPLE_RADIAL':
      radial(p[3], 0);
      return pixel(p[0], p[0], p[1], p[2]);
    case 'RADIAL':
      radial(p[3], p[4]);
      return pixel(p[0], p[0], p[1], p[2]);
    case 'OPENCV': {
      const [k1, k2, p1, p2] = p.slice(4);
      const tangential = [2 * p1 * u * v + p2 * (r2 + 2 * u * u), 2 * p2 * u * v + p1 * (r2 + 2 * v * v)];
      radial(k1, k2);
      [u, v] = [u + tangential[0], v + tangential[1]];
      return pixel(p[0], p[1], p[2], p[3]);
    }
    case 'OPENCV_FISHEYE':
      fisheye(...p.slice(4));
      return pixel(p[0], p[1], p[2], p[3]);
    default:
      fisheye(...p.slice(3));
      return pixel(p[0], p[0], p[1], p[2]);
  }
}

/** q · v · q*, the textbook way. */
function rotate([w, x, y, z]: number[], [a, b, c]: number[]): number[] {
  const product = (p: number[], q: number[]) => [
    p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
    p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
    p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
    p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0],
  ];
  return product(product([w, x, y, z], [0, a, b, c]), [w, -x, -y, -z]).slice(1);
}

const unit = (q: number[]) => q.map((value) => value / Math.hypot(...q));

function model(chosen: ColmapTestCamera[]): ColmapTestModel {
  return {
    cameras: chosen,
    images: chosen.map((camera, i) => ({
      id: i + 1,
      quaternion: unit([1, 0.1 * i, -0.2, 0.05 * i]),
      translation: [0.1 * i, -0.2, 4 + 0.1 * i],
      cameraId: camera.id,
      name: `set ${i % 2}/photo_${i}.png`,
      features:
        i % 2 === 0
          ? []
          : [
              [1.5, 2.5, 42],
              [3, 4, -1],
            ],
    })),
    points: [
      { id: 42, position: [0.5, -0.25, 0.75], colour: [10, 20, 30] },
      { id: 77, position: [-1, 0.5, 0.25], colour: [40, 50, 255] },
    ],
  };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-colmap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writers = { binary: writeColmapBinary, text: writeColmapText };

for (const [kind, write] of Object.entries(writers)) {
  describe(`COLMAP ${kind}`, () => {
    it('projects every camera model as COLMAP does, photos of mixed sizes', async () => {
      const expected = model(cameras);
      write(join(folder, 'sparse/0'), expected);
      for (const [i, image] of expected.images.entries())
        await writePhoto(folder, `images/${image.name}`, cameras[i].width, cameras[i].height);
      const capture = await openCapture(folder, files, images, asIs);
      expect(capture.format).toBe(`colmap-${kind}`);
      expect(capture.warnings).toEqual([]);
      expect(capture.photos).toHaveLength(cameras.length);
      for (const image of expected.images) {
        const photo = capture.photos.find((each) => each.name === `images/${image.name}`)!;
        const camera = cameras.find((each) => each.id === image.cameraId)!;
        expect([photo.camera.width, photo.camera.height]).toEqual([camera.width, camera.height]);
        for (const point of [
          [0.5, -0.25, 0.75],
          [-1, 0.5, 0.25],
          [0, 1, -1],
        ] as [number, number, number][]) {
          const inCamera = rotate(image.quaternion, point).map((value, k) => value + image.translation[k]);
          const [u, v] = colmapPixel(camera, inCamera);
          const seen = projectPoint(photo.camera, point);
          expect(seen?.col).toBeCloseTo(u, 8);
          expect(seen?.row).toBeCloseTo(v, 8);
          expect(seen?.depth).toBeCloseTo(inCamera[2], 8);
        }
      }
      expect([...capture.points!.positions]).toEqual([0.5, -0.25, 0.75, -1, 0.5, 0.25]);
      expect([...capture.points!.colours]).toEqual([10, 20, 30, 40, 50, 255]);
    });

    it('points follow the cameras into the scene frame', async () => {
      const expected = model(cameras.slice(0, 4));
      write(join(folder, 'sparse/0'), expected);
      for (const [i, image] of expected.images.entries())
        await writePhoto(folder, `images/${image.name}`, cameras[i].width, cameras[i].height);
      const plain = await openCapture(folder, files, images, asIs);
      const scene = await openCapture(folder, files, images);
      expect(
        Math.max(...scene.photos.flatMap(({ camera: { cameraToWorld: p } }) => [p[3], p[7], p[11]].map(Math.abs))),
      ).toBeCloseTo(1, 12);
      const at = (positions: Float64Array, i: number) =>
        [...positions.slice(i * 3, i * 3 + 3)] as [number, number, number];
      for (let i = 0; i < 2; i++) {
        for (let k = 0; k < 4; k++) {
          const before = projectPoint(plain.photos[k].camera, at(plain.points!.positions, i))!;
          const after = projectPoint(scene.photos[k].camera, at(scene.points!.positions, i))!;
          expect([after.row, after.col]).toEqual([before.row, before.col].map((v) => expect.closeTo(v, 8)));
        }
      }
    });

    it('finds the other layouts, and half-size photos alone', async () => {
      const two = model(cameras.slice(0, 2));
      write(join(folder, 'colmap/sparse/0'), two);
      for (const image of two.images) await writePhoto(folder, `images_2/${image.name}`, 16, 12);
      const capture = await openCapture(folder, files, images, asIs);
      expect(capture.photos.map((photo) => photo.name)).toEqual(two.images.map((image) => `images_2/${image.name}`));
      const { camera } = capture.photos[0];
      expect([camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy]).toEqual([
        16, 12, 15, 15, 7.75, 6.125,
      ]);
      expect(capture.warnings).toEqual([]);
    });

    it('model and photos side by side in one folder', async () => {
      const two = model(cameras.slice(0, 2));
      write(folder, two);
      for (const image of two.images) await writePhoto(folder, image.name, 32, 24);
      const capture = await openCapture(folder, files, images, asIs);
      expect(capture.photos.map((photo) => photo.name)).toEqual(two.images.map((image) => image.name));
    });

    it('refuses camera models without a counterpart, by name', async () => {
      const broken = model(cameras.slice(0, 2));
      const odd = { id: 2, model: 'FULL_OPENCV', modelId: 6, width: 32, height: 24, parameters: new Array(12).fill(1) };
      broken.cameras.push(odd);
      write(folder, broken);
      await expect(openCapture(folder, files, images)).rejects.toThrow(
        /cameras\.(bin|txt).*not supported \(found FULL_OPENCV; expected one of SIMPLE_PINHOLE.*undistorter/,
      );
    });

    it('refuses a photo of an unknown camera and a pose that is not a number', async () => {
      const orphan = model(cameras.slice(0, 2));
      orphan.images[1].cameraId = 99;
      write(folder, orphan);
      await expect(openCapture(folder, files, images)).rejects.toThrow(
        /images\.(bin|txt): set 1\/photo_1\.png.*camera 99/,
      );
      const zero = model(cameras.slice(0, 2));
      zero.images[0].quaternion = [0, 0, 0, 0];
      write(folder, zero);
      await expect(openCapture(folder, files, images)).rejects.toThrow(/set 0\/photo_0\.png: the pose.*not a number/);
    });
  });
}

describe('damaged COLMAP files', () => {
  it('a binary file cut short names itself', async () => {
    writeColmapBinary(folder, model(cameras));
    for (const name of ['cameras.bin', 'images.bin', 'points3D.bin']) {
      const whole = await files.readBytes(join(folder, name));
      writeTo(folder, name, whole.subarray(0, whole.length - 5));
      await expect(openCapture(folder, files, images)).rejects.toThrow(`${name}: the file ends in the middle`);
      writeTo(folder, name, whole);
    }
    // A count that cannot be true must not allocate or loop.
    writeTo(folder, 'images.bin', Buffer.alloc(16, 0xff));
    await expect(openCapture(folder, files, images)).rejects.toThrow(/images\.bin: the file ends/);
  });

  it('a text file names the line', async () => {
    writeColmapText(folder, model(cameras.slice(0, 2)));
    writeTo(folder, 'cameras.txt', '# list\n1 PINHOLE 32 24 30 thirty 16 12\n');
    await expect(openCapture(folder, files, images)).rejects.toThrow(/cameras\.txt: line 2.*found thirty/);
    writeTo(folder, 'cameras.txt', '1 PINHOLE 32 24 30 30 16\n');
    await expect(openCapture(folder, files, images)).rejects.toThrow(
      /line 1.*expected CAMERA_ID PINHOLE WIDTH HEIGHT fx fy cx cy/,
    );
    writeColmapText(folder, model(cameras.slice(0, 2)));
    writeTo(folder, 'images.txt', '1 1 0 0 0 0 0 4\n\n');
    await expect(openCapture(folder, files, images)).rejects.toThrow(/images\.txt: line 1.*QW QX QY QZ/);
  });
});
