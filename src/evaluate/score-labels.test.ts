import { describe, expect, it } from 'vitest';
import { analyticEngine } from '../../test/analytic-engine.ts';
import type { RunPhoto } from '../field/run.ts';
import { pixelRay } from '../math/rays.ts';
import { resizeCamera, viewCamera } from '../math/views.ts';
import { silentProgress } from '../platform/platform.ts';
import { choosePhrases } from './label-phrases.ts';
import type { LabelView } from './labels/labels.ts';
import { evaluationReport, reportTables } from './report.ts';
import { type LabelSettings, scoreLabels } from './score-labels.ts';
import { scorePhotos } from './score-photos.ts';

/** 40 × 30 photos; "fox" fills the left half, "cup" a 4 × 3 patch in one view, "dust" less than a pixel. */
const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 40, 30, 60);
const photo = (name: string, split: RunPhoto['split']): RunPhoto => ({ name, path: name, split, camera });
const rectangle = (x0: number, y0: number, x1: number, y1: number) => ({
  shape: {
    kind: 'polygon' as const,
    polygon: [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ] as [number, number][],
  },
  box: [x0, y0, x1, y1] as const,
});
const label = (image: string, categories: [string, ReturnType<typeof rectangle>[]][]): LabelView => ({
  image,
  file: `${image}.json`,
  width: 80,
  height: 60,
  categories: new Map(categories),
});
const pairs = [
  {
    photo: photo('a.jpg', 'train'),
    label: label('a.jpg', [
      ['fox', [rectangle(0, 0, 40, 60)]],
      ['cup', [rectangle(60, 20, 68, 26)]],
      ['dust', [rectangle(1.2, 1.2, 1.4, 1.4)]],
    ]),
  },
  { photo: photo('b.jpg', 'test'), label: label('b.jpg', [['fox', [rectangle(0, 0, 40, 60)]]]) },
];

/** The engine sees the fox where it is labelled: 0.8 left, 0.2 right in field 0; 0.4 everywhere in field 1. */
const engine = analyticEngine({
  languages: ['panoptic', 'none'],
  depth: 1,
  relevancy: ({ direction, phrase, field }) => {
    if (field === 1) return 0.4;
    const left = direction[0] < 0;
    return phrase[0] === 1 ? (left ? 0.8 : 0.2) : 0.4;
  },
  colour: (direction) => [direction[0] < 0 ? 0.25 : 0.75, 0.5, 0.5],
});
const texts = {
  phrases: ['fox', 'cup', 'dust'],
  positives: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  negatives: new Float32Array(3),
};
const settings: LabelSettings = { rule: 'highlighted', transform: 'raw', longSide: 40 };
const score = (more: Partial<LabelSettings> = {}, progress = silentProgress) =>
  scoreLabels(engine, pairs, texts, [0, 1], { ...settings, ...more }, progress, async () => {});

describe('scores against labels', () => {
  it('are what the maps and the masks say', async () => {
    const scores = await score();
    const fox = scores.find(
      ({ field, phrase, photo }) => field === 'panoptic' && phrase === 'fox' && photo === 'a.jpg',
    )!;
    expect(fox.area).toBeCloseTo(0.5, 12);
    expect(fox.dRelevancy).toBeCloseTo(0.04, 6);
    expect(fox.ratioAcc).toBeCloseTo(4, 4);
    expect([fox.recall, fox.localisation, fox.split, fox.width, fox.height]).toEqual([1, 1, 'train', 40, 30]);
    const cup = scores.find(({ field, phrase }) => field === 'panoptic' && phrase === 'cup')!;
    const area = 12 / 1200;
    expect(cup.area).toBeCloseTo(area, 12);
    expect(cup.dRelevancy).toBeCloseTo(area * 0.36 + (1 - area) * 0.16, 6);
    expect([cup.recall, cup.localisation]).toEqual([0, 0]);
    expect(cup.ratioAcc).toBeCloseTo(1, 5);
  });

  it('come with the trivial maps, by the identities of the specification', async () => {
    const scores = await score();
    const d = (field: string, phrase: string) =>
      scores.find((s) => s.field === field && s.phrase === phrase)!.dRelevancy;
    expect(d('zeros', 'cup')).toBeCloseTo(0.01, 12);
    expect(d('halves', 'cup')).toBeCloseTo(0.25, 12);
    expect(d('ones', 'cup')).toBeCloseTo(0.99, 12);
    expect(scores.filter(({ field }) => field === 'halves')).toHaveLength(3);
  });

  it('leave out objects that cover no pixel, with a warning', async () => {
    const warnings: string[] = [];
    const scores = await score({}, { ...silentProgress, warn: (line) => void warnings.push(line) });
    expect(scores.some(({ phrase }) => phrase === 'dust')).toBe(false);
    expect(warnings).toEqual(['"dust" covers no pixel of a.jpg at 40×30; it is left out there']);
  });

  it('follow the transform and the size that are asked for', async () => {
    const clipped = await score({ transform: 'clip05' });
    const fox = clipped.find(({ field, phrase }) => field === 'panoptic' && phrase === 'fox')!;
    expect(fox.dRelevancy).toBeCloseTo(0.02, 6);
    expect(fox.recall).toBe(1);
    const halves = clipped.find(({ field }) => field === 'halves')!;
    expect(halves.dRelevancy).toBeCloseTo(0.25, 12);
    const small = await score({ size: { width: 20, height: 15 } });
    expect([small[0].width, small[0].height]).toEqual([20, 15]);
    await expect(score({ size: { width: 20, height: 20 } })).rejects.toThrow(/a\.jpg\.json.*found 20×20/);
  });

  it('hand every view out while its maps are there', async () => {
    const seen: string[] = [];
    await scoreLabels(engine, pairs, texts, [0], settings, silentProgress, async ({ pair, answer, masks }) => {
      seen.push(`${pair.photo.name} ${answer.fields[0].phrases.length} ${[...masks.keys()].join('+')}`);
    });
    expect(seen).toEqual(['a.jpg 2 fox+cup', 'b.jpg 1 fox']);
  });
});

