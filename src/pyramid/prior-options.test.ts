/** The options of the panoptic prior. */
import { describe, expect, it } from 'vitest';
import type { Pyramid } from './build-pyramid.ts';
import { openSupervision } from './open-supervision.ts';
import type { Prior } from './prior.ts';
import {
  type Box,
  type Case,
  geometry,
  height,
  lookerFor,
  mapOf,
  pyramidOf,
  regionVector,
  square,
  tileVector,
  type Vector,
  width,
} from '../../test/pyramid-by-hand-fixture.ts';
import { cellCentre } from './tile-geometry.ts';

describe('pixels', () => {
  it('exactly the region inside, exactly the tiles outside, at the levels of the window only', async () => {
    const look = await lookerFor('panoptic+pixels', { main: mapOf(square) });
    for (const level of [2, 3]) {
      for (const [row, col] of [
        [30, 40],
        [59, 69],
        [45, 50],
      ])
        expect(look(row, col, level)).toEqual(regionVector);
      for (const [row, col] of [
        [29, 40],
        [30, 39],
        [60, 69],
        [59, 70],
      ])
        expect(look(row, col, level)).toEqual(tileVector);
    }
    for (const level of [0, 1, 4, 5, 6]) expect(look(45, 50, level)).toEqual(tileVector);
    expect(look(45, 50, 2, 0.75)).toEqual(regionVector);
    expect(look(45, 50, 1, 0.25)).toEqual([0.75, 0.25, 0]);
    expect(look(45, 50, 3, 0.5)).toEqual([0.5, 0.5, 0]);
  });

  it('the printed rule bleeds over the same edge', async () => {
    const look = await lookerFor('panoptic', { main: mapOf(square) });
    // Level 3: side 27, stride 13, columns at 0, 13, 26, 39, 52, 65, 78; 52 and 65 lie in the region, 39 does not.
    expect(geometry.levels[3]).toMatchObject({ side: 27, stride: 13, firstCentre: 0 });
    expect(look(39, 39, 3)).toEqual(tileVector);
    expect(look(39, 52, 3)).toEqual(regionVector);
    const share = 3 / 13;
    expect(look(39, 42, 3)).toEqual([expect.closeTo(1 - share, 6), expect.closeTo(share, 6), 0]);
    expect(look(39, 71, 3)).toEqual([expect.closeTo(6 / 13, 6), expect.closeTo(7 / 13, 6), 0]);
  });

  it('levels that do not admit the region keep the tiles of all cells, other regions’ too', async () => {
    // Columns of level 3 differ, so that an overridden neighbour would show.
    const tile = (_level: number, col: number): Vector => (col % 2 === 0 ? [1, 0, 0] : [0, 0, 1]);
    // The left region is s = 0.3, the right one s = 0.9, which level 3 does not admit.
    const look = await lookerFor('panoptic+pixels', { main: mapOf([30, 23, 59, 52], [5, 53, 94, 119]), tile });
    // Between the cells at 52 (in the left region) and 65.
    expect(look(39, 58, 3)).toEqual([expect.closeTo(7 / 13, 6), 0, expect.closeTo(6 / 13, 6)]);
    expect(look(39, 52, 3)).toEqual(regionVector);
    expect(look(39, 58, 6)).toEqual(regionVector);
  });

  it('a region that touches every border', async () => {
    const look = await lookerFor('panoptic+pixels', { main: mapOf([0, 0, height - 1, width - 1]) });
    for (const [row, col] of [
      [0, 0],
      [0, width - 1],
      [height - 1, 0],
      [height - 1, width - 1],
    ]) {
      expect(look(row, col, 6)).toEqual(regionVector);
      expect(look(row, col, 5)).toEqual(tileVector);
    }
  });

  it.each([
    'panoptic+within',
    'panoptic+pixels',
    'panoptic+pixels+nested+confident',
    'panoptic+nested+confident+area',
  ] as const)('%s: a photo without regions is LERF', async (prior) => {
    const tile = (level: number, col: number): Vector => [1, level / 8, col / 64];
    const look = await lookerFor(prior, { main: mapOf(), tile });
    const plain = await lookerFor('none', { main: mapOf(), tile });
    for (let i = 0; i < 60; i++) expect(look(i, 2 * i, i % 6, 0.3)).toEqual(plain(i, 2 * i, i % 6, 0.3));
  });

  it('full gives such a photo no targets', async () => {
    const supervision = openSupervision(await pyramidOf(['full'], { main: mapOf() }), 'full');
    expect(supervision.lookupClip(0, 5, 5, 0, 0, new Float32Array(3), 0)).toBe(false);
  });
});

