import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../test/shared.ts';
import { StandInEncoder, type StandInPhoto, standInSources } from '../../test/stand-in-pyramid.ts';
import { halfToFloat } from '../formats/half.ts';
import { randomUniform } from '../math/random.ts';
import { cutSquare, regionSquare } from './cut-tiles.ts';
import { openSupervision } from './open-supervision.ts';
import { prepareSupervision } from './prepare-supervision.ts';
import type { Prior } from './prior.ts';
import { resolvePyramidSettings } from './pyramid-options.ts';
import { PyramidReader } from './pyramid-reader.ts';
import { cellCentre, pyramidGeometry } from './tile-geometry.ts';

const root = mkdtempSync(join(tmpdir(), 'langfield-supervision-'));
afterAll(() => rmSync(root, { recursive: true }));
const settings = resolvePyramidSettings();

function photoOf(name: string, seed: number, width: number, height: number): StandInPhoto {
  const rgb = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => 255 * randomUniform(seed, 1, i) ** (1 + (i % 3)),
  );
  const ids = new Int32Array(width * height);
  for (let row = 10; row < 30; row++) ids.fill(70000, row * width + 12, row * width + 40);
  for (let row = 40; row < height; row++) ids.fill(2, row * width, (row + 1) * width);
  return { name, width, height, rgb, regions: { width, height, ids } };
}

const photos = [photoOf('a.png', 1, 80, 60), photoOf('b.png', 2, 50, 90)];
const open = (priors: Prior[], encoder = new StandInEncoder()) =>
  prepareSupervision(standInSources(root, photos, encoder), priors, settings);

async function regionEmbedding(photo: StandInPhoto, box: [number, number, number, number]): Promise<Float32Array> {
  const [top, left, bottom, right] = box;
  const square = regionSquare({ id: 1, top, left, bottom, right, area: 1 }, 'zeros');
  const data = new Uint8Array(3 * square.side ** 2);
  cutSquare(photo, square, data, 0);
  return new StandInEncoder().encodeImages({ count: 1, side: square.side, data });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-3): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThan(tolerance);
}

