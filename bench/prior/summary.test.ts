import { describe, expect, it } from 'vitest';
import type { Prior } from '../../src/pyramid/prior.ts';
import { columnsOf, compare, phraseChanges, resultsOf } from './compare.ts';
import { headlinesOf } from './report.ts';
import type { FieldResult, PairResult } from './results.ts';
import { reportSections } from './sections.ts';
import { summarise } from './summary.ts';
import { tileSections } from './tile-section.ts';
import { maskOfParts, relevancyMeans } from './truth.ts';

function pairOf(phrase: string, dRelevancy: number, more: Partial<PairResult> = {}): PairResult {
  const kind = phrase.includes('handle') ? 'part' : 'thing';
  const scores = { ratioAcc: 2, recall: 1, localisation: 1, peakInside: 1, maxRelevancy: 0.9 };
  const means = { inside: 0.8, ownerRest: kind === 'part' ? 0.4 : null, elsewhere: 0.3 };
  return { phrase, kind, view: 'novel-00', area: 0.1, scale: 0.5, dRelevancy, ...scores, ...means, ...more };
}

function resultOf(scene: string, seed: number, prior: Prior, pairs: PairResult[]): FieldResult {
  const regions = prior === 'none' ? null : 'builtin';
  return { scene, seed, prior, regions, pairs, seconds: { training: 1, evaluation: 1 } };
}

/** Two scenes with two seeds: D of a mug and its handle. */
const results: FieldResult[] = [
  resultOf('tea', 1, 'none', [pairOf('mug', 0.2), pairOf('mug handle', 0.1, { recall: 0 })]),
  resultOf('tea', 2, 'none', [pairOf('mug', 0.3), pairOf('mug handle', 0.2, { recall: 0 })]),
  resultOf('shelf', 1, 'none', [pairOf('mug', 0.5)]),
  resultOf('shelf', 2, 'none', [pairOf('mug', 0.7)]),
  resultOf('tea', 1, 'panoptic', [pairOf('mug', 0.1), pairOf('mug handle', 0.2, { ratioAcc: null })]),
  resultOf('tea', 2, 'panoptic', [pairOf('mug', 0.2), pairOf('mug handle', 0.2)]),
  resultOf('shelf', 1, 'panoptic', [pairOf('mug', 0.4), pairOf('never labelled before', 9)]),
  resultOf('shelf', 2, 'panoptic', [pairOf('mug', 0.4)]),
];
const columns = columnsOf(results, ['full', 'panoptic', 'none'], ['builtin', 'exact']);
const [lerf, ours] = summarise(results, columns);

