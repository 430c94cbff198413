import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { decodeSrgb, encodeSrgb, lookAt, RayTracer } from './ray-tracer.ts';
import { box, cylinder, ellipsoid, type Shape, sphere, type Vec3 } from './shapes.ts';
import { describeTabletop, generateTabletop, isHeldOut, tabletopDefaults } from './tabletop.ts';
import { writeTabletopCapture } from './write-capture.ts';

const small = { views: 8, width: 40, height: 30, seed: 3 };

describe('shapes', () => {
  const from: Vec3 = [0, -10, 0.1];
  const ahead: Vec3 = [0, 1, 0];
  const cases: [string, Shape, number, Vec3][] = [
    ['sphere', sphere([0, 0, 0.1], 2), 8, [0, -1, 0]],
    ['ellipsoid on its short axis', ellipsoid([0, 0, 0.1], [3, 1, 2]), 9, [0, -1, 0]],
    ['ellipsoid turned onto its long axis', ellipsoid([0, 0, 0.1], [3, 1, 2], Math.PI / 2), 7, [0, -1, 0]],
    ['box', box([0, 1, 0], [2, 0.5, 1]), 10.5, [0, -1, 0]],
    ['cylinder', cylinder([0, 0, 0], 1.5, 1), 8.5, [0, -1, 0]],
  ];
  it.each(cases)('a ray enters the %s where it should, facing back', (_, shape, distance, normal) => {
    expect(shape.enter(from, ahead, 0)).toBeCloseTo(distance, 9);
    const found = shape.surfaceAt([0, -10 + distance, 0.1]).normal;
    for (const axis of [0, 1, 2]) expect(found[axis]).toBeCloseTo(normal[axis], 9);
  });

  it.each(cases)('the %s is missed above its top and behind the start', (_, shape) => {
    expect(shape.enter([0, -10, 2.5], ahead, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(shape.enter([0, 10, 0.1], ahead, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('a turned box shows its corner', () => {
    const turned = box([0, 0, 0], [1, 1, 1], Math.PI / 4);
    expect(turned.enter(from, ahead, 0)).toBeCloseTo(10 - Math.SQRT2, 6);
  });

  it('the end of a cylinder faces up', () => {
    expect(cylinder([0, 0, 0], 1, 2).enter([0.3, 0, 9], [0, 0, -1], 0)).toBeCloseTo(7, 9);
    expect(cylinder([0, 0, 0], 1, 2).surfaceAt([0.3, 0, 2]).normal).toEqual([0, 0, 1]);
  });
});

describe('ray tracer', () => {
  const scene = {
    instances: [
      {
        id: 5,
        name: 'ball',
        parts: [{ shape: sphere([0, 0, 0], 1), albedo: () => [0.5, 0.5, 0.5] as const, gloss: 0 }],
      },
    ],
    light: { centre: [0, 0, 50] as const, radius: 0.01, colour: [1, 1, 1] as const },
    sky: [0, 0, 0] as const,
  };
  const camera = {
    model: 'perspective' as const,
    width: 31,
    height: 31,
    fx: 31,
    fy: 31,
    cx: 15.5,
    cy: 15.5,
    distortion: [0, 0, 0, 0, 0, 0] as const,
    cameraToWorld: lookAt([0, -4, 0], [0, 0, 0]),
  };
  const view = new RayTracer(scene).render(camera, { grid: 2, seed: 1 });
  const at = (row: number, col: number) => row * 31 + col;

  it('gives the exact id and z-depth at pixel centres', () => {
    expect(view.ids[at(15, 15)]).toBe(5);
    expect(view.depth[at(15, 15)]).toBeCloseTo(3, 5);
    expect(view.ids[at(0, 0)]).toBe(0);
    // The silhouette of a unit sphere at distance 4 subtends asin(1/4): a radius of 31·tan(14.48°) = 8.0 pixels.
    expect(view.ids[at(15, 15 + 7)]).toBe(5);
    expect(view.ids[at(15, 15 + 9)]).toBe(0);
  });

  it('lights the upper half from above and leaves the lower half dark', () => {
    expect(view.rgb[at(9, 15) * 3]).toBeGreaterThan(100);
    expect(view.rgb[at(21, 15) * 3]).toBe(0);
  });

  it('casts a shadow', () => {
    const lid = {
      id: 6,
      name: 'lid',
      parts: [{ shape: box([0, 0, 5], [2, 2, 0.1]), albedo: () => [1, 1, 1] as const, gloss: 0 }],
    };
    const shadowed = new RayTracer({ ...scene, instances: [...scene.instances, lid] });
    expect(shadowed.render(camera, { grid: 2, seed: 1 }).rgb[at(9, 15) * 3]).toBe(0);
  });

  it('encodes and decodes sRGB', () => {
    for (let code = 0; code < 256; code++) expect(encodeSrgb(decodeSrgb(code))).toBe(code);
  });
});

describe('tabletop', () => {
  it('is the same for the same seed and another for another', () => {
    const first = generateTabletop(small).photos[2];
    expect(generateTabletop(small).photos[2].rgb).toEqual(first.rgb);
    expect(generateTabletop({ ...small, seed: 4 }).photos[2].rgb).not.toEqual(first.rgb);
  });

  it('shows every labelled thing in some held-out photo, and nothing but scene', () => {
    const { photos, tabletop } = generateTabletop({ ...small, views: 12 });
    const seen = new Set(photos.filter(({ split }) => split === 'test').flatMap(({ ids }) => [...ids]));
    for (const id of tabletop.phrases.keys()) expect(seen).toContain(id);
    for (const { ids } of photos) expect(ids.includes(0)).toBe(false);
  });

  it('keeps every camera in front of the wall and above the table', () => {
    for (const { cameraToWorld: m } of describeTabletop({ ...tabletopDefaults, views: 40 }).cameras) {
      expect(m[7]).toBeLessThan(2.2);
      expect(m[11]).toBeGreaterThan(0.3);
    }
  });
});

describe('capture folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'langfield-tabletop-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds photos, instance ids, depth, masks of the held-out views and exact cameras', async () => {
    const { files, images } = nodePlatform();
    const phrases = await writeTabletopCapture(folder, files, images, small, silentProgress);
    expect(phrases).toContain('red ball');
    const transforms = JSON.parse(readFileSync(join(folder, 'transforms.json'), 'utf8'));
    expect(transforms.frames).toHaveLength(8);
    expect(transforms.test_filenames).toEqual(['images/003.png']);
    expect(transforms.train_filenames).toHaveLength(7);
    expect(readdirSync(join(folder, 'labels'))).toEqual(['003']);
    const { photos, tabletop } = generateTabletop(small);
    const camera = transforms.frames[3].transform_matrix.flat().slice(0, 12);
    expect(camera).toEqual([...tabletop.cameras[3].cameraToWorld]);

    const read = async (path: string) => images.decode(readFileSync(join(folder, path)), path, {});
    expect([...(await read('instances/003.png')).data]).toEqual([...photos[3].ids]);
    expect([...(await read('images/003.png')).data]).toEqual([...photos[3].rgb]);
    const ball = [...tabletop.phrases].find(([, phrase]) => phrase === 'red ball')![0];
    const mask = await read('labels/003/red ball.png');
    expect([...mask.data]).toEqual([...photos[3].ids].map((id) => (id === ball ? 255 : 0)));
    expect(isHeldOut(3)).toBe(true);
  });
});