describe('nested', () => {
  const part: Box = [30, 40, 59, 69]; // s = 0.3: levels 2 (0.2) and 3 (0.275)
  const whole: Box = [20, 30, 59, 69]; // s = 0.4: levels 4 (0.35) and 5 (0.425)
  const given: Case = {
    main: mapOf(whole),
    nested: [mapOf(part), mapOf(whole)],
    region: (side) => (side === 30 ? [0, 1, 0] : [0, 0, 1]),
  };

  it('parts at fine levels, wholes at coarse ones', async () => {
    const look = await lookerFor('panoptic+pixels+nested', given);
    expect([0, 1, 2, 3, 4, 5, 6].map((level) => look(45, 50, level).indexOf(1))).toEqual([0, 0, 1, 1, 2, 2, 0]);
    expect([2, 3, 4, 5].map((level) => look(25, 35, level).indexOf(1))).toEqual([0, 0, 2, 2]);
    expect(look(45, 50, 3, 0.5)).toEqual([0, 0.5, 0.5]);
  });

  it('by cell as by pixel, where a cell is', async () => {
    const look = await lookerFor('panoptic+nested', given);
    const rows = [39, 52];
    expect(rows.map((row) => look(row, 52, 3))).toEqual([regionVector, regionVector]);
    // Level 4: side 35, stride 17, columns 0, 17, 34, 51.
    expect([look(34, 34, 4), look(51, 51, 4)]).toEqual([
      [0, 0, 1],
      [0, 0, 1],
    ]);
  });

  it('of two that a level admits, the nearer in log size; the finer one when they are equally near', async () => {
    // Level 2 is 0.2: 0.16 and 0.25 are both 5/4 away; level 1 (0.125) admits only up to 0.22.
    const small: Box = [10, 10, 25, 25];
    const large: Box = [10, 10, 34, 34];
    const region = (side: number): Vector => (side === 16 ? [0, 1, 0] : [0, 0, 1]);
    const nested = [mapOf(small), mapOf(large)];
    const look = await lookerFor('panoptic+pixels+nested', { main: nested[1], nested, region });
    expect([1, 2, 3].map((level) => look(12, 12, level).indexOf(1))).toEqual([1, 1, 2]);
    const turned = await lookerFor('panoptic+pixels+nested', {
      main: nested[1],
      nested: [nested[1], nested[0]],
      region,
    });
    expect([1, 2, 3].map((level) => turned(12, 12, level).indexOf(1))).toEqual([1, 2, 2]);
  });
});

describe('several priors of one pyramid', () => {
  const part: Box = [30, 40, 59, 69];
  const whole: Box = [20, 30, 59, 69];
  const other: Box = [22, 32, 61, 71];
  const region = (side: number): Vector => (side === 30 ? [0, 1, 0] : [0, 0, 1]);
  const priors = ['full', 'panoptic+pixels', 'panoptic+pixels+nested', 'single-scale', 'panoptic'] as const;
  const targets = async (pyramid: Pyramid, prior: Prior) => {
    const supervision = openSupervision(pyramid, prior);
    return Array.from({ length: 200 }, (_, i) => {
      const out = new Float32Array(3);
      const found = supervision.lookupClip(0, (i * 37) % height, (i * 53) % width, i % 6, (i % 7) / 7, out, 0);
      return [found, ...out];
    });
  };

  it.each([
    ['among the nested maps', whole, 1],
    ['none of them', other, 2],
  ])('answer as they do alone when the main map is %s', async (_, main, indices) => {
    const given: Case = { main: mapOf(main), nested: [mapOf(part), mapOf(whole)], region };
    const together = await pyramidOf(priors, given);
    const { plans } = together.photos[0].regions!;
    const used = new Set(priors.flatMap((prior) => plans.get(prior)!.index ?? []));
    expect(used.size).toBe(indices);
    for (const prior of priors)
      expect(await targets(together, prior), prior).toEqual(await targets(await pyramidOf([prior], given), prior));
  });
});