describe('supervision', () => {
  it('gives the pure region embedding where both levels are overridden, and LERF elsewhere', async () => {
    const { supervisions } = await open(['panoptic', 'none']);
    const [ours, lerf] = [supervisions.get('panoptic')!, supervisions.get('none')!];
    // Region 70000 of photo 0: 28 of 60 rows, s = 0.467: levels 4 and 5 (0.3025 < s ≤ 0.4675, 0.385 < s ≤ 0.55).
    const { levels } = pyramidGeometry(80, 60);
    const inside = await regionEmbedding(photos[0], [10, 12, 29, 39]);
    const [target, plain] = [new Float32Array(5), new Float32Array(5)];
    const centres = (level: number) => {
      const found: [number, number][] = [];
      for (let r = 0; r < levels[level].rows; r++)
        for (let c = 0; c < levels[level].cols; c++) {
          const [y, x] = [cellCentre(levels[level], r), cellCentre(levels[level], c)];
          if (y >= 10 && y < 30 && x >= 12 && x < 40) found.push([y, x]);
        }
      return found;
    };
    expect(centres(4).length).toBeGreaterThan(1);
    for (const [y, x] of centres(4)) {
      expect(ours.lookupClip(0, y, x, 4, 0, target, 0)).toBe(true);
      expectClose(target, inside);
      lerf.lookupClip(0, y, x, 4, 0, plain, 0);
      expect(Math.max(...plain.map((value, i) => Math.abs(value - target[i])))).toBeGreaterThan(0.02);
    }
    for (const [row, col] of [
      [5, 60],
      [35, 70],
      [20, 20],
    ])
      for (const bin of [0, 1, 2]) {
        ours.lookupClip(0, row, col, bin, 0.5, target, 0);
        lerf.lookupClip(0, row, col, bin, 0.5, plain, 0);
        expect(target).toEqual(plain);
      }
  });

  it('answers for the photo at the position in the list, whatever its size', async () => {
    const { supervisions } = await open(['none']);
    const lerf = supervisions.get('none')!;
    expect([lerf.photoSize(0), lerf.photoSize(1)]).toEqual([
      { width: 80, height: 60 },
      { width: 50, height: 90 },
    ]);
    const { levels } = pyramidGeometry(50, 90);
    const out = new Float32Array(7);
    const level = levels[2];
    const tile = new Uint8Array(3 * level.side ** 2);
    const [r, c] = [3, 2];
    cutSquare(
      photos[1],
      { top: r * level.stride - level.padding, left: c * level.stride - level.padding, side: level.side },
      tile,
      0,
    );
    // An odd side, so that cell centres are pixels.
    expect(level.side % 2).toBe(1);
    lerf.lookupClip(1, cellCentre(level, r), cellCentre(level, c), 2, 0, out, 2);
    expect([out[0], out[1]]).toEqual([0, 0]);
    expectClose(out.subarray(2), await new StandInEncoder().encodeImages({ count: 1, side: level.side, data: tile }));
  });

  it('gives the corners of every target: blended, they are the target', async () => {
    const priors: Prior[] = ['panoptic', 'none', 'single-scale', 'full', 'panoptic+pixels'];
    const { supervisions } = await open(priors);
    const dim = 5;
    for (const prior of priors) {
      const supervision = supervisions.get(prior)!;
      const [halves, shares] = [new Uint16Array(2 * 8 * dim).fill(0x7e00), new Float32Array(2 * 8)];
      for (let i = 0; i < 60; i++) {
        const photo = i % 2;
        const { width, height } = supervision.photoSize(photo);
        const [row, col] = [height, width].map((size, axis) => Math.floor(size * randomUniform(5, i, axis)));
        const [bin, omega] = [i % 6, randomUniform(5, i, 2)];
        const target = new Float32Array(dim);
        const found = supervision.lookupClip(photo, row, col, bin, omega, target, 0);
        expect(supervision.lookupCorners!(photo, row, col, bin, omega, halves, shares, 1)).toBe(found);
        if (!found) continue;
        const blended = new Float64Array(dim);
        for (let corner = 8; corner < 16; corner++)
          for (let d = 0; d < dim && shares[corner] !== 0; d++)
            blended[d] += shares[corner] * halfToFloat(halves[corner * dim + d]);
        expectClose(blended, target, 1e-6);
      }
      expect(halves.subarray(0, 8 * dim).every((half) => half === 0x7e00)).toBe(true);
    }
  });

  it('full: the region of the pixel, and no target where there is none', async () => {
    const { supervisions } = await open(['full']);
    const full = supervisions.get('full')!;
    const out = new Float32Array(5).fill(9);
    expect(full.lookupClip(0, 0, 0, 2, 0.5, out, 0)).toBe(false);
    expect(Array.from(out)).toEqual([9, 9, 9, 9, 9]);
    expect(full.lookupClip(0, 29, 39, 2, 0.5, out, 0)).toBe(true);
    expectClose(out, await regionEmbedding(photos[0], [10, 12, 29, 39]));
    expect(full.lookupClip(1, 89, 0, 0, 0, out, 0)).toBe(true);
    expectClose(out, await regionEmbedding(photos[1], [40, 0, 89, 49]));
  });

  it('single-scale: only the largest level differs from LERF', async () => {
    const { supervisions } = await open(['single-scale', 'none']);
    const [single, lerf] = [supervisions.get('single-scale')!, supervisions.get('none')!];
    const [a, b] = [new Float32Array(5), new Float32Array(5)];
    const differs = (bin: number, omega: number) => {
      single.lookupClip(0, 50, 40, bin, omega, a, 0);
      lerf.lookupClip(0, 50, 40, bin, omega, b, 0);
      return a.some((value, i) => value !== b[i]);
    };
    expect([0, 1, 2, 3, 4].map((bin) => differs(bin, 0.9))).toEqual([false, false, false, false, false]);
    expect([differs(5, 0), differs(5, 0.5)]).toEqual([false, true]);
  });

  it('looks dense features up by floor', async () => {
    const { supervisions } = await open(['none'], new StandInEncoder('dense', true));
    const dense = supervisions.get('none')!;
    expect(dense.dinoDim).toBe(2);
    const out = new Float32Array(3);
    dense.lookupDino(0, 59, 79, out, 1);
    expect(Array.from(out)).toEqual([0, 2, 3]);
    dense.lookupDino(0, 19, 19, out, 1);
    expect(Array.from(out)).toEqual([0, 0, 0]);
    dense.lookupDino(0, 20, 20, out, 1);
    expect(Array.from(out)).toEqual([0, 1, 1]);
  });

  it('answers the same when the cache holds next to nothing', async () => {
    const { pyramid, supervisions } = await open(['panoptic']);
    const roomy = supervisions.get('panoptic')!;
    const tight = openSupervision(pyramid, 'panoptic', new PyramidReader(pyramid, 1500));
    const [a, b] = [new Float32Array(5), new Float32Array(5)];
    for (let i = 0; i < 300; i++) {
      const photo = i % 2;
      const { width, height } = roomy.photoSize(photo);
      const row = Math.floor(height * randomUniform(3, 1, i));
      const col = Math.floor(width * randomUniform(3, 2, i));
      const omega = randomUniform(3, 3, i);
      roomy.lookupClip(photo, row, col, i % 6, omega, a, 0);
      tight.lookupClip(photo, row, col, i % 6, omega, b, 0);
      expect(b).toEqual(a);
    }
    expect(() => openSupervision(pyramid, 'full')).toThrow(RangeError);
  });
});

