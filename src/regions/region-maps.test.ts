import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../platform/node/index.ts';
import { type Progress, silentProgress } from '../platform/platform.ts';
import { fitRegionMapToPhoto, regionBoxes, relabelRegions, validateRegionMap } from './region-boxes.ts';
import { openRegionMaps, segmentPhotos } from './region-maps.ts';
import type { Segmenter, SegmenterPhoto } from './segmenter.ts';

const { files, images } = nodePlatform();
let cacheFolder: string;
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), 'langfield-cache-'));
});
afterEach(() => rmSync(cacheFolder, { recursive: true, force: true }));

function photoOf(shade: number): SegmenterPhoto {
  return { width: 20, height: 10, rgb: new Uint8Array(600).fill(shade) };
}

/** Numbers the pixels in groups and counts how often it is asked. */
function countingSegmenter(regions: number, identity = 'a', cacheable = true) {
  const calls: string[] = [];
  const segmenter: Segmenter = {
    name: 'counting',
    identity,
    cacheable,
    async segment(photoName, { width, height }) {
      calls.push(photoName);
      return { width, height, ids: Int32Array.from({ length: width * height }, (_, i) => 7 + (i % regions)) };
    },
  };
  return { segmenter, calls };
}

const cachedFiles = () => readdirSync(cacheFolder);

describe('openRegionMaps', () => {
  it('computes once per photo content and segmenter, whatever the name', async () => {
    const { segmenter, calls } = countingSegmenter(3);
    const source = openRegionMaps(segmenter, { files, images, cacheFolder });
    const first = await source.getRegionMap('a.jpg', photoOf(1));
    const again = await openRegionMaps(segmenter, { files, images, cacheFolder }).getRegionMap('b.jpg', photoOf(1));
    expect(again).toEqual(first);
    expect(calls).toEqual(['a.jpg']);
    await source.getRegionMap('a.jpg', photoOf(2));
    await openRegionMaps({ ...segmenter, identity: 'b' }, { files, images, cacheFolder }).getRegionMap('c', photoOf(1));
    expect(calls).toEqual(['a.jpg', 'a.jpg', 'c']);
    expect(cachedFiles().length).toBe(3);
    expect(source.counts).toEqual({ cached: 0, computed: 2 });
  });

  it('returns the same numbering with and without a hit, in 16 bits where 8 do not do', async () => {
    const { segmenter } = countingSegmenter(199);
    const { segmenter: many } = countingSegmenter(2, 'many');
    const wide: Segmenter = {
      ...many,
      segment: async () => ({ width: 20, height: 20, ids: Int32Array.from({ length: 400 }, (_, i) => 3 * i) }),
    };
    for (const [each, photo] of [
      [segmenter, photoOf(1)],
      [wide, { width: 20, height: 20, rgb: new Uint8Array(1200) }],
    ] as const) {
      const options = { files, images, cacheFolder };
      const computed = await openRegionMaps(each, options).getRegionMap('a', photo);
      const hit = openRegionMaps(each, options);
      expect([...(await hit.getRegionMap('a', photo)).ids]).toEqual([...computed.ids]);
      expect(hit.counts).toEqual({ cached: 1, computed: 0 });
    }
    const depths = cachedFiles().map((name) => decode(readFileSync(join(cacheFolder, name))).depth);
    expect(depths.sort()).toEqual([16, 8]);
  });

  it('makes damaged, truncated, wrong-size and foreign entries again, and says so', async () => {
    const { segmenter, calls } = countingSegmenter(3);
    const lines: string[] = [];
    const progress: Progress = { ...silentProgress, log: (line) => void lines.push(line) };
    const source = openRegionMaps(segmenter, { files, images, cacheFolder, progress });
    const right = await source.getRegionMap('a.jpg', photoOf(1));
    const path = join(cacheFolder, cachedFiles()[0]);
    const whole = readFileSync(path);
    const flipped = Uint8Array.from(whole);
    flipped[Math.floor(whole.length / 2)] ^= 0xff;
    const small = await images.encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 2) });
    const colour = await images.encodePng({ width: 20, height: 10, channels: 3, data: new Uint8Array(600) });
    for (const bad of [whole.subarray(0, whole.length - 30), flipped, new Uint8Array(0), small, colour]) {
      writeFileSync(path, bad);
      expect(await source.getRegionMap('a.jpg', photoOf(1))).toEqual(right);
      expect(readFileSync(path)).toEqual(whole);
    }
    expect(calls.length).toBe(6);
    expect(lines.length).toBe(5);
    expect(lines[0]).toContain('damaged');
  });

  it('keeps nothing without a folder or for maps that come from files', async () => {
    const { segmenter, calls } = countingSegmenter(3, 'a', false);
    const source = openRegionMaps(segmenter, { files, images, cacheFolder });
    await source.getRegionMap('a', photoOf(1));
    expect((await source.getRegionMap('a', photoOf(1))).ids[0]).toBe(7);
    expect(calls.length).toBe(2);
    await openRegionMaps(countingSegmenter(3).segmenter, { files, images }).getRegionMap('a', photoOf(1));
    expect(cachedFiles()).toEqual([]);
  });
});

