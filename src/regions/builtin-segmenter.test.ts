import { describe, expect, it } from 'vitest';
import { LangfieldError } from '../errors.ts';
import { randomNormal, randomUniform } from '../math/random.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { createBuiltinSegmenter, segmentNested, segmentPhoto } from './builtin-segmenter.ts';
import { regionBoxes } from './region-boxes.ts';
import type { RegionMap } from './region-map.ts';
import type { SegmenterPhoto } from './segmenter.ts';
import { resolveSegmenterSettings } from './segmenter-options.ts';

const settings = resolveSegmenterSettings();

/** Paints every pixel by a rule; colours are clipped to bytes. */
function paint(width: number, height: number, colourAt: (x: number, y: number) => readonly number[]): SegmenterPhoto {
  const rgb = new Uint8ClampedArray(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgb.set(colourAt(x, y).slice(0, 3), 3 * (y * width + x));
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}

/** Intersection over union of the true set with the region that fits it best. */
function bestOverlap(map: RegionMap, truth: (x: number, y: number) => boolean): number {
  const inside = new Map<number, number>();
  let area = 0;
  map.ids.forEach((id, i) => {
    if (!truth(i % map.width, Math.floor(i / map.width))) return;
    area++;
    inside.set(id, (inside.get(id) ?? 0) + 1);
  });
  return Math.max(
    ...regionBoxes(map).map((box) => (inside.get(box.id) ?? 0) / (area + box.area - (inside.get(box.id) ?? 0))),
  );
}

const disc = (x: number, y: number) => (x - 60) ** 2 + (y - 60) ** 2 < 35 ** 2;
const square = (x: number, y: number) => x >= 120 && x < 180 && y >= 30 && y < 90;
const ground = (x: number, y: number) => !disc(x, y) && !square(x, y);

describe('the built-in segmenter', () => {
  it('finds flat shapes exactly', () => {
    const photo = paint(200, 120, (x, y) =>
      disc(x, y) ? [200, 40, 40] : square(x, y) ? [40, 60, 200] : [220, 220, 210],
    );
    const map = segmentPhoto(photo, settings);
    expect(regionBoxes(map).map((box) => box.id)).toEqual([1, 2, 3]);
    for (const shape of [disc, square, ground]) expect(bestOverlap(map, shape)).toBeGreaterThan(0.97);
  });

  it('finds shapes under noise and uneven light', () => {
    const noisy = (noise: number) =>
      paint(200, 120, (x, y) => {
        const light = 0.7 + (0.3 * x) / 200;
        const colour = disc(x, y) ? [200, 40, 40] : square(x, y) ? [40, 60, 200] : [200, 200, 190];
        return colour.map((value, c) => light * value + noise * randomNormal(7, 1, x, y * 3 + c));
      });
    const calm = segmentPhoto(noisy(2), settings);
    for (const shape of [disc, square, ground]) expect(bestOverlap(calm, shape)).toBeGreaterThan(0.97);
    // Strong noise hides that the ground is one; the shapes must still be whole.
    const rough = segmentPhoto(noisy(6), settings);
    expect(regionBoxes(rough).length).toBeLessThanOrEqual(6);
    for (const shape of [disc, square]) expect(bestOverlap(rough, shape)).toBeGreaterThan(0.95);
  });

  it('keeps a textured wall and a textured thing together, each as one region', () => {
    // A wall of many small pale dots, and a square of dark stripes on it.
    const photo = paint(200, 120, (x, y) => {
      if (square(x, y)) return x % 6 < 3 ? [30, 70, 30] : [60, 120, 50];
      return (x % 14) ** 2 + (y % 14) ** 2 < 30 ? [230, 190, 190] : [240, 235, 215];
    });
    const map = segmentPhoto(photo, settings);
    expect(bestOverlap(map, square)).toBeGreaterThan(0.85);
    expect(bestOverlap(map, (x, y) => !square(x, y))).toBeGreaterThan(0.85);
  });

  it('labels every pixel, and equal photos equally', () => {
    const photo = paint(90, 70, (x, y) => [0, 1, 2].map((c) => 255 * randomUniform(3, 1, x, y, c)));
    const first = segmentPhoto(photo, settings);
    expect(Math.min(...first.ids)).toBe(1);
    expect(regionBoxes(first).length).toBeLessThanOrEqual(settings.maxRegions);
    expect([...segmentPhoto({ ...photo, rgb: photo.rgb.slice() }, settings).ids]).toEqual([...first.ids]);
  });

  it('obeys maxRegions, minArea and mergeLimit', () => {
    const photo = paint(120, 120, (x, y) => [40 * Math.floor(x / 20), 40 * Math.floor(y / 20), 128]);
    const count = (changed: Record<string, number>) =>
      regionBoxes(segmentPhoto(photo, resolveSegmenterSettings({ smoothing: 0, ...changed }))).length;
    expect(count({ mergeLimit: 0 })).toBe(36);
    expect(count({ mergeLimit: 0, maxRegions: 10 })).toBe(10);
    expect(count({ mergeLimit: 1000 })).toBe(1);
    expect(count({ mergeLimit: 0, minArea: 0.05 })).toBeLessThan(20);
  });

  it('takes photos of one pixel, one row and one colour', () => {
    expect([...segmentPhoto({ width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3) }, settings).ids]).toEqual([1]);
    expect(
      regionBoxes(
        segmentPhoto(
          paint(50, 1, () => [9, 9, 9]),
          settings,
        ),
      ).length,
    ).toBe(1);
    expect(
      regionBoxes(
        segmentPhoto(
          paint(30, 40, () => [255, 255, 255]),
          settings,
        ),
      ).length,
    ).toBe(1);
  });

  it('works on a smaller picture and returns the map at the size of the photo', async () => {
    const half = (x: number) => x < 150;
    const photo = paint(300, 200, (x) => (half(x) ? [200, 40, 40] : [40, 60, 200]));
    const segmenter = await createBuiltinSegmenter(nodePlatform().images, { workingSide: 100 });
    const map = await segmenter.segment('a.jpg', photo);
    expect([map.width, map.height]).toEqual([300, 200]);
    expect(regionBoxes(map).length).toBe(2);
    expect(bestOverlap(map, half)).toBeGreaterThan(0.97);
  });

  it('enlarges a small photo, so that thin things keep their region', async () => {
    const bar = (x: number, y: number) => x >= 60 && x < 63 && y >= 20 && y < 100;
    const photo = paint(160, 120, (x, y) => (bar(x, y) ? [200, 40, 40] : [90, 110, 130]));
    const overlap = async (workingSide: number) => {
      const segmenter = await createBuiltinSegmenter(nodePlatform().images, { workingSide });
      const map = await segmenter.segment('a.jpg', photo);
      expect([map.width, map.height]).toEqual([160, 120]);
      return bestOverlap(map, bar);
    };
    expect(await overlap(160)).toBeLessThan(0.1);
    expect(await overlap(settings.workingSide)).toBeGreaterThan(0.8);
  });

  it('has an identity that follows its settings', async () => {
    const { images } = nodePlatform();
    const identity = async (given?: Record<string, unknown>) => (await createBuiltinSegmenter(images, given)).identity;
    expect(await identity()).toMatch(/^[0-9a-f]{64}$/);
    expect(await identity({ mergeLimit: settings.mergeLimit })).toBe(await identity());
    expect(await identity({ mergeLimit: 3 })).not.toBe(await identity());
  });
});

