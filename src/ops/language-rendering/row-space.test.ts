/**
 * Gates: relevancy in the row space of the last layer against the direct form in float64, for layers wider and narrower
 * than the embedding, rank-deficient and badly conditioned: 1e-9 (1e-6 at condition 1e8, where rounding of W itself
 * counts as much).
 */
import { describe, expect, it } from 'vitest';
import { largestDifference, normals } from '../../../test/numbers.ts';
import { relevancy } from '../relevancy/relevancy.ts';
import { linear } from '../mlp/mlp.ts';
import { renderEmbeddings } from './language-rendering.ts';
import { reduceTexts, rowSpace } from './row-space.ts';

const [rays, samples] = [5, 3];

function relevancyOf(weight: ArrayLike<number>, width: number, texts: ArrayLike<number>, hidden: Float32Array) {
  const dim = weight.length / width;
  const weights = normals(3, rays * samples).map(Math.abs);
  const raw = linear({ inputs: width, outputs: dim, weight }, hidden);
  const embeddings = renderEmbeddings({ rays, samples, dim }, raw, weights);
  const all = Array.from(texts);
  return relevancy(dim, embeddings, all.slice(0, 2 * dim), all.slice(2 * dim));
}

function difference(weight: Float64Array, width: number): number {
  const dim = weight.length / width;
  const [texts, hidden] = [normals(1, 5 * dim), normals(2, rays * samples * width)];
  const space = rowSpace(weight, width);
  const direct = relevancyOf(weight, width, texts, hidden);
  return largestDifference(relevancyOf(space.reduced, width, reduceTexts(space, texts, dim), hidden), direct);
}

describe('row space of the last layer', () => {
  for (const [width, dim] of [
    [12, 30],
    [30, 12],
    [1, 1],
    [8, 8],
  ])
    it(`gives the relevancy of a ${width} × ${dim} layer`, () => {
      expect(rowSpace(Float64Array.from(normals(4, width * dim)), width).rank).toBe(Math.min(width, dim));
      expect(difference(Float64Array.from(normals(4, width * dim)), width)).toBeLessThan(1e-9);
    });

  it('leaves out directions that a layer has not', () => {
    const [width, dim] = [9, 20];
    const few = normals(5, 4 * dim);
    const mix = normals(6, width * 4);
    const weight = Float64Array.from(linear({ inputs: 4, outputs: dim, weight: few }, mix));
    expect(rowSpace(weight, width).rank).toBe(4);
    expect(difference(weight, width)).toBeLessThan(1e-9);
    expect(rowSpace(new Float64Array(width * dim), width).rank).toBe(0);
  });

  it('stands a bad condition', () => {
    const [width, dim] = [9, 20];
    const weight = Float64Array.from(normals(7, width * dim), (v, i) => v * 10 ** -(Math.floor(i / dim) % 9));
    expect(difference(weight, width)).toBeLessThan(1e-6);
  });
});
