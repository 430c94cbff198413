import { describe, expect, it } from 'vitest';
import { hottestShareInside, recallHit } from './recall.ts';

/** A map of 1000 pixels: `values` first, the rest at the background level. */
function mapOf(values: number[], background = 0.4): Float32Array {
  const map = new Float32Array(1000).fill(background);
  map.set(values);
  return map;
}
const maskOf = (inside: (pixel: number) => boolean) => Uint8Array.from({ length: 1000 }, (_, i) => (inside(i) ? 1 : 0));
const descending = (count: number, from: number, step: number) =>
  Array.from({ length: count }, (_, i) => from - i * step);

describe("recall rule 'highlighted' (spec §5.3 #17)", () => {
  it('looks at the highest tenth of the pixels above 0.5', () => {
    // 200 highlighted pixels, so the 20 highest count.
    const map = mapOf(descending(200, 0.9, 0.001));
    expect(
      hottestShareInside(
        map,
        maskOf((i) => i < 20),
        'highlighted',
      ),
    ).toBe(1);
    expect(
      recallHit(
        map,
        maskOf((i) => i < 18),
        'highlighted',
      ),
    ).toBe(true);
    expect(
      recallHit(
        map,
        maskOf((i) => i < 17),
        'highlighted',
      ),
    ).toBe(false);
  });

  it('takes at least ten pixels, or all highlighted ones when there are fewer', () => {
    const thirty = mapOf(descending(30, 0.9, 0.001));
    expect(
      hottestShareInside(
        thirty,
        maskOf((i) => i < 9),
        'highlighted',
      ),
    ).toBeCloseTo(0.9, 12);
    expect(
      recallHit(
        thirty,
        maskOf((i) => i < 9),
        'highlighted',
      ),
    ).toBe(true);
    const four = mapOf(descending(4, 0.9, 0.001));
    expect(
      hottestShareInside(
        four,
        maskOf((i) => i < 3),
        'highlighted',
      ),
    ).toBe(0.75);
  });

  it('rounds the tenth up', () => {
    // 201 highlighted: 21 pixels, of which 19 are 90.5 %.
    const map = mapOf(descending(201, 0.9, 0.001));
    expect(
      hottestShareInside(
        map,
        maskOf((i) => i < 19),
        'highlighted',
      ),
    ).toBeCloseTo(19 / 21, 12);
  });

  it('fails when nothing is above 0.5', () => {
    const map = mapOf([0.5, 0.5, 0.49]);
    expect(
      hottestShareInside(
        map,
        maskOf(() => true),
        'highlighted',
      ),
    ).toBeNaN();
    expect(
      recallHit(
        map,
        maskOf(() => true),
        'highlighted',
      ),
    ).toBe(false);
  });

  it('counts ties in proportion, whatever their order', () => {
    const flat = mapOf([], 0.7);
    expect(
      hottestShareInside(
        flat,
        maskOf((i) => i < 250),
        'highlighted',
      ),
    ).toBeCloseTo(0.25, 12);
    expect(
      hottestShareInside(
        flat,
        maskOf((i) => i >= 750),
        'highlighted',
      ),
    ).toBeCloseTo(0.25, 12);
  });
});

describe("recall rule 'range'", () => {
  it('looks at the pixels in the top tenth of the values', () => {
    // Range 0.4..0.9: the limit is 0.85.
    const map = mapOf([0.9, 0.88, 0.86, 0.84, 0.8]);
    expect(
      hottestShareInside(
        map,
        maskOf((i) => i < 3),
        'range',
      ),
    ).toBe(1);
    expect(
      hottestShareInside(
        map,
        maskOf((i) => i < 2),
        'range',
      ),
    ).toBeCloseTo(2 / 3, 12);
  });

  it('works below 0.5 and takes a flat map whole', () => {
    expect(
      recallHit(
        mapOf([0.45, 0.449], 0.3),
        maskOf((i) => i < 2),
        'range',
      ),
    ).toBe(true);
    expect(
      hottestShareInside(
        mapOf([], 0.3),
        maskOf((i) => i < 100),
        'range',
      ),
    ).toBeCloseTo(0.1, 12);
  });
});

describe("recall rule 'ten-pixels'", () => {
  it('needs nine of the ten highest', () => {
    const map = mapOf(descending(40, 0.45, 0.001), 0.3);
    expect(
      recallHit(
        map,
        maskOf((i) => i < 9),
        'ten-pixels',
      ),
    ).toBe(true);
    expect(
      recallHit(
        map,
        maskOf((i) => i < 8),
        'ten-pixels',
      ),
    ).toBe(false);
  });
});
