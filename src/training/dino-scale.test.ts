import { describe, expect, it } from 'vitest';
import type { LanguageSupervision } from '../pyramid/supervision.ts';
import { dinoScale, dinoSpread } from './dino-scale.ts';

/** Features of two numbers: the first is ±size from photo to photo about `offset`, the second ±size from left to right. */
function supervision(size: number, offset = 0): LanguageSupervision {
  return {
    clipDim: 1,
    dinoDim: 2,
    photoSize: (photo) => ({ width: 40 + photo, height: 30 }),
    lookupClip: () => true,
    lookupDino(photo, row, col, out, at) {
      if (!(row >= 0 && row < 30 && col >= 0 && col < 40 + photo)) throw new RangeError('outside the photo');
      out[at] = offset + (photo % 2 === 0 ? size : -size);
      out[at + 1] = col < (40 + photo) / 2 ? size : -size;
    },
  };
}

describe('the spread of dense features', () => {
  it('is the root of the summed variance, wherever their mean lies', () => {
    expect(dinoSpread(supervision(3), 4)).toBeCloseTo(Math.sqrt(18), 6);
    expect(dinoSpread(supervision(3, 50), 4)).toBeCloseTo(Math.sqrt(18), 4);
    expect(dinoSpread(supervision(0, 50), 4)).toBe(0);
  });

  it('is measured all over a large capture, at as many places', () => {
    const seen = new Set<number>();
    let calls = 0;
    const counted = supervision(1);
    const asked: LanguageSupervision = {
      ...counted,
      lookupDino(photo, ...rest) {
        seen.add(photo);
        calls++;
        counted.lookupDino(photo, ...rest);
      },
    };
    dinoSpread(asked, 1000);
    expect(calls).toBe(64 * 64);
    expect(seen.size).toBe(64);
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([7, 992]);
  });
});

describe('the scale of dense targets', () => {
  it('brings them down to the limit, and never up', () => {
    expect(dinoScale(supervision(3), 4, 0.05) * Math.sqrt(18)).toBeCloseTo(0.05, 9);
    expect(dinoScale(supervision(0.01), 4, 0.05)).toBe(1);
  });

  it('is one without a limit and without dense features', () => {
    expect(dinoScale(supervision(3), 4, 0)).toBe(1);
    expect(dinoScale({ ...supervision(3), dinoDim: 0 }, 4, 0.05)).toBe(1);
  });
});
