import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { randomUniform } from '../../math/random.ts';
import { gramMatrix, renderHidden } from '../language-rendering/factored.ts';
import { renderEmbeddings } from '../language-rendering/language-rendering.ts';
import { linear } from '../mlp/mlp.ts';
import { chooseScales, factoredRelevancy, projectTexts, relevancy } from './relevancy.ts';

const random = (length: number, stream: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => 2 * randomUniform(3, stream, index) - 1);

describe('relevancy', () => {
  it.skipIf(!hasShared)('has the recorded values (08-lerf-relevancy)', () => {
    const { arrays } = readVectors('08-lerf-relevancy');
    const scores = relevancy(24, arrays.embed.data, arrays.pos.data, arrays.neg.data);
    for (let phrase = 0; phrase < 3; phrase++)
      for (let ray = 0; ray < 48; ray++)
        expect(scores[phrase * 48 + ray]).toBeCloseTo(arrays[`relevancy_${phrase}`].data[ray * 2], 5);
  });

  it('is the golden number of spec §6.3', () => {
    const [score] = relevancy(3, [1, 0, 0], [0.28, 1, 0], [0.2, 0, 1, 0.24, 1, 0]);
    expect(score).toBeCloseTo(0.5987, 4);
  });

  it('is the same in the hidden space of the head (A6)', () => {
    const shape = { rays: 5, samples: 3, width: 4, dim: 10 };
    const hidden = random(60, 1).map((value) => Math.max(value, 0));
    hidden.fill(0, 12, 24);
    const weights = random(15, 2).map(Math.abs);
    const lastWeight = random(40, 3);
    const positives = random(20, 4);
    const negatives = random(30, 5);
    const raw = linear({ inputs: 4, outputs: 10, weight: lastWeight }, hidden);
    const direct = relevancy(10, renderEmbeddings(shape, raw, weights), positives, negatives);
    const rendering = renderHidden(shape, hidden, weights, gramMatrix(lastWeight, 4));
    const factored = factoredRelevancy(
      4,
      rendering.hidden,
      rendering.norms,
      projectTexts(10, lastWeight, positives),
      projectTexts(10, lastWeight, negatives),
    );
    direct.forEach((score, i) => {
      expect(factored[i]).toBeCloseTo(score, 12);
    });
    expect(factored[1]).toBe(0.5);
  });
});

describe('scale choice', () => {
  it('takes the scale of the hottest ray per phrase, the first among equals', () => {
    // [3 scales, 2 phrases, 2 rays]
    const maps = [0.5, 0.6, 0.1, 0.2, 0.9, 0.1, 0.3, 0.1, 0.8, 0.9, 0.3, Number.NaN];
    expect(chooseScales(maps, 3, 2)).toEqual([
      { index: 1, peak: 0.9 },
      { index: 1, peak: 0.3 },
    ]);
  });
});
