import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { hasShared, sharedFolder } from '../../../test/shared.ts';
import type { RunPhoto } from '../../field/run.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import { labelBoxes, labelMask } from './labels.ts';
import { parseLerfOvs } from './lerf-ovs.ts';
import { polygonArea } from './polygon.ts';
import { matchLabels, readLabels } from './read-labels.ts';

const { files, images } = nodePlatform();
const folder = mkdtempSync(`${tmpdir()}/langfield-labels-`).replaceAll('\\', '/');
afterAll(() => rmSync(folder, { recursive: true }));

const count = (mask: Uint8Array) => mask.reduce((sum, value) => sum + value, 0);
const photo = (name: string, width = 540, height = 960): RunPhoto => ({
  name,
  path: `/photos/${name}`,
  split: 'train',
  camera: {
    model: 'perspective',
    width,
    height,
    fx: 500,
    fy: 500,
    cx: width / 2,
    cy: height / 2,
    distortion: [0, 0, 0, 0, 0, 0],
    cameraToWorld: new Float64Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  },
});
const sample = (object: object) =>
  JSON.stringify({ info: { name: 'a.jpg', width: 40, height: 20 }, objects: [object] });

describe.skipIf(!hasShared)('labels of real captures', () => {
  it('reads the fox labels; masks have the areas that the files state', async () => {
    const { format, views } = await readLabels(files, images, `${sharedFolder}/captures/fox/labels`);
    expect(format).toBe('lerf-ovs');
    expect(views.map(({ image }) => image)).toEqual(
      ['0003', '0014', '0025', '0034', '0046', '0081', '0097', '0107'].map((name) => `${name}.jpg`),
    );
    for (const view of views) {
      const json = JSON.parse(await files.readText(view.file)) as { objects: { category: string; area: number }[] };
      for (const [category, objects] of view.categories) {
        const stated = json.objects.filter((object) => object.category === category).map(({ area }) => area);
        expect(objects).toHaveLength(stated.length);
        const total = stated.reduce((a, b) => a + b);
        const drawn = count(labelMask(view, category, view.width, view.height));
        expect(Math.abs(drawn / total - 1), `${view.image} ${category}`).toBeLessThan(0.02);
        const quarter = 16 * count(labelMask(view, category, view.width / 4, view.height / 4));
        expect(Math.abs(quarter / total - 1), `${view.image} ${category} at a quarter`).toBeLessThan(0.1);
      }
    }
    expect(views[0].categories.get('fox ear')).toHaveLength(2);
    expect(views[4].categories.has('fox ear')).toBe(false);
  });

  it("reads LangSplat's own file; the polygon has its known area 6729", async () => {
    const file = `${sharedFolder}/data/lerf-ovs-label/lerf_ovs_label_sample.json`;
    const view = parseLerfOvs(await files.readText(file), file);
    const [chopsticks] = view.categories.get('chopsticks')!;
    expect(chopsticks.shape.kind === 'polygon' && polygonArea(chopsticks.shape.polygon)).toBe(6729);
    expect(Math.abs(count(labelMask(view, 'chopsticks', 988, 731)) - 6729)).toBeLessThan(0.02 * 6729);
  });
});

describe('LERF-OVS files', () => {
  it('ORs objects of one category, scales boxes, takes corners in any order and nested', () => {
    const text = JSON.stringify({
      info: { name: 'a.jpg', width: 40, height: 20 },
      objects: [
        {
          category: 'cup',
          segmentation: [
            [0, 0],
            [10, 0],
            [10, 10],
            [0, 10],
          ],
          bbox: [
            [10, 10],
            [0, 0],
          ],
        },
        {
          category: 'cup ',
          segmentation: [
            [5, 0],
            [15, 0],
            [15, 10],
            [5, 10],
          ],
        },
      ],
    });
    const view = parseLerfOvs(text, 'a.json');
    expect(count(labelMask(view, 'cup', 40, 20))).toBe(150);
    expect(count(labelMask(view, 'cup', 80, 40))).toBe(600);
    expect(labelBoxes(view, 'cup', 20, 10)).toEqual([
      [0, 0, 5, 5],
      [2.5, 0, 7.5, 5],
    ]);
  });

  it('says what is wrong with a file', () => {
    expect(() => parseLerfOvs('{', 'a.json')).toThrow(/a\.json: the label file is not JSON/);
    expect(() => parseLerfOvs('{"shapes": []}', 'a.json')).toThrow(/a\.json: info: .*not a LERF-OVS/);
    expect(() => parseLerfOvs(sample({ category: 'cup', segmentation: [[1, 2]] }), 'a.json')).toThrow(
      /objects\.0\.segmentation/,
    );
    expect(() =>
      parseLerfOvs(
        sample({
          category: 'cup',
          segmentation: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
          bbox: [1, 2, 3],
        }),
        'a.json',
      ),
    ).toThrow(/objects\[0\]\.bbox.*found 3 numbers/);
  });
});