describe('segmentPhotos', () => {
  it('loads one photo at a time and reports progress', async () => {
    const events: string[] = [];
    const progress: Progress = {
      ...silentProgress,
      start: (stage, total) => void events.push(`start ${stage} ${total}`),
      update: (done, note) => void events.push(`update ${done} ${note}`),
      finish: (note) => void events.push(`finish ${note}`),
    };
    const source = openRegionMaps(countingSegmenter(3).segmenter, { files, images, cacheFolder });
    const photos = ['a', 'b'].map((name) => ({
      name,
      load: async () => {
        events.push(`load ${name}`);
        return photoOf(1);
      },
    }));
    for await (const { name, map } of segmentPhotos(photos, source, progress)) events.push(`${name} ${map.width}`);
    expect(events).toEqual([
      'start finding regions 2',
      'load a',
      'update 1 a',
      'a 20',
      'load b',
      'update 2 b',
      'b 20',
      'finish 1 computed, 1 from the cache',
    ]);
  });
});

describe('facts about maps', () => {
  const map = { width: 3, height: 3, ids: Int32Array.of(0, 5, 5, 9, 9, 5, 0, 9, 0) };

  it('boxes are inclusive and leave out unlabelled pixels', () => {
    expect(regionBoxes(map)).toEqual([
      { id: 5, top: 0, left: 1, bottom: 1, right: 2, area: 3 },
      { id: 9, top: 1, left: 0, bottom: 2, right: 1, area: 3 },
    ]);
  });

  it('relabelling numbers regions in order of appearance and keeps 0', () => {
    expect([...relabelRegions(map).ids]).toEqual([0, 1, 1, 2, 2, 1, 0, 2, 0]);
  });

  it('validation refuses negative ids and missing pixels', () => {
    expect(validateRegionMap(map, 'x')).toBe(map);
    expect(() => validateRegionMap({ ...map, ids: Int32Array.of(0, -2) }, 'x.png')).toThrow(/x\.png.*2 ids.*3×3 = 9/);
    const negative = Int32Array.from(map.ids);
    negative[4] = -2;
    expect(() => validateRegionMap({ ...map, ids: negative }, 'x.png')).toThrow(/negative id.*found -2/);
  });

  it('maps fit photos of the same aspect up to a pixel of rounding', () => {
    const names = { map: 'm.png', photo: 'p.jpg' };
    const quarter = { width: 135, height: 240, ids: new Int32Array(135 * 240) };
    expect(fitRegionMapToPhoto(quarter, { width: 540, height: 960 }, names)).toMatchObject({ width: 540, height: 960 });
    expect(fitRegionMapToPhoto(quarter, { width: 541, height: 960 }, names).width).toBe(541);
    expect(() => fitRegionMapToPhoto(quarter, { width: 560, height: 960 }, names)).toThrow(
      /m\.png.*p\.jpg.*135×240.*560×960/,
    );
  });
});

describe('nested maps', () => {
  /** Halves and the whole, ids as a file may have them. */
  function nestedSegmenter() {
    const { segmenter, calls } = countingSegmenter(1);
    const mapBy = ({ width, height }: SegmenterPhoto, idAt: (col: number) => number) => ({
      width,
      height,
      ids: Int32Array.from({ length: width * height }, (_, i) => idAt(i % width)),
    });
    const nested: Segmenter = {
      ...segmenter,
      async segmentNested(photoName, photo) {
        calls.push(`nested ${photoName}`);
        return [mapBy(photo, (col) => (col < 10 ? 300 : 5)), mapBy(photo, () => 7)];
      },
    };
    return { nested, calls };
  }

  it('are kept together, beside the single map of the same photo', async () => {
    const { nested, calls } = nestedSegmenter();
    const source = openRegionMaps(nested, { files, images, cacheFolder });
    const [halves, whole] = await source.getNestedMaps!('a.jpg', photoOf(1));
    expect([halves.ids[0], halves.ids[10], whole.ids[0], whole.ids[199]]).toEqual([1, 2, 1, 1]);
    expect(await source.getRegionMap('a.jpg', photoOf(1))).toEqual(whole);
    const again = openRegionMaps(nested, { files, images, cacheFolder });
    expect(await again.getNestedMaps!('b.jpg', photoOf(1))).toEqual([halves, whole]);
    expect(await again.getRegionMap('b.jpg', photoOf(1))).toEqual(whole);
    expect(again.counts).toEqual({ cached: 2, computed: 0 });
    expect(calls).toEqual(['nested a.jpg', 'a.jpg']);
    expect(openRegionMaps(countingSegmenter(1).segmenter, { files, images }).getNestedMaps).toBeUndefined();
  });

  it('are made again when their file is damaged', async () => {
    const { nested, calls } = nestedSegmenter();
    const warned: string[] = [];
    const progress: Progress = { ...silentProgress, log: (line) => void warned.push(line) };
    const source = openRegionMaps(nested, { files, images, cacheFolder, progress });
    const maps = await source.getNestedMaps!('a.jpg', photoOf(1));
    writeFileSync(join(cacheFolder, cachedFiles()[0]), 'nonsense');
    expect(await source.getNestedMaps!('a.jpg', photoOf(1))).toEqual(maps);
    expect(calls.length).toBe(2);
    expect(warned).toHaveLength(1);
  });
});