describe.skipIf(!hasShared)('supervision against the recorded pyramid', () => {
  it('grids, per-level queries and random scales of two photos agree to half precision', async () => {
    const { arrays } = readVectors('08-lerf-pyramid');
    const recorded = [0, 1].map((image): StandInPhoto => {
      const rgb = new Uint8Array(3 * 60 * 80);
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < 4800; i++) rgb[3 * i + c] = arrays.images_u8.data[(image * 3 + c) * 4800 + i];
      return { name: `${image}.png`, width: 80, height: 60, rgb };
    });
    const sources = standInSources(join(root, 'recorded'), recorded, new StandInEncoder());
    const { pyramid, supervisions } = await prepareSupervision(sources, ['none'], settings);
    for (const [image, photo] of pyramid.photos.entries())
      for (const level of photo.geometry.levels) {
        const grid = arrays[`grid_l${level.level}`];
        const rowLength = (level.cols + 1) * 5;
        const supervisionRows = Array.from({ length: level.rows + 1 }, (_, row) =>
          Array.from(pyramid.store.readLevelRow(photo.hash, level, row)),
        ).flat();
        const expected = grid.data.slice(image * supervisionRows.length, (image + 1) * supervisionRows.length);
        expect(supervisionRows.length).toBe((level.rows + 1) * rowLength);
        expectClose(supervisionRows.map(halfToFloat), expected, 6e-4);
      }
    const lerf = supervisions.get('none')!;
    const out = new Float32Array(5);
    for (let i = 0; i < 64; i++) {
      const [image, row, col] = arrays.points.data.slice(3 * i, 3 * i + 3);
      for (let level = 0; level < 7; level++) {
        lerf.lookupClip(image, row, col, Math.min(level, 5), level === 6 ? 1 : 0, out, 0);
        expectClose(out, arrays[`query_l${level}`].data.slice(5 * i, 5 * i + 5), 2e-3);
      }
      lerf.lookupClip(image, row, col, arrays.random_bin.data[i], arrays.random_weight.data[i], out, 0);
      expectClose(out, arrays.random_embed.data.slice(5 * i, 5 * i + 5), 2e-3);
    }
  });
});
