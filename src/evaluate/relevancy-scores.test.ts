import { describe, expect, it } from 'vitest';
import { dRelevancy, ratioAcc, transformMap } from './relevancy-scores.ts';

// 10 of 40 pixels are the object.
const mask = Uint8Array.from({ length: 40 }, (_, i) => (i < 10 ? 1 : 0));
const constant = (value: number) => new Float32Array(40).fill(value);

describe('D_relevancy (spec §5.5)', () => {
  it('has the identities of the specification', () => {
    expect(dRelevancy(constant(0.5), mask)).toBeCloseTo(0.25, 12);
    expect(dRelevancy(constant(0), mask)).toBeCloseTo(0.25, 12);
    expect(dRelevancy(constant(1), mask)).toBeCloseTo(0.75, 12);
    expect(dRelevancy(mask, mask)).toBe(0);
    expect(
      dRelevancy(
        constant(0),
        mask.map((_, i) => (i < 4 ? 1 : 0)),
      ),
    ).toBeCloseTo(0.1, 12);
  });

  it('is the mean of the squared differences', () => {
    const values = new Float32Array([0.75, 0.25, 0.5, 0]);
    expect(dRelevancy(values, new Uint8Array([1, 1, 0, 0]))).toBeCloseTo((0.0625 + 0.5625 + 0.25) / 4, 12);
  });
});

describe('Ratio_acc', () => {
  it('is mean inside over mean outside', () => {
    expect(ratioAcc(new Float32Array([0.8, 0.6, 0.4, 0.3]), new Uint8Array([1, 1, 0, 0]))).toBeCloseTo(2, 6);
    expect(ratioAcc(constant(0.5), mask)).toBeCloseTo(1, 12);
  });

  it('is NaN where it is undefined', () => {
    expect(ratioAcc(constant(0), mask)).toBeNaN();
    expect(ratioAcc(constant(0.5), new Uint8Array(40))).toBeNaN();
    expect(ratioAcc(constant(0.5), new Uint8Array(40).fill(1))).toBeNaN();
  });
});

describe('transforms', () => {
  const values = new Float32Array([0.25, 0.5, 0.75, 0.45]);
  it('clip05 zeroes what is below 0.5 and keeps the rest', () => {
    expect([...transformMap(values, 'clip05')]).toEqual([0, 0.5, 0.75, 0]);
  });
  it('normalised stretches to [0, 1]', () => {
    const stretched = transformMap(values, 'normalised');
    expect(stretched[0]).toBe(0);
    expect(stretched[1]).toBeCloseTo(0.5, 6);
    expect(stretched[2]).toBeCloseTo(1, 6);
  });
  it('raw changes nothing', () => {
    expect(transformMap(values, 'raw')).toEqual(values);
  });
});
