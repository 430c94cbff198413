import { describe, expect, it } from 'vitest';
import { cameraAt } from './cameras.ts';
import { drawFrom } from './draw.ts';
import { noise, reflectanceAt } from './finish.ts';
import { ellipsoid, roundedBox } from './meshes.ts';
import { paintOf } from './palette.ts';
import { renderView } from './render-view.ts';
import type { SceneDescription, Thing } from './scene.ts';
import { SceneMesh } from './scene-mesh.ts';
import { finish } from './things/thing-kind.ts';

const look = finish(paintOf('red', drawFrom(1)), { gloss: 0, grain: 0 });
const ball: Thing = {
  noun: 'ball',
  stuff: false,
  colours: ['red'],
  parts: [
    { geometry: ellipsoid(5, 5, 5, 96), finish: look },
    { name: 'hat', geometry: ellipsoid(1, 1, 1, 32).translate(0, 0, 6), finish: look },
  ],
};
const ground: Thing = {
  noun: 'floor',
  stuff: true,
  colours: ['red'],
  parts: [{ geometry: roundedBox(400, 400, 2).translate(0, 0, -7), finish: look }],
};
const scene: SceneDescription = {
  name: 'test',
  things: [
    { thing: ground, at: [0, 0, 0], yaw: 0 },
    { thing: ball, at: [0, 0, 0], yaw: 0.7 },
  ],
  light: { centre: [0, 0, 90], radius: 4, colour: [0.6, 0.6, 0.6] },
  sky: [0.1, 0.1, 0.1],
};
const mesh = new SceneMesh(scene);

describe('scene mesh', () => {
  it('finds the nearest surface, its part and its normal', () => {
    const hit = mesh.hit([0, -50, 0.01], 0, 1, 0)!;
    expect(hit.distance).toBeCloseTo(45, 1);
    expect(hit.surface.part).toMatchObject({ instance: 2, noun: 'ball' });
    expect([hit.nx, hit.ny, hit.nz][1]).toBeCloseTo(-1, 2);
    expect(mesh.hit([0, -50, 6], 0, 1, 0)!.surface.part.name).toBe('hat');
    expect(mesh.hit([0, -50, 30], 0, 1, 0)).toBeUndefined();
    expect(mesh.parts.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('knows what lies in between', () => {
    expect(mesh.free([0, -50, 0.01], 0, 1, 0, 0.1, 44)).toBe(44);
    expect(mesh.free([0, -50, 0.01], 0, 1, 0, 0.1, 46)).toBeCloseTo(45, 1);
  });
});

describe('rendered view', () => {
  const camera = cameraAt([0, -60, 0], [0, 0, 0], 41, 41, 40);
  const view = renderView(mesh, scene, camera, { samples: 5, seed: 3 });
  const at = (row: number, col: number) => row * view.width + col;

  it('has exact ids and depth at pixel centres', () => {
    expect(view.instances[at(20, 20)]).toBe(2);
    expect(view.parts[at(20, 20)]).toBe(2);
    expect(view.depth[at(20, 20)]).toBeCloseTo(55, 1);
    // 6 cm above the middle is the hat.
    const row = Math.round(20 - (6 / 60) * camera.fy);
    expect(view.parts[at(row, 20)]).toBe(3);
    expect(view.instances[at(2, 2)]).toBe(0);
    expect(view.depth[at(2, 2)]).toBe(0);
  });

  it('is lit from above, in the shadow below', () => {
    const red = (row: number) => view.rgb[at(row, 20) * 3];
    const radius = (5 / 60) * camera.fy;
    expect(red(Math.round(20 - 0.8 * radius))).toBeGreaterThan(red(Math.round(20 + 0.8 * radius)) + 20);
    // The floor under the ball against the floor in front of it.
    const floorRows = Array.from({ length: 41 }, (_, row) => row).filter((row) => view.instances[at(row, 20)] === 1);
    expect(red(floorRows[0])).toBeLessThan(red(floorRows[floorRows.length - 1]) - 15);
  });

  it('is the same for the same seed', () => {
    expect(renderView(mesh, scene, camera, { samples: 5, seed: 3 })).toEqual(view);
    expect(renderView(mesh, scene, camera, { samples: 5, seed: 4 }).rgb).not.toEqual(view.rgb);
  });
});

describe('finish', () => {
  it('keeps reflectance within 0 and 1 for every pattern', () => {
    const target = new Float64Array(3);
    const draw = drawFrom(2);
    for (const pattern of [
      'stripes',
      'checks',
      'dots',
      'wood',
      'speckle',
      'marble',
      'weave',
      'crumb',
      'tiles',
      'gradient',
    ] as const)
      for (let point = 0; point < 200; point++) {
        const each = finish(paintOf('white', draw), { accent: paintOf('black', draw), pattern, grain: 1 });
        reflectanceAt(each, draw.between(-50, 50), draw.between(-50, 50), draw.between(-50, 50), target);
        for (const value of target) expect(value).toSatisfy((number: number) => number >= 0 && number <= 1);
      }
  });

  it('is continuous noise', () => {
    for (const x of [-1, 0, 1, 2.5]) expect(noise(x + 1e-7, 0.3, -0.4)).toBeCloseTo(noise(x - 1e-7, 0.3, -0.4), 5);
  });
});
