/** The coarse choice of scale against the exhaustive one, on maps whose peaks are wide, narrow, tied, NaN or absent. */
import { describe, expect, it } from 'vitest';
import { chooseScales } from '../ops/relevancy/relevancy.ts';
import {
  chooseScalesCoarsely,
  coarseIsCheaper,
  scaleAgreement,
  scalePeaks,
  type SweepPixels,
} from './coarse-scales.ts';

const grid = { width: 37, height: 22 };
const scales = 5;

interface Bump {
  scale: number;
  row: number;
  col: number;
  radius: number;
  height: number;
}

/** Relevancy of one phrase: the highest of its bumps, 0.1 elsewhere. */
const relevancyOf = (bumps: readonly Bump[], scale: number, pixel: number): number =>
  bumps
    .filter((bump) => bump.scale === scale)
    .map(({ row, col, radius, height }) => {
      const distance = Math.hypot(Math.floor(pixel / grid.width) - row, (pixel % grid.width) - col);
      return height * Math.exp(-((distance / radius) ** 2));
    })
    .reduce((best, value) => Math.max(best, value), 0.1);

function sweepOf(phrases: readonly (readonly Bump[])[], asked: number[] = []): SweepPixels {
  return async (pixels) => {
    asked.push(pixels.length);
    return Float32Array.from({ length: scales * phrases.length * pixels.length }, (_, i) => {
      const map = Math.floor(i / pixels.length);
      return relevancyOf(phrases[map % phrases.length], Math.floor(map / phrases.length), pixels[i % pixels.length]);
    });
  };
}

async function exhaustive(phrases: readonly (readonly Bump[])[]) {
  const maps = await sweepOf(phrases)(Uint32Array.from({ length: grid.width * grid.height }, (_, i) => i));
  return { peaks: scalePeaks(maps, scales, phrases.length), choices: chooseScales(maps, scales, phrases.length) };
}

/** At scale 3 the higher peak lies between the rays of the grid; scale 1 has a lower one on a ray. */
const misleading: Bump[] = [
  { scale: 1, row: 10, col: 10, radius: 3, height: 0.8 },
  { scale: 3, row: 12.5, col: 20.5, radius: 2.2, height: 0.95 },
];
const plain: Bump[] = [{ scale: 2, row: 5, col: 30, radius: 6, height: 0.7 }];

it('pays for a few phrases in a view of some size', () => {
  const cheaper = (width: number, phrases: number) => coarseIsCheaper({ width, height: (3 * width) / 4 }, 30, phrases);
  expect([1, 4, 8].map((phrases) => cheaper(320, phrases))).toEqual([true, true, true]);
  expect([20, 60].map((phrases) => cheaper(320, phrases))).toEqual([false, false]);
  expect([32, 64].map((width) => cheaper(width, 1))).toEqual([false, true]);
});

describe('coarse choice of scale', () => {
  it('finds what every pixel would have chosen, with a fraction of the rays', async () => {
    const phrases = [misleading, plain];
    const asked: number[] = [];
    const choices = await chooseScalesCoarsely(grid, sweepOf(phrases, asked), scales, 2, { candidates: 6 });
    const all = await exhaustive(phrases);
    expect(choices.map(({ index }) => index)).toEqual(all.choices.map(({ index }) => index));
    expect(choices[0].coarseIndex).toBe(1);
    expect(choices[0].index).toBe(3);
    expect(asked[0]).toBe(10 * 6);
    expect(asked[0] + asked[1]).toBeLessThan((grid.width * grid.height) / 2);
    const agreement = scaleAgreement(choices, all.peaks);
    expect(agreement).toEqual({ phrases: 2, differing: 0, coarseDiffering: 1, largestLoss: 0 });
    for (const [phrase, { index, peak }] of choices.entries()) expect(peak).toBe(all.peaks[index * 2 + phrase]);
  });

  it('says when it was wrong, and by how much', async () => {
    const needle: Bump[] = [plain[0], { scale: 4, row: 16, col: 3, radius: 0.4, height: 0.99 }];
    const choices = await chooseScalesCoarsely(grid, sweepOf([needle]), scales, 1, { candidates: 3 });
    const { peaks } = await exhaustive([needle]);
    const agreement = scaleAgreement(choices, peaks);
    expect(choices[0].index).toBe(2);
    expect(agreement).toMatchObject({ phrases: 1, differing: 1, coarseDiffering: 1 });
    expect(agreement.largestLoss).toBeCloseTo(0.99 - 0.7, 2);
  });

  it('is exhaustive with a stride of one, takes the first of equals, and stands NaN and tiny views', async () => {
    const asked: number[] = [];
    const [choice] = await chooseScalesCoarsely(grid, sweepOf([misleading], asked), scales, 1, { stride: 1 });
    expect([choice.index, asked]).toEqual([3, [grid.width * grid.height]]);
    const flat: SweepPixels = async (pixels) => new Float32Array(scales * pixels.length).fill(0.5);
    expect((await chooseScalesCoarsely({ width: 1, height: 1 }, flat, scales, 1))[0]).toMatchObject({ index: 0 });
    const holes: SweepPixels = async (pixels) =>
      Float32Array.from({ length: scales * pixels.length }, (_, i) => (i < 4 * pixels.length ? Number.NaN : 0.2));
    expect((await chooseScalesCoarsely(grid, holes, scales, 1))[0].index).toBe(4);
  });
});
