import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StandInEncoder, type StandInPhoto, standInSources } from '../../test/stand-in-pyramid.ts';
import { LangfieldError } from '../errors.ts';
import { halfToFloat } from '../formats/half.ts';
import { decodeNpy } from '../formats/npy.ts';
import { randomUniform } from '../math/random.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { buildPyramid } from './build-pyramid.ts';
import { resolvePyramidSettings } from './pyramid-options.ts';
import { encodedTileCount, type TileChoice } from './tile-choice.ts';
import { pyramidGeometry, tileCount } from './tile-geometry.ts';

const settings = resolvePyramidSettings();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-pyramid-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function photoOf(name: string, seed: number, width = 64, height = 48): StandInPhoto {
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => 1 + 254 * randomUniform(seed, 1, i));
  const ids = new Int32Array(width * height);
  // A 20×16 region in the middle, a noise region, and unlabelled pixels round them.
  for (let row = 16; row < 32; row++) ids.fill(3, row * width + 20, row * width + 40);
  ids[5] = 12;
  return { name, width, height, rgb, regions: { width, height, ids } };
}

const tiles = tileCount(pyramidGeometry(64, 48));
const cacheFiles = (pattern: string) => globSync(`cache/**/${pattern}`, { cwd: folder }).sort();

describe('building the pyramid', () => {
  it('stores seven levels per photo as LERF does and encodes only regions that win a cell', async () => {
    const encoder = new StandInEncoder();
    const pyramid = await buildPyramid(standInSources(folder, [photoOf('a.png', 1)], encoder), ['panoptic'], settings);
    expect(pyramid.encoded).toEqual({ tiles, regions: 1 });
    expect(encoder.sides.length).toBe(tiles + 1);
    expect(encoder.sides[tiles]).toBe(20);
    expect(cacheFiles('level_*.npy')).toHaveLength(7);
    for (const level of pyramid.photos[0].geometry.levels) {
      const path = cacheFiles(`level_${level.level}.npy`)[0];
      const { shape, dtype, data } = decodeNpy(readFileSync(join(folder, path)), path);
      expect([shape, dtype]).toEqual([[level.rows + 1, level.cols + 1, 5], '<f2']);
      const cell = (row: number, col: number) =>
        Array.from(data.slice(5 * (row * (level.cols + 1) + col), 5 * (row * (level.cols + 1) + col) + 5), Number);
      for (let row = 0; row <= level.rows; row++) expect(cell(row, level.cols)).toEqual(cell(row, level.cols - 1));
      for (let col = 0; col <= level.cols; col++) expect(cell(level.rows, col)).toEqual(cell(level.rows - 1, col));
      expect(Math.hypot(...cell(0, 0).map(halfToFloat))).toBeCloseTo(1, 2);
    }
  });

  it('does nothing the second time, and shares the tiles between priors', async () => {
    const photos = [photoOf('a.png', 1), photoOf('b.png', 2, 50, 80)];
    const first = standInSources(folder, photos, new StandInEncoder());
    await buildPyramid(first, ['none'], settings);
    expect(first.loaded).toEqual(['a.png', 'b.png']);
    const again = new StandInEncoder();
    const warm = standInSources(folder, photos, again);
    await buildPyramid(warm, ['none'], settings);
    expect([again.sides, warm.loaded]).toEqual([[], []]);
    const withRegions = new StandInEncoder();
    const built = await buildPyramid(standInSources(folder, photos, withRegions), ['panoptic', 'none'], settings);
    expect(built.encoded).toEqual({ tiles: 0, regions: 2 });
    const everything = await buildPyramid(
      standInSources(folder, photos, new StandInEncoder()),
      ['full', 'panoptic', 'single-scale'],
      settings,
    );
    expect(everything.encoded).toEqual({ tiles: 0, regions: 0 });
  });

  it('is keyed by content: a renamed photo is reused, a changed photo of the same name is not', async () => {
    await buildPyramid(standInSources(folder, [photoOf('a.png', 1)], new StandInEncoder()), ['panoptic'], settings);
    const renamed = new StandInEncoder();
    await buildPyramid(standInSources(folder, [photoOf('sub/z.png', 1)], renamed), ['panoptic'], settings);
    expect(renamed.sides).toEqual([]);
    const changed = new StandInEncoder();
    await buildPyramid(standInSources(folder, [photoOf('a.png', 9)], changed), ['panoptic'], settings);
    expect(changed.sides).toHaveLength(tiles + 1);
    const otherEncoder = new StandInEncoder('stand-in 2');
    await buildPyramid(standInSources(folder, [photoOf('a.png', 1)], otherEncoder), ['none'], settings);
    expect(otherEncoder.sides).toHaveLength(tiles);
  });

  it('encodes regions again when the map or the way of cutting changes, and keeps the tiles', async () => {
    const photo = photoOf('a.png', 1);
    const build = async (prior: 'panoptic', changes: Parameters<typeof resolvePyramidSettings>[0]) => {
      const sources = standInSources(folder, [photo], new StandInEncoder());
      return (await buildPyramid(sources, [prior], resolvePyramidSettings(changes))).encoded;
    };
    expect(await build('panoptic', {})).toEqual({ tiles, regions: 1 });
    expect(await build('panoptic', { context: 'image' })).toEqual({ tiles: 0, regions: 1 });
    expect(await build('panoptic', { cells: 'one-cell' })).toEqual({ tiles: 0, regions: 0 });
    photo.regions!.ids[20 * 64 + 45] = 3;
    expect(await build('panoptic', {})).toEqual({ tiles: 0, regions: 1 });
  });

  it('adds regions that only a further prior needs to the ones it has', async () => {
    const photo = photoOf('a.png', 1);
    // A line of 12 rows, s = 0.25, between the columns of levels 2 and 3.
    for (let row = 2; row < 14; row++) photo.regions!.ids[row * 64 + 1] = 8;
    const build = async (priors: ('panoptic' | 'full')[]) => {
      const sources = standInSources(folder, [photo], new StandInEncoder());
      return buildPyramid(sources, priors, resolvePyramidSettings({ minRegionSide: 2 }));
    };
    const before = (await build(['panoptic'])).photos[0].regions!;
    const after = await build(['panoptic', 'full']);
    expect(after.encoded).toEqual({ tiles: 0, regions: 1 });
    expect([...after.photos[0].regions!.rows].slice(0, before.rows.size)).toEqual([...before.rows]);
    expect([before.rows.size, after.photos[0].regions!.rows.size]).toEqual([1, 2]);
  });

  it('encodes a region tile once, whatever maps, priors and ways of cutting it comes from', async () => {
    const photo = photoOf('a.png', 1);
    const [part, whole] = [20, 40].map((side) => {
      const ids = new Int32Array(64 * 48);
      for (let row = 2; row < 2 + side; row++) ids.fill(side, row * 64 + 2, row * 64 + 2 + side);
      return { width: 64, height: 48, ids };
    });
    photo.regions = whole;
    const encoder = new StandInEncoder();
    const sources = standInSources(folder, [photo], encoder);
    sources.regionMaps = { ...sources.regionMaps, getNestedMaps: async () => [part, whole, whole] };
    const priors = ['none', 'panoptic+pixels', 'panoptic', 'panoptic+nested', 'full', 'full+context'] as const;
    const { encoded, photos } = await buildPyramid(sources, priors, settings);
    // Square regions have no margin for zeros or photo; the whole appears in four priors and in two of the nested maps.
    expect(encoded).toEqual({ tiles, regions: 2 });
    expect(encoder.sides.slice(tiles).sort()).toEqual([20, 40]);
    expect(photos[0].regions!.found).toBe(2);
    const again = await buildPyramid({ ...sources, encoder: new StandInEncoder() }, [...priors].reverse(), settings);
    expect(again.encoded).toEqual({ tiles: 0, regions: 0 });
  });

  it('never encodes a tile twice, whatever choices of tiles come one after the other', async () => {
    const photos = [photoOf('a.png', 1), photoOf('b.png', 2, 50, 80)];
    const geometries = photos.map(({ width, height }) => pyramidGeometry(width, height));
    const count = (choice: TileChoice) =>
      geometries.reduce((sum, geometry) => sum + encodedTileCount(geometry, choice), 0);
    const build = async (choice: TileChoice, cache: string) => {
      const sources = standInSources(folder, photos, new StandInEncoder());
      const built = await buildPyramid(
        { ...sources, cacheFolder: join(folder, cache) },
        ['panoptic'],
        resolvePyramidSettings({ tiles: choice }),
      );
      return { ...built.encoded, loaded: sources.loaded.length };
    };
    const files = (cache: string) => globSync(`${cache}/**/level_*.npy`, { cwd: folder }).sort();
    const hashOf = (path: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex');
    const bytes = (cache: string) => files(cache).map(hashOf);
    expect((await build('coarse', 'cache')).tiles).toBe(count('coarse'));
    const coarse = bytes('cache');
    expect((await build('wider-strides', 'cache')).tiles).toBe(count('wider-strides') - count('coarse'));
    expect(await build('full', 'cache')).toMatchObject({ tiles: count('full') - count('wider-strides'), regions: 0 });
    // Everything is there: no tile, and no photo but for its regions.
    expect(await build('fewer-scales', 'cache')).toEqual({ tiles: 0, regions: 0, loaded: 2 });
    expect((await build('full', 'full')).tiles).toBe(count('full'));
    expect(bytes('cache')).toEqual(expect.arrayContaining(bytes('full')));
    expect(await build('coarse', 'full')).toMatchObject({ tiles: 0, regions: 0 });
    expect(bytes('full')).toEqual(expect.arrayContaining(coarse));
  });

  it('encodes identical tiles once', async () => {
    const black = { ...photoOf('a.png', 1), rgb: new Uint8Array(3 * 64 * 48) };
    const encoder = new StandInEncoder();
    const pyramid = await buildPyramid(standInSources(folder, [black], encoder), ['none'], settings);
    expect(pyramid.encoded.tiles).toBe(7);
    expect(encoder.sides).toHaveLength(7);
  });

  it('goes on after being stopped in the middle, level by level', async () => {
    const photos = [photoOf('a.png', 1), photoOf('b.png', 2)];
    const { files } = nodePlatform();
    let writes = 0;
    const failing = {
      ...files,
      async writeAtomic(path: string, data: Uint8Array | string) {
        if (path.includes('level_') && ++writes === 10)
          throw new LangfieldError({ file: path, problem: 'cannot write: the disk is full' });
        return files.writeAtomic(path, data);
      },
    };
    const stopped = buildPyramid(
      standInSources(folder, photos, new StandInEncoder(), { files: failing }),
      ['none'],
      settings,
    );
    await expect(stopped).rejects.toThrow(/disk is full/);
    expect(cacheFiles('level_*.npy')).toHaveLength(9);
    const encoder = new StandInEncoder();
    const sources = standInSources(folder, photos, encoder);
    await buildPyramid(sources, ['none'], settings);
    const { levels } = pyramidGeometry(64, 48);
    const missing = levels.slice(2).reduce((sum, level) => sum + level.rows * level.cols, 0);
    expect(encoder.sides).toHaveLength(missing);
    expect(sources.loaded).toEqual(['b.png']);
  });

  it('builds damaged files again and leaves the sound ones alone', async () => {
    const photos = [photoOf('a.png', 1)];
    await buildPyramid(standInSources(folder, photos, new StandInEncoder()), ['panoptic'], settings);
    const path = (name: string) => join(folder, cacheFiles(name)[0]);
    const pristine = readFileSync(path('level_2.npy'));
    const regions = readFileSync(path('regions.npy'));
    truncateSync(path('level_2.npy'), 100);
    writeFileSync(path('level_5.npy'), Buffer.alloc(statSync(path('level_5.npy')).size));
    truncateSync(path('regions.npy'), 130);
    rmSync(path('level_6.npy'));
    const encoder = new StandInEncoder();
    const { encoded } = await buildPyramid(standInSources(folder, photos, encoder), ['panoptic'], settings);
    const { levels } = pyramidGeometry(64, 48);
    const rebuilt = [2, 5, 6].reduce((sum, i) => sum + levels[i].rows * levels[i].cols, 0);
    expect(encoded).toEqual({ tiles: rebuilt, regions: 1 });
    expect(readFileSync(path('level_2.npy'))).toEqual(pristine);
    expect(readFileSync(path('regions.npy'))).toEqual(regions);
  });

  it('reports every tile it is going to encode', async () => {
    const stages: [string, number][] = [];
    let last = 0;
    const progress = {
      ...silentProgress,
      start: (stage: string, total: number) => void stages.push([stage, total]),
      update: (done: number) => void (last = done),
    };
    const sources = standInSources(folder, [photoOf('a.png', 1)], new StandInEncoder('x', true), { progress });
    await buildPyramid(sources, ['panoptic'], settings);
    expect(stages[0]).toEqual(['photos and regions', 1]);
    expect(stages[1][0]).toBe('encoding tiles');
    expect(stages[1][1]).toBe(last);
    expect(last).toBeGreaterThan(tiles);
  });

  it('stores dense features once', async () => {
    const photos = [photoOf('a.png', 1)];
    const first = await buildPyramid(standInSources(folder, photos, new StandInEncoder('x', true)), ['none'], settings);
    expect(first.photos[0].dense).toEqual({ rows: 3, cols: 4 });
    const warm = standInSources(folder, photos, new StandInEncoder('x', true));
    expect((await buildPyramid(warm, ['none'], settings)).photos[0].dense).toEqual({ rows: 3, cols: 4 });
    expect(warm.loaded).toEqual([]);
    expect(existsSync(join(folder, 'cache'))).toBe(true);
  });

  it('refuses a photo whose size is not its camera’s', async () => {
    const sources = standInSources(folder, [photoOf('a.png', 1)], new StandInEncoder());
    sources.photos[0].camera.width = 65;
    await expect(buildPyramid(sources, ['none'], settings)).rejects.toThrow(/a\.png: .*found 64×48; expected 65×48/);
  });
});
