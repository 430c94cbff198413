/** What is drawn in the page scores there as it does after it was saved, read back and evaluated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyticEngine } from '../../test/analytic-engine.ts';
import { labelMask } from '../evaluate/labels/labels.ts';
import { matchLabels, readLabels } from '../evaluate/labels/read-labels.ts';
import { type PairScore, scoreLabels } from '../evaluate/score-labels.ts';
import { resizeCamera, viewCamera } from '../math/views.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { answerView } from '../query/answer-view.ts';
import {
  clampCorner,
  cornerPixels,
  type DrawnPolygon,
  fitsFileName,
  labelledName,
  labelViewOf,
  lerfOvsFile,
  phraseMaskPicture,
  scoreLabel,
  stemOf,
} from './labelling.ts';

const { files, images } = nodePlatform();
const folder = mkdtempSync(join(tmpdir(), 'langfield-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pose = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
const photo = { name: 'images/a.jpg', path: 'a.jpg', split: 'train', camera: viewCamera(pose, 160, 90, 60) } as const;
const size = { width: 32, height: 18 };
const fox = 'red fox, seated';
const drawn: DrawnPolygon[] = [
  {
    phrase: fox,
    corners: [
      [-0.61, -0.3],
      [0.013, -0.41],
      [-0.2, 0.37],
    ],
  },
  {
    phrase: fox,
    corners: [
      [0.3, 0.1],
      [0.7, 0.12],
      [0.66, 0.44],
      [0.31, 0.4],
    ],
  },
  {
    phrase: 'cup',
    corners: [
      [0.5, -0.4],
      [0.8, -0.4],
      [0.8, -0.1],
    ],
  },
];

/** Smooth, different everywhere, and best at one scale. */
const engine = analyticEngine({
  languages: ['panoptic', 'none'],
  depth: 1,
  relevancy: ({ direction: [x, y], phrase, scale, field }) =>
    0.5 + 0.3 * Math.sin(5 * x + 3 * phrase[0] + field) * Math.cos(7 * y) - 0.1 * Math.abs(scale - 0.5),
});
const texts = { phrases: [fox, 'cup'], positives: Float32Array.of(1, 0, 0, 0, 1, 0), negatives: new Float32Array(3) };

async function evaluated(labels: string): Promise<PairScore[]> {
  const { views } = await readLabels(files, images, labels);
  const settings = { rule: 'highlighted', transform: 'raw', size, longSide: 320 } as const;
  return scoreLabels(
    engine,
    matchLabels(views, [photo], labels),
    texts,
    [0, 1],
    settings,
    silentProgress,
    async () => {},
  );
}

async function expectSameScores(scores: readonly PairScore[]): Promise<void> {
  const view = labelViewOf('a.jpg', drawn, photo.camera);
  const answer = await answerView(engine, resizeCamera(photo.camera, size.width, size.height), texts, [0, 1]);
  for (const { field, phrases } of answer.fields)
    for (const { phrase, relevancy } of phrases) {
      const shown = scoreLabel(view, phrase, relevancy, size)!;
      const score = scores.find((each) => each.field === field && each.phrase === phrase)!;
      expect(shown.dRelevancy).toBe(score.dRelevancy);
      expect(shown.ratioAcc).toBe(score.ratioAcc);
      expect(shown.recalled).toBe(score.recall === 1);
      expect(shown.area).toBe(score.area);
      expect(scores.find((each) => each.field === 'zeros' && each.phrase === phrase)!.dRelevancy).toBe(shown.area);
    }
}

describe('labels drawn in the page', () => {
  it('have the scores of the evaluation, through LERF-OVS JSON', async () => {
    const labels = join(folder, 'json');
    const view = labelViewOf('a.jpg', drawn, photo.camera);
    await files.writeAtomic(join(labels, `${stemOf(view.image)}.json`), lerfOvsFile(view));
    const [read] = (await readLabels(files, images, labels)).views;
    expect([read.image, read.width, read.height]).toEqual(['a.jpg', 160, 90]);
    expect(read.categories).toEqual(view.categories);
    expect(read.categories.get(fox)).toHaveLength(2);
    await expectSameScores(await evaluated(labels));
  });

  it('come back as the same masks through a LERF-Mask tree', async () => {
    const labels = join(folder, 'masks');
    const view = labelViewOf('a.jpg', drawn, photo.camera);
    for (const phrase of texts.phrases)
      await files.writeAtomic(
        join(labels, 'a', `${phrase}.png`),
        await images.encodePng(phraseMaskPicture(view, phrase)),
      );
    const [read] = (await readLabels(files, images, labels)).views;
    for (const phrase of texts.phrases) {
      const mask = labelMask(view, phrase, 160, 90);
      expect(mask.includes(1)).toBe(true);
      expect(labelMask(read, phrase, 160, 90)).toEqual(mask);
    }
    expect(await evaluated(labels)).toHaveLength((2 + 3) * 2);
  });

  it('lie at the same place at every size, and never outside the picture', () => {
    expect(cornerPixels([-0.5, 0.25], { width: 200, height: 100 })).toEqual([50, 75]);
    expect(cornerPixels([-0.5, 0.25], { width: 400, height: 200 })).toEqual([100, 150]);
    expect(cornerPixels([0, 0], { width: 300, height: 100 })).toEqual([150, 50]);
    expect(clampCorner([3, -2], { width: 200, height: 100 })).toEqual([1, -0.5]);
    expect(clampCorner([0.2, 0.1], { width: 200, height: 100 })).toEqual([0.2, 0.1]);
  });

  it('have no score when they cover no pixel', () => {
    const speck: DrawnPolygon = {
      phrase: 'dust',
      corners: [
        [0, 0],
        [0.001, 0],
        [0, 0.001],
      ],
    };
    const view = labelViewOf('a.jpg', [speck], photo.camera);
    expect(scoreLabel(view, 'dust', new Float32Array(size.width * size.height), size)).toBeUndefined();
    expect(scoreLabel(view, 'nobody drew this', new Float32Array(size.width * size.height), size)).toBeUndefined();
  });

  it('are named like the photo, and only by names that a file can have', () => {
    expect(labelledName('images/a.jpg', ['images/a.jpg', 'images/b.jpg'])).toBe('a.jpg');
    expect(labelledName('left/a.jpg', ['left/a.jpg', 'right/a.jpg'])).toBe('left/a.jpg');
    expect(stemOf('left/frame.0001.jpg')).toBe('frame.0001');
    expect(['teddy bear', 'fox ear', '熊'].every(fitsFileName)).toBe(true);
    expect(['and/or', 'what?', '..', 'a\nb'].some(fitsFileName)).toBe(false);
  });
});
