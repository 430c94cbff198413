import { expect, it } from 'vitest';
import { memoryFiles } from '../../test/memory-files.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { RegionMap } from './region-map.ts';
import { decodeRegionPng, regionImage } from './region-png.ts';
import { RegionRecord } from './region-record.ts';

const { images } = nodePlatform();
const size = { width: 4, height: 2 };
const map = (...ids: number[]): RegionMap => ({ ...size, ids: Int32Array.from(ids) });
const photo = { ...size, rgb: new Uint8Array(24) };

it('keeps what training saw: the one map, or the nested ones for priors that look at them', async () => {
  const record = new RegionRecord(images);
  const fine = map(9, 9, 9, 9, 0, 7, 7, 7);
  const coarse = map(70_000, 70_000, 5, 5, 5, 5, 5, 5);
  const source = record.of({ getRegionMap: async () => coarse, getNestedMaps: async () => [fine, coarse] });
  expect(await source.getRegionMap('a', photo)).toBe(coarse);
  await source.getNestedMaps!('a', photo);
  await source.getRegionMap('b', photo);
  const files = memoryFiles();
  const fields = [
    { name: 'panoptic', nested: false },
    { name: 'panoptic+nested', nested: true },
  ];
  await record.save('run/regions', fields, ['held out', 'a', 'b'], files);
  const read = async (path: string) => decodeRegionPng(await files.readBytes(`run/regions/${path}`), size);
  expect(await read('panoptic/1.png')).toEqual([map(1, 1, 2, 2, 2, 2, 2, 2)]);
  expect(await read('panoptic-nested/1.png')).toEqual([map(1, 1, 1, 1, 0, 2, 2, 2), map(1, 1, 2, 2, 2, 2, 2, 2)]);
  // Nobody made nested maps of this photo.
  expect(await read('panoptic-nested/2.png')).toEqual([map(1, 1, 2, 2, 2, 2, 2, 2)]);
  expect(await files.stat('run/regions/panoptic/0.png')).toBeUndefined();
});

it('leaves the maps of an earlier training as they are', async () => {
  const files = memoryFiles();
  for (const ids of [
    [1, 1, 1, 1, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 1, 1, 1],
  ]) {
    const record = new RegionRecord(images);
    await record.of({ getRegionMap: async () => map(...ids) }).getRegionMap('a', photo);
    await record.save('regions', [{ name: 'panoptic', nested: false }], ['a'], files);
  }
  expect(decodeRegionPng(await files.readBytes('regions/panoptic/0.png'), size)![0].ids[0]).toBe(1);
});

it('takes 16 bits where 8 do not do, and gives up where those do not', async () => {
  const many = { width: 400, height: 1, ids: Int32Array.from({ length: 400 }, (_, i) => i) };
  expect(decodeRegionPng(await images.encodePng(regionImage([many])!), many)).toEqual([many]);
  expect(regionImage([map(70_000, 0, 0, 0, 0, 0, 0, 0)])).toBeUndefined();
  expect(decodeRegionPng(Uint8Array.of(1, 2, 3), size)).toBeUndefined();
});