describe('the summary', () => {
  it('has a column for every field that was measured, LERF first', () => {
    expect(columns).toEqual([
      { prior: 'none', regions: null },
      { prior: 'panoptic', regions: 'builtin' },
    ]);
  });

  it('averages over pairs, then scenes, then seeds', () => {
    expect(lerf.scenes.tea.dRelevancy.mean).toBeCloseTo(0.2, 12);
    expect(lerf.scenes.tea.dRelevancy.spread).toBeCloseTo(Math.sqrt(2) * 0.05, 12);
    // Seed 1: (0.15 + 0.5) / 2; seed 2: (0.25 + 0.7) / 2.
    expect(lerf.all.dRelevancy.mean).toBeCloseTo(0.4, 12);
    expect(lerf.all.dRelevancy.spread).toBeCloseTo(0.15 / Math.sqrt(2), 12);
    expect(lerf.all.recall.mean).toBeCloseTo(0.75, 12);
    expect([lerf.units, lerf.pairs]).toEqual([4, 6]);
  });

  it('compares the same pairs on both sides', () => {
    const before = (0.2 + 0.6) / 2;
    const after = (0.175 + 0.4) / 2;
    expect(ours.changes.dRelevancy.scenes).toBeCloseTo(after / before - 1, 12);
    expect(ours.changes.dRelevancy.pairs).toBeCloseTo(1.5 / 2 - 1, 12);
    expect(ours.changes.recall.pairs).toBeCloseTo(2 / 6, 12);
    expect(ours.better).toBeCloseTo(4 / 6, 12);
    // Seed 1: (0.15 + 0.4) against (0.15 + 0.5); seed 2: (0.2 + 0.4) against (0.25 + 0.7).
    expect(ours.all.dRelevancy.changePerSeed.mean).toBeCloseTo((0.55 / 0.65 + 0.6 / 0.95) / 2 - 1, 12);
    expect(lerf.changes.dRelevancy).toEqual({ scenes: 0, pairs: 0, pairInterval: [0, 0], unitInterval: [0, 0] });
  });

  it('leaves a scene that lacks a seed out of the spread over seeds, not out of its own row', () => {
    const [partial] = summarise(
      results.filter(({ scene, seed }) => scene !== 'shelf' || seed !== 2),
      columns,
    );
    expect(partial.all.dRelevancy).toMatchObject({ count: 1, spread: Number.NaN });
    expect(partial.scenes.tea.dRelevancy.count).toBe(2);
  });

  it('tells things from parts, and how far the owner of a part lights up', () => {
    expect(ours.kinds.part?.scores.dRelevancy).toBeCloseTo(0.2, 12);
    expect(ours.kinds.part?.changes.dRelevancy.pairs).toBeCloseTo(0.4 / 0.3 - 1, 12);
    expect(ours.kinds.part?.ownerRest).toBeCloseTo(0.4, 12);
    expect(ours.kinds.thing?.ownerRest).toBeNaN();
  });

  it('tells what is found from what is not', () => {
    const [summary] = summarise(
      [
        resultOf('tea', 1, 'none', [
          pairOf('mug', 0.1),
          pairOf('plate', 0.1, { maxRelevancy: 0.6, localisation: 0, recall: 0 }),
          pairOf('spoon', 0.1, { maxRelevancy: 0.5, localisation: 0, recall: 0 }),
          pairOf('jug', 0.1),
        ]),
      ],
      columns,
    );
    const thing = summary.kinds.thing!;
    expect(thing.scores.localisation).toBeCloseTo(0.5, 12);
    expect(thing.found).toEqual({ share: 0.75, localisation: 2 / 3, recall: 2 / 3 });
  });

  it('lists the greatest harm first', () => {
    const changes = phraseChanges(compare(resultsOf(results, columns[0]), resultsOf(results, columns[1])));
    expect(changes.map(({ scene, phrase }) => `${scene} ${phrase}`)).toEqual([
      'tea mug handle',
      'tea mug',
      'shelf mug',
    ]);
    expect(changes[0]).toMatchObject({ pairs: 2, area: 0.1, scaleBefore: 0.5 });
    expect(changes[0].after - changes[0].before).toBeCloseTo(0.05, 12);
  });

  it('prints every table, and hands the targets out', () => {
    const photos = [{ scene: 'tea', seed: 1, psnr: 25, ssim: 0.8, seconds: { capture: 1, radiance: 1 } }];
    const sections = reportSections([lerf, ours], results, photos);
    const table2 = sections.find(({ title }) => title.startsWith('Table 2'))!;
    expect(table2.rows[0]).toEqual(['tea', '0.1000', '0.2500', '0.2000 ± 0.0707', '0.1750 ± 0.0354 (−12.5 %)']);
    expect(sections.map(({ title }) => title)).toContain('Where the prior hurts: builtin panoptic');
    expect(headlinesOf([lerf, ours])).toMatchObject({ recallLerf: 0.75, recallBuiltin: 1, meanReductionExact: null });
    expect(headlinesOf([lerf, ours]).meanReductionBuiltin).toBeCloseTo(0.28125, 12);
  });
});

describe('truth about parts', () => {
  it('finds the pixels of a thing at another size, and means on part, rest of the owner, and elsewhere', () => {
    const map = { width: 4, height: 2, channels: 1 as const, data: Uint16Array.of(1, 1, 2, 2, 3, 3, 300, 300) };
    expect([...maskOfParts(map, new Set([2, 300]), 2, 2)]).toEqual([0, 1, 0, 1]);
    const means = relevancyMeans([0.9, 0.5, 0.2, 0.4], Uint8Array.of(1, 0, 0, 0), Uint8Array.of(1, 1, 0, 0));
    expect(means.inside).toBeCloseTo(0.9, 12);
    expect(means.ownerRest).toBeCloseTo(0.5, 12);
    expect(means.elsewhere).toBeCloseTo(0.3, 12);
    expect(relevancyMeans([1, 0], Uint8Array.of(1, 0)).ownerRest).toBeNull();
  });
});

describe('fewer tiles', () => {
  const coarse = results
    .filter(({ scene }) => scene === 'tea')
    .map((result): FieldResult => {
      const pairs = result.pairs.map((pair) => ({ ...pair, dRelevancy: pair.dRelevancy * 1.1, recall: 0 }));
      return { ...result, tiles: 'coarse', pairs };
    });

  it('are compared with all of them, in the same views, and have no place in the other tables', () => {
    const [section] = tileSections([...results, ...coarse], ['panoptic'], ['full', 'coarse'], {
      width: 994,
      height: 738,
    });
    const [none, panoptic] = section.rows;
    // 192 of 1219 tiles.
    expect(none.slice(0, 4)).toEqual(['none', 'coarse', '16 %', '2']);
    expect(none.slice(4, 7)).toEqual(['0.2000', '0.2200', '+10.0 %']);
    expect([panoptic[0], panoptic[6]]).toEqual(['builtin panoptic', '+10.0 %']);
    expect(tileSections(results, ['panoptic'], ['full', 'coarse'], { width: 240, height: 180 })).toEqual([]);
  });
});
