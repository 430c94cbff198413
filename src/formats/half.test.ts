import { describe, expect, it } from 'vitest';
import { floatsToHalves, floatToHalf, halfToFloat, halvesToFloats } from './half.ts';

describe('half precision', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ])('bits %i are %f', (bits, value) => {
    expect(halfToFloat(bits)).toBe(value);
    expect(floatToHalf(value)).toBe(bits);
  });

  it('every half survives the way to float32 and back', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfToFloat(bits);
      if (Number.isNaN(value)) expect(halfToFloat(floatToHalf(value))).toBeNaN();
      else if (floatToHalf(value) !== bits) expect.fail(`bits ${bits} came back as ${floatToHalf(value)}`);
    }
  });

  it('rounds to the nearest half, ties to even, at every scale', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const below = halfToFloat(bits);
      const above = halfToFloat(bits + 1);
      const middle = (below + above) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      const quarter = (above - below) / 4;
      if (floatToHalf(middle) !== even) expect.fail(`tie above ${below}`);
      if (floatToHalf(middle - quarter) !== bits) expect.fail(`below the tie above ${below}`);
      if (floatToHalf(middle + quarter) !== bits + 1) expect.fail(`above the tie above ${below}`);
    }
  });

  it('overflows to infinity from 65520 and underflows to a signed zero', () => {
    expect(floatToHalf(65519.9)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(-1e9)).toBe(0xfc00);
    expect(floatToHalf(-(2 ** -26))).toBe(0x8000);
  });

  it('converts arrays', () => {
    expect(floatsToHalves([1, -2])).toEqual(Uint16Array.of(0x3c00, 0xc000));
    expect(halvesToFloats(Uint16Array.of(0x3c00, 0xc000))).toEqual(Float32Array.of(1, -2));
  });
});
