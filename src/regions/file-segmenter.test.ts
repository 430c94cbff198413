import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasShared, sharedFolder } from '../../test/shared.ts';
import { encodeNpy } from '../formats/npy.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { openFileSegmenter } from './file-segmenter.ts';
import { regionBoxes } from './region-boxes.ts';

const { files } = nodePlatform();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-maps-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const photo = { width: 3, height: 2, rgb: new Uint8Array(18) };

async function idsOf(name: string, bytes: Uint8Array, options = {}): Promise<number[]> {
  await files.writeAtomic(`${folder}/${name}`, bytes);
  const segmenter = await openFileSegmenter(folder, files, options);
  return [...(await segmenter.segment('images/a.jpg', photo)).ids];
}

function grey(depth: 1 | 2 | 4 | 8 | 16, data: Uint8Array | Uint16Array, extra = {}) {
  return encode({ width: 3, height: 2, channels: 1, depth, data, ...extra });
}

describe('region maps in PNG files', () => {
  it('grey of 8 and 16 bits hold the id', async () => {
    expect(await idsOf('a.png', grey(8, Uint8Array.of(0, 1, 2, 3, 254, 255)))).toEqual([0, 1, 2, 3, 254, 255]);
    expect(await idsOf('a.png', grey(16, Uint16Array.of(0, 1, 256, 257, 65534, 65535)))).toEqual([
      0, 1, 256, 257, 65534, 65535,
    ]);
  });

  it('small depths are unpacked row by row', async () => {
    expect(await idsOf('a.png', grey(1, Uint8Array.of(0b10100000, 0b01000000)))).toEqual([1, 0, 1, 0, 1, 0]);
    expect(await idsOf('a.png', grey(4, Uint8Array.of(0x1f, 0x20, 0x30, 0x40)))).toEqual([1, 15, 2, 3, 0, 4]);
  });

  it('a palette image holds the id as its index, whatever the colours', async () => {
    const palette = [
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
      [9, 9, 9],
    ];
    expect(await idsOf('a.png', grey(8, Uint8Array.of(3, 2, 1, 0, 0, 1), { palette }))).toEqual([3, 2, 1, 0, 0, 1]);
  });

  it('RGB is R + 256 G + 65536 B, with a list of segments only the listed ones', async () => {
    const data = new Uint8Array(18);
    data.set([5, 0, 0, 0, 1, 0, 0, 0, 1]);
    const png = encode({ width: 3, height: 2, channels: 3, depth: 8, data });
    expect(await idsOf('a.png', png)).toEqual([5, 256, 65536, 0, 0, 0]);
    const json = { annotations: [{ file_name: 'a.png', segments_info: [{ id: 256 }, { id: 5 }] }] };
    await files.writeAtomic(`${folder}/panoptic.json`, JSON.stringify(json));
    expect(await idsOf('a.png', png)).toEqual([5, 256, 0, 0, 0, 0]);
  });

  it('other JSON files in the folder are left alone, damaged ones are named', async () => {
    await files.writeAtomic(`${folder}/notes.json`, '{"annotations": [], "by": "hand"}');
    expect(await idsOf('a.png', grey(8, new Uint8Array(6)))).toEqual([0, 0, 0, 0, 0, 0]);
    await files.writeAtomic(`${folder}/bad.json`, '{"annotations": [');
    await expect(openFileSegmenter(folder, files)).rejects.toThrow(/bad\.json.*not valid JSON/);
    await files.writeAtomic(`${folder}/bad.json`, '{"annotations": [{"file_name": "a.png", "segments_info": [{}]}]}');
    await expect(openFileSegmenter(folder, files)).rejects.toThrow(/bad\.json: annotations\.0\.segments_info\.0\.id/);
  });

  it('refuses damaged files and 16-bit colour', async () => {
    const png = grey(8, new Uint8Array(6));
    await expect(idsOf('a.png', png.subarray(0, png.length - 20))).rejects.toThrow(/a\.png: .*not a readable PNG/);
    const deep = encode({ width: 3, height: 2, channels: 3, depth: 16, data: new Uint16Array(18) });
    await expect(idsOf('a.png', deep)).rejects.toThrow(/16 bits per channel/);
  });
});