describe('mask folders', () => {
  const png = (width: number, height: number, white: (row: number, col: number) => boolean) =>
    images.encodePng({
      width,
      height,
      channels: 1,
      data: Uint8Array.from({ length: width * height }, (_, i) => (white(Math.floor(i / width), i % width) ? 255 : 0)),
    });

  it('reads <view>/<phrase>.png, boxes included', async () => {
    const root = `${folder}/masks`;
    await files.writeAtomic(
      `${root}/frame_1/red apple.png`,
      await png(8, 4, (row, col) => row >= 1 && col >= 2 && col < 5),
    );
    await files.writeAtomic(`${root}/frame_1/table.png`, await png(8, 4, () => true));
    const { format, views } = await readLabels(files, images, root);
    expect(format).toBe('mask-folder');
    expect(views).toHaveLength(1);
    const [view] = views;
    expect([view.image, view.width, view.height]).toEqual(['frame_1', 8, 4]);
    expect([...view.categories.keys()]).toEqual(['red apple', 'table']);
    expect(count(labelMask(view, 'red apple', 8, 4))).toBe(9);
    expect(count(labelMask(view, 'red apple', 16, 8))).toBe(36);
    expect(labelBoxes(view, 'red apple', 16, 8)).toEqual([[4, 2, 10, 8]]);
  });

  it('refuses masks of different sizes in one view', async () => {
    const root = `${folder}/uneven`;
    await files.writeAtomic(`${root}/a/one.png`, await png(8, 4, () => true));
    await files.writeAtomic(`${root}/a/two.png`, await png(4, 4, () => true));
    await expect(readLabels(files, images, root)).rejects.toThrow(/two\.png.*found 4×4; expected 8×4/);
  });

  it('says when a folder is absent or holds no labels', async () => {
    await expect(readLabels(files, images, `${folder}/nowhere`)).rejects.toThrow(/no such folder of labels/);
    await files.makeFolder(`${folder}/empty`);
    await expect(readLabels(files, images, `${folder}/empty`)).rejects.toThrow(/holds no labels/);
  });
});

describe('matching labels to photos', () => {
  const label = (image: string) => ({ image, file: `${image}.json`, width: 540, height: 960, categories: new Map() });
  const photos = [photo('images/0003.jpg'), photo('images/0014.jpg')];

  it('goes by the whole name, the file name, or the name without its ending', () => {
    for (const name of ['images/0014.jpg', '0014.jpg', '0014.png', '0014'])
      expect(matchLabels([label(name)], photos, 'labels')[0].photo.name, name).toBe('images/0014.jpg');
  });

  it('lists everything that does not match, and refuses the ambiguous', () => {
    expect(() => matchLabels([label('0003.jpg'), label('x.jpg'), label('y.jpg')], photos, 'labels')).toThrow(
      /labels: 2 of 3 .*found x\.jpg, y\.jpg/,
    );
    const twins = [photo('left/0003.jpg'), photo('right/0003.jpg')];
    expect(() => matchLabels([label('0003.jpg')], twins, 'labels')).toThrow(/or several/);
    expect(matchLabels([label('right/0003.jpg')], twins, 'labels')[0].photo.name).toBe('right/0003.jpg');
  });

  it('refuses labels of another shape', () => {
    expect(() => matchLabels([label('0003.jpg')], [photo('0003.jpg', 960, 540)], 'labels')).toThrow(
      /found 540×960; expected the aspect of 960×540/,
    );
  });
});
