/**
 * The built-in segmenter on real photographs. Gates: 10 to 60 regions a photo, none of them noise, and on average over
 * the labelled things of a kind an intersection over union with the best region that a change for the worse would miss.
 */
import { expect, it, describe } from 'vitest';
import { hasShared, sharedFolder } from '../../test/shared.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { createBuiltinSegmenter } from './builtin-segmenter.ts';
import { regionBoxes } from './region-boxes.ts';
import type { RegionMap } from './region-map.ts';

const { files, images } = nodePlatform();

interface Labels {
  info: { name: string };
  objects: { category: string; segmentation: [number, number][] }[];
}

/** Pixels whose centre lies inside the polygon (even-odd rule). */
function fillPolygon(polygon: readonly [number, number][], width: number, height: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (const [index, [x1, y1]] of polygon.entries()) {
      const [x2, y2] = polygon[(index + 1) % polygon.length];
      if (y1 > y + 0.5 === y2 > y + 0.5) continue;
      const crossing = x1 + ((y + 0.5 - y1) / (y2 - y1)) * (x2 - x1);
      for (let x = Math.max(0, Math.ceil(crossing - 0.5)); x < width; x++) mask[y * width + x] ^= 1;
    }
  return mask;
}

function bestOverlap(map: RegionMap, mask: Uint8Array): number {
  const inside = new Map<number, number>();
  map.ids.forEach((id, i) => {
    if (mask[i]) inside.set(id, (inside.get(id) ?? 0) + 1);
  });
  const area = mask.reduce((sum, value) => sum + value, 0);
  return Math.max(
    ...regionBoxes(map).map((box) => (inside.get(box.id) ?? 0) / (area + box.area - (inside.get(box.id) ?? 0))),
  );
}

async function segmentFile(path: string) {
  const segmenter = await createBuiltinSegmenter(images);
  const { width, height, data } = await images.decode(await files.readBytes(path), path);
  return segmenter.segment(path, { width, height, rgb: data as Uint8Array });
}

describe.skipIf(!hasShared)('the built-in segmenter on real photos', () => {
  it('finds the labelled things of the fox capture', { timeout: 60_000 }, async () => {
    const overlaps: Record<string, number[]> = {};
    for (const number of ['0003', '0034', '0046', '0097']) {
      const labels = JSON.parse(await files.readText(`${sharedFolder}/captures/fox/labels/${number}.json`)) as Labels;
      const map = await segmentFile(`${sharedFolder}/captures/fox/images/${labels.info.name}`);
      const boxes = regionBoxes(map);
      expect(boxes.length, number).toBeGreaterThanOrEqual(10);
      expect(boxes.length, number).toBeLessThanOrEqual(60);
      for (const box of boxes) expect(box.area).toBeGreaterThan(0.0005 * map.ids.length);
      for (const { category, segmentation } of labels.objects)
        (overlaps[category] ??= []).push(bestOverlap(map, fillPolygon(segmentation, map.width, map.height)));
    }
    const mean = (category: string) =>
      overlaps[category].reduce((sum, value) => sum + value, 0) / overlaps[category].length;
    const means = Object.fromEntries(Object.keys(overlaps).map((category) => [category, mean(category)]));
    expect(means['red fox']).toBeGreaterThan(0.3);
    expect(means['wooden shield']).toBeGreaterThan(0.6);
    expect(means['picture frame']).toBeGreaterThan(0.5);
    expect(means['red curtain']).toBeGreaterThan(0.9);
  });

  it('keeps the screen, the mouse pad and the towel of the desk apart', { timeout: 60_000 }, async () => {
    const map = await segmentFile(`${sharedFolder}/captures/desk/images_2/input_0001.jpg`);
    const things: Record<string, [number, number][]> = {
      screen: [
        [403, 140],
        [571, 158],
        [559, 248],
        [401, 224],
      ],
      'mouse pad': [
        [530, 358],
        [560, 370],
        [602, 378],
        [668, 410],
        [602, 482],
        [478, 412],
      ],
      towel: [
        [672, 467],
        [755, 500],
        [750, 532],
        [637, 520],
      ],
    };
    for (const [name, polygon] of Object.entries(things))
      expect(bestOverlap(map, fillPolygon(polygon, map.width, map.height)), name).toBeGreaterThan(0.7);
  });
});