describe('region maps in NPY files', () => {
  it('take whole numbers of every type', async () => {
    const ids = [0, 1, 2, 3, 4, 5];
    for (const data of [
      Uint8Array.from(ids),
      Int8Array.from(ids),
      Uint16Array.from(ids),
      Int16Array.from(ids),
      Uint32Array.from(ids),
      Int32Array.from(ids),
      BigInt64Array.from(ids.map(BigInt)),
      BigUint64Array.from(ids.map(BigInt)),
      Float32Array.from(ids),
    ])
      expect(await idsOf('a.npy', encodeNpy(data, [2, 3])), data.constructor.name).toEqual(ids);
  });

  it('with negative entries count from 0 and have "none"', async () => {
    expect(await idsOf('a.npy', encodeNpy(Int16Array.of(-1, 0, 1, -1, 0, 7), [2, 3]))).toEqual([0, 1, 2, 0, 1, 8]);
  });

  it('of LangSplat have four levels', async () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? -1 : Math.floor(i / 6)));
    const bytes = encodeNpy(data, [4, 2, 3]);
    expect(await idsOf('a_s.npy', bytes)).toEqual([0, 4, 4, 4, 4, 4]);
    expect(await idsOf('a_s.npy', bytes, { level: 'default' })).toEqual([0, 1, 1, 1, 1, 1]);
    expect(await idsOf('a_s.npy', bytes, { level: 'small' })).toEqual([0, 2, 2, 2, 2, 2]);
  });

  it('refuse fractions, huge ids and other shapes', async () => {
    await expect(idsOf('a.npy', encodeNpy(Float32Array.of(0, 1, 2, 3.5, 4, 5), [2, 3]))).rejects.toThrow(
      /a\.npy: row 1, column 0: .*found 3\.5/,
    );
    await expect(idsOf('a.npy', encodeNpy(BigInt64Array.of(0n, 2n ** 40n, 0n, 0n, 0n, 0n), [2, 3]))).rejects.toThrow(
      /row 0, column 1.*1099511627776/,
    );
    await expect(idsOf('a.npy', encodeNpy(new Uint8Array(12), [2, 2, 3]))).rejects.toThrow(/\[2, 2, 3\]/);
  });
});

describe('finding and fitting maps', () => {
  const map = (value: number) => grey(8, new Uint8Array(6).fill(value));

  it('prefers the whole path, then the base name, also below the folder', async () => {
    await files.writeAtomic(`${folder}/deep/b.png`, map(4));
    expect(await idsOf('a.png', map(1))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await idsOf('images/a.png', map(2))).toEqual([2, 2, 2, 2, 2, 2]);
    const segmenter = await openFileSegmenter(folder, files);
    expect((await segmenter.segment('images/b.JPG', photo)).ids[0]).toBe(4);
    await files.writeAtomic(`${folder}/other/b.png`, map(5));
    await expect((await openFileSegmenter(folder, files)).segment('b.jpg', photo)).rejects.toThrow(
      /several region maps.*deep\/b\.png, other\/b\.png/,
    );
  });

  it('names the photo without a map, the empty folder and the absent folder', async () => {
    await expect(openFileSegmenter(folder, files)).rejects.toThrow(/no region maps.*an empty folder/);
    await expect(openFileSegmenter(`${folder}/none`, files)).rejects.toThrow(/no such folder of region maps/);
    await files.writeAtomic(`${folder}/b.png`, map(1));
    const segmenter = await openFileSegmenter(folder, files);
    await expect(segmenter.segment('images/a.jpg', photo)).rejects.toThrow(
      /no region map for the photo images\/a\.jpg/,
    );
  });

  it('resizes scaled copies by nearest neighbour and refuses other shapes', async () => {
    await files.writeAtomic(`${folder}/a.png`, grey(8, Uint8Array.of(1, 2, 3, 4, 5, 6)));
    const segmenter = await openFileSegmenter(folder, files);
    const larger = await segmenter.segment('a.jpg', { width: 6, height: 4, rgb: new Uint8Array(72) });
    expect([...larger.ids.subarray(0, 12)]).toEqual([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3]);
    const turned = { width: 40, height: 60, rgb: new Uint8Array(7200) };
    await expect(segmenter.segment('a.jpg', turned)).rejects.toThrow(/a\.png.*photo a\.jpg.*found 3×2.*expected 40×60/);
  });

  it('has an identity that follows the contents', async () => {
    const identity = async (options = {}) => (await openFileSegmenter(folder, files, options)).identity;
    await files.writeAtomic(`${folder}/a.png`, map(1));
    const first = await identity();
    expect(await identity()).toBe(first);
    expect(await identity({ level: 'small' })).not.toBe(first);
    await files.writeAtomic(`${folder}/a.png`, map(2));
    expect(await identity()).not.toBe(first);
  });
});

describe.skipIf(!hasShared)('COCO panoptic samples', () => {
  const samples = `${sharedFolder}/data/coco-panoptic/sample_data`;

  it('have exactly the listed segments with the listed areas and boxes', async () => {
    const json = JSON.parse(await files.readText(`${samples}/panoptic_examples.json`)) as {
      images: { id: number; file_name: string; width: number; height: number }[];
      annotations: {
        image_id: number;
        segments_info: { id: number; area: number; bbox: [number, number, number, number] }[];
      }[];
    };
    const segmenter = await openFileSegmenter(`${samples}/panoptic_examples`, files);
    for (const annotation of json.annotations) {
      const image = json.images.find((candidate) => candidate.id === annotation.image_id);
      if (image === undefined) throw new Error('the sample lists no such image');
      const { width, height } = image;
      const map = await segmenter.segment(image.file_name, { width, height, rgb: new Uint8Array(0) });
      const found = regionBoxes(map).map(({ id, area, left, top, right, bottom }) => ({
        id,
        area,
        bbox: [left, top, right - left + 1, bottom - top + 1],
      }));
      const expected = annotation.segments_info.map(({ id, area, bbox }) => ({ id, area, bbox }));
      expect(found).toEqual(expected.sort((a, b) => a.id - b.id));
      expect(map.ids.some((id) => id === 0)).toBe(true);
    }
  });
});