describe('the report', () => {
  it('averages over pairs, per phrase and field, and puts the first field at the top', async () => {
    const report = evaluationReport([], await score(), { recallRule: 'highlighted', map: 'raw', labels: 'labels' });
    expect(Object.keys(report.fields)).toEqual(['panoptic', 'none']);
    expect(report.phrases.fox).toMatchObject({ pairs: 2, recall: 1, localisation: 1 });
    expect(report.phrases.fox.dRelevancy).toBeCloseTo(0.04, 6);
    // Two foxes and one cup, each a pair: not the mean of the phrases' means.
    expect(report.recall).toBeCloseTo(2 / 3, 12);
    expect(report.dRelevancy).toBeCloseTo((0.04 + 0.04 + 0.162) / 3, 6);
    expect(report.fields.none.dRelevancy).toBeCloseTo((0.26 + 0.26 + 0.162) / 3, 6);
    expect(report.baselines.zeros.ratioAcc).toBeNull();
    expect(report.baselines.halves).toMatchObject({ recall: 0, pairs: 3 });
    expect(report.psnr).toBeNull();
    expect(JSON.parse(JSON.stringify(report)).pairs).toHaveLength(6);
  });

  it('prints tables that say which split, rule and map the numbers come from', async () => {
    const report = evaluationReport([], await score(), { recallRule: 'range', map: 'clip05' });
    const text = reportTables(report).join('\n');
    expect(text).toMatch(/b\.jpg +held out +fox +panoptic/);
    expect(text).toMatch(/a\.jpg +trained +cup +none/);
    expect(text).toMatch(/all 0\.5 +baseline +3 +0\.2500/);
    expect(text).toContain('Recall rule "range"');
    expect(text).toContain('0 below 0.5');
    expect(reportTables(report, 'markdown').some((line) => line.startsWith('| field'))).toBe(true);
  });

  it('refuses phrases without labels and lists those with', () => {
    const views = pairs.map(({ label: view }) => view);
    expect(choosePhrases(views, undefined)).toEqual(['fox', 'cup', 'dust']);
    expect(choosePhrases(views, ['cup'])).toEqual(['cup']);
    expect(() => choosePhrases(views, ['cup', 'wolf'])).toThrow(/found wolf; expected fox; cup; dust/);
  });
});

describe('scores of photos', () => {
  it('compare a rendering at the size of the target with it', async () => {
    const target = async () => {
      const rgb = new Float32Array(3 * 20 * 15);
      for (let pixel = 0; pixel < 300; pixel++) rgb.set([pixel % 20 < 10 ? 0.25 : 0.75, 0.5, 0.4], 3 * pixel);
      return { camera: resizeCamera(camera, 20, 15), rgb };
    };
    const [exact] = await scorePhotos(engine, [pairs[1].photo], target, silentProgress);
    // Only blue differs, by 0.1.
    expect(exact.psnr).toBeCloseTo(10 * Math.log10(3 / 0.01), 4);
    expect(exact.ssim).toBeGreaterThan(0.9);
    expect(exact.ssim).toBeLessThan(1);
    expect([exact.width, exact.height, exact.photo]).toEqual([20, 15, 'b.jpg']);
  });

  it('see the pixel centres of the photo: the left half is left', () => {
    expect(pixelRay(camera, 3, 19).direction[0]).toBeLessThan(0);
    expect(pixelRay(camera, 3, 20).direction[0]).toBeGreaterThan(0);
  });
});
