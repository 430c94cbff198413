import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCapture } from '../capture/open-capture.ts';
import { labelMask } from '../evaluate/labels/labels.ts';
import { fillPolygon, type Polygon } from '../evaluate/labels/polygon.ts';
import { readLabels } from '../evaluate/labels/read-labels.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { boundsOf } from './compositions/composition.ts';
import { composeScene, composition, compositions } from './compositions/index.ts';
import { scenePhrases } from './phrases.ts';
import { sceneParts } from './scene-parts.ts';
import { outlines } from './write-labels.ts';
import { sceneDefaults, type WrittenScene, writeScene } from './write-scene.ts';

const platform = nodePlatform();
const { files, images } = platform;
const folder = mkdtempSync(join(tmpdir(), 'langfield-scenes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('compositions', () => {
  it('are five', () => {
    expect(compositions.map(({ name }) => name)).toEqual([
      'tea-time',
      'donuts',
      'kitchen-shelf',
      'ramen-bowl',
      'hand-desk',
    ]);
  });

  it.each(compositions.map(({ name }) => name))(
    '%s: ten things or more, parts, stuff, and what the demo asks for',
    (name) => {
      for (const seed of [1, 2, 3, 4]) {
        const scene = composeScene(name, seed);
        const phrases = scenePhrases(scene, sceneParts(scene.things));
        const of = (kind: string) => phrases.filter((each) => each.kind === kind).map(({ phrase }) => phrase);
        expect(scene.things.filter(({ thing }) => !thing.stuff).length).toBeGreaterThanOrEqual(10);
        expect(of('part').length).toBeGreaterThanOrEqual(5);
        expect(of('stuff').length).toBeGreaterThanOrEqual(2);
        const known = phrases.map(({ phrase }) => phrase);
        for (const phrase of composition(name).demoPhrases) expect(known, `seed ${seed}`).toContain(phrase);
      }
    },
  );

  it('are the same for the same seed and others for another', () => {
    const places = (seed: number) => composeScene('tea-time', seed).things.map(({ at, yaw }) => [...at, yaw]);
    expect(places(2)).toEqual(places(2));
    expect(places(2)).not.toEqual(places(3));
  });

  it('put nothing through the table', () => {
    for (const { name } of compositions)
      for (const placed of composeScene(name, 3).things)
        if (!placed.thing.stuff)
          expect(boundsOf(placed).min.z, `${placed.thing.noun} in ${name}`).toBeGreaterThan(-0.5);
  });

  it('are refused by name', () => {
    expect(() => composeScene('tea', 1)).toThrow(/no built-in scene called "tea".*tea-time, donuts/);
  });
});

describe('outlines', () => {
  const [width, height] = [23, 19];
  const mask = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const radius = Math.hypot(row - 8.7, col - 9.2);
      if ((radius < 7.5 && radius > 3.1) || (row > 15 && col > 17)) mask[row * width + col] = 1;
    }

  it('are the mask again when filled, holes and pieces included', () => {
    const filled = new Uint8Array(width * height);
    for (const polygon of outlines(mask, width, height))
      fillPolygon(filled, width, height, polygon as unknown as Polygon);
    expect(filled).toEqual(mask);
  });

  it('may touch every border', () => {
    const full = new Uint8Array(6 * 5).fill(1);
    const filled = new Uint8Array(6 * 5);
    for (const polygon of outlines(full, 6, 5)) fillPolygon(filled, 6, 5, polygon as unknown as Polygon);
    expect(filled).toEqual(full);
  });

  it('are the same corner for corner wherever the mask lies in its picture', () => {
    const [right, down] = [9, 5];
    const larger = new Uint8Array(40 * 30);
    for (let row = 0; row < height; row++)
      larger.set(mask.subarray(row * width, (row + 1) * width), (row + down) * 40 + right);
    const moved = outlines(mask, width, height).map((ring) => ring.map(([x, y]) => [x + right, y + down]));
    expect(moved).toHaveLength(2);
    expect(outlines(larger, 40, 30)).toEqual(moved);
  });

  it('are none for a phrase that is not to be seen', () => {
    expect(outlines(new Uint8Array(6 * 5), 6, 5)).toEqual([]);
  });
});

describe('a written scene', () => {
  const capture = `${folder}/tea`;
  let written: WrittenScene;
  beforeAll(async () => {
    const options = { ...sceneDefaults, views: 5, novelViews: 2, width: 96, height: 72, samples: 1 };
    written = await writeScene('tea-time', capture, options, platform, silentProgress);
  });

  it('is a capture with its novel views held out, in metres', async () => {
    const { photos, warnings } = await openCapture(capture, files, images, {});
    expect(warnings).toEqual([]);
    expect(photos.map(({ split }) => split).sort()).toEqual([
      'test',
      'test',
      'train',
      'train',
      'train',
      'train',
      'train',
    ]);
    const { frames } = JSON.parse(readFileSync(`${capture}/transforms.json`, 'utf8')) as {
      frames: { transform_matrix: number[][] }[];
    };
    for (const { transform_matrix: m } of frames) {
      const distance = Math.hypot(m[0][3], m[1][3], m[2][3]);
      expect(distance).toBeGreaterThan(0.4);
      expect(distance).toBeLessThan(1);
    }
  });

  it('has labels in both layouts that agree with the part maps', async () => {
    const sceneFile = JSON.parse(readFileSync(`${capture}/scene.json`, 'utf8')) as {
      phrases: { phrase: string; parts: number[] }[];
    };
    const { views } = await readLabels(files, images, `${capture}/labels/novel/polygons`);
    const masks = await readLabels(files, images, `${capture}/labels/novel/masks`);
    expect(views.length).toBe(2);
    let compared = 0;
    for (const view of views) {
      const name = view.image.replace('.png', '');
      const parts = await images.decode(await files.readBytes(`${capture}/parts/${name}.png`), name);
      const twin = masks.views.find(({ image }) => image.includes(name))!;
      for (const phrase of view.categories.keys()) {
        const ids = new Set(sceneFile.phrases.find((each) => each.phrase === phrase)!.parts);
        const exact = Uint8Array.from(parts.data, (id) => (ids.has(id) ? 1 : 0));
        expect(labelMask(view, phrase, 96, 72), phrase).toEqual(exact);
        expect(labelMask(twin, phrase, 96, 72), phrase).toEqual(exact);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('says what is labelled and what no novel view shows', () => {
    expect(written.labelled).toContain('teapot');
    // At this size some parts are under 40 pixels everywhere.
    expect(written.hidden.length).toBeGreaterThan(0);
    expect(written.labelled.filter((phrase) => written.hidden.includes(phrase))).toEqual([]);
  });

  it('is written again to the same bytes', async () => {
    const again = `${folder}/again`;
    const options = { ...sceneDefaults, views: 5, novelViews: 2, width: 96, height: 72, samples: 1 };
    await writeScene('tea-time', again, options, platform, silentProgress);
    for (const file of ['transforms.json', 'images/train-003.png', 'parts/novel-01.png', 'depth/train-000.png'])
      expect(readFileSync(`${again}/${file}`)).toEqual(readFileSync(`${capture}/${file}`));
  });
});