describe('settings of the built-in segmenter', () => {
  it('take numbers and texts of numbers, and name what is wrong', () => {
    expect(resolveSegmenterSettings({ maxRegions: '12' }).maxRegions).toBe(12);
    const refuse = (given: Record<string, unknown>) => expect(() => resolveSegmenterSettings(given));
    refuse({ maxRegion: 3 }).toThrow(/maxRegion: .*no such setting/);
    refuse({ maxRegions: 1.5 }).toThrow(/maxRegions.*found 1.5.*whole number from 1/);
    refuse({ mergeLimit: -1 }).toThrow(LangfieldError);
    refuse({ mergeLimit: 'much' }).toThrow(LangfieldError);
    refuse({ mergeLimit: '' }).toThrow(LangfieldError);
  });
});

describe('nested maps of the built-in segmenter', () => {
  /** Two things of two shades each, on a ground of two shades. */
  const photo = paint(200, 120, (x, y) => {
    const grain = 1.5 * randomNormal(3, 1, x, y);
    const colour = disc(x, y)
      ? [200, y < 60 ? 40 : 80, 40]
      : square(x, y)
        ? [40, y < 60 ? 60 : 95, 200]
        : [x < 100 ? 215 : 225, 220, 210];
    return colour.map((value) => value + grain);
  });

  it('each refines the next, and the middle one is the map of the photo', () => {
    const maps = segmentNested(photo, settings);
    expect(maps[1]).toEqual(segmentPhoto(photo, settings));
    const counts = maps.map((map) => regionBoxes(map).length);
    expect(counts[0]).toBeGreaterThanOrEqual(counts[1]);
    expect(counts[1]).toBeGreaterThanOrEqual(counts[2]);
    expect(counts[0]).toBeGreaterThan(counts[2]);
    for (const [fine, coarse] of [
      [maps[0], maps[1]],
      [maps[1], maps[2]],
    ]) {
      const parent = new Map<number, number>();
      fine.ids.forEach((id, i) => {
        expect(parent.get(id) ?? coarse.ids[i]).toBe(coarse.ids[i]);
        parent.set(id, coarse.ids[i]);
      });
    }
  });

  it('come at the photo\u2019s own size', async () => {
    const segmenter = await createBuiltinSegmenter(nodePlatform().images, { workingSide: 100 });
    const maps = await segmenter.segmentNested!('a.png', photo);
    expect(maps.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([200, 120]));
    expect(maps[1]).toEqual(await segmenter.segment('a.png', photo));
  });
});