describe('confident', () => {
  // Cosine of a tile with the canonical phrase: 0 in even columns, 0.8 in odd ones; of the region: 0.6.
  const tile = (_level: number, col: number): Vector => (col % 2 === 0 ? [1, 0, 0] : [0.6, 0, 0.8]);
  const region = (): Vector => [0, 0.8, 0.6];
  const given: Case = { main: mapOf(square), tile, region };

  it('a cell gives way only to a region further from the canonical phrases', async () => {
    const look = await lookerFor('panoptic+confident', given);
    // Columns of level 3 in the region: 52 (the 4th, even) and 65 (the 5th, odd).
    expect(look(39, 52, 3)).toEqual(tileVector);
    expect(look(39, 65, 3)).toEqual([0, expect.closeTo(0.8, 3), expect.closeTo(0.6, 3)]);
    expect(look(39, 39, 3)).toEqual([expect.closeTo(0.6, 3), 0, expect.closeTo(0.8, 3)]);
    // A second look-up, after the verdicts are known.
    expect(look(39, 52, 3)).toEqual(tileVector);
  });

  it('a pixel compares with the interpolation of its own level, made a unit vector', async () => {
    const look = await lookerFor('panoptic+pixels+confident', given);
    // Between column 4 and 5, at fraction f: ((1 - f) + 0.6 f, 0, 0.8 f), cosine 0.8 f / length: above 0.6 from
    // 0.8 f > 0.75 (1 - 0.4 f), that is f > 0.6818: 8.86 of 13 pixels.
    for (let col = 52; col <= 65; col++) {
      const isRegion = look(39, col, 3)[1] > 0.7;
      expect(isRegion, `column ${col}`).toBe(col >= 61);
    }
    expect(look(39, 60, 3)).toEqual([expect.closeTo(1 - (0.4 * 8) / 13, 3), 0, expect.closeTo((0.8 * 8) / 13, 3)]);
  });

  it('equally specific: the tile stays; and the largest cosine of all phrases counts', async () => {
    const same = await lookerFor('panoptic+pixels+confident', { main: mapOf(square), canonical: [0.6, 0.6, 0.5] });
    expect(same(45, 50, 3)).toEqual(tileVector);
    const pyramid = await pyramidOf(['panoptic+pixels+confident'], { main: mapOf(square) });
    // Tile: cosines 0.5 and 0; region: 0 and 0.9.
    pyramid.canonical = Float32Array.of(0.5, 0, 0.87, 0, 0.9, 0.44);
    const supervision = openSupervision(pyramid, 'panoptic+pixels+confident');
    const out = new Float32Array(3);
    supervision.lookupClip(0, 45, 50, 3, 0, out, 0);
    expect(Array.from(out)).toEqual(tileVector);
    pyramid.canonical = Float32Array.of(0.95, 0, 0.3, 0, 0.9, 0.44);
    openSupervision(pyramid, 'panoptic+pixels+confident').lookupClip(0, 45, 50, 3, 0, out, 0);
    expect(Array.from(out)).toEqual(regionVector);
  });

  it('with nested maps, the region is chosen first and compared then', async () => {
    const small: Box = [10, 10, 25, 25];
    const large: Box = [10, 10, 33, 33];
    // At level 2 (0.2) the larger one, 0.24, is nearer than 0.16, but says less than the tiles.
    const look = await lookerFor('panoptic+pixels+nested+confident', {
      main: mapOf(large),
      nested: [mapOf(small), mapOf(large)],
      region: (side) => (side === 16 ? [0, 1, 0] : [0, 0, 1]),
      tile: () => [0.8, 0, 0.6],
    });
    expect(look(12, 12, 2)).toEqual([expect.closeTo(0.8, 3), 0, expect.closeTo(0.6, 3)]);
    expect(look(12, 12, 1)).toEqual(regionVector);
  });
});

describe('area', () => {
  it('mixes tile and region by the share of the tile that is covered', async () => {
    const look = await lookerFor('panoptic+area', { main: mapOf(square) });
    const level = geometry.levels[3];
    // The tile at (52, 52): rows and columns 39 … 65 of the region's rows 30 … 59 and columns 40 … 69.
    const centre = cellCentre(level, 4);
    expect(centre).toBe(52);
    const share = (21 * 26) / 27 ** 2;
    const length = Math.hypot(1 - share, share);
    const expected = [expect.closeTo((1 - share) / length, 3), expect.closeTo(share / length, 3), 0];
    expect(look(52, 52, 3)).toEqual(expected);
    expect(look(52, 52, 3)).toEqual(expected);
    expect(look(39, 39, 3)).toEqual(tileVector);
  });

  it('after the comparison of confident', async () => {
    const look = await lookerFor('panoptic+confident+area', { main: mapOf(square), canonical: [0, 1, 0] });
    expect(look(52, 52, 3)).toEqual(tileVector);
  });
});

it('context takes another tile of the same region', async () => {
  // 30 rows and 10 columns: with zeros the window is the box, with context the whole square.
  const pyramid = await pyramidOf(['panoptic', 'panoptic+context'], { main: mapOf([30, 40, 59, 49]) });
  const plans = pyramid.photos[0].regions!.plans;
  expect(plans.get('panoptic')!.squares).toEqual(['30 30 30 30 40 59 49 0 0']);
  expect(plans.get('panoptic+context')!.squares).toEqual(['30 30 30 30 30 59 59 0 0']);
  expect(pyramid.photos[0].regions!.rows.size).toBe(2);
});
