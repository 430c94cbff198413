import { describe, expect, it } from 'vitest';
import type { Image } from './platform.ts';
import { resample } from './resample.ts';

const grey = (width: number, height: number, values: number[]): Image => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from(values),
});

describe('resample', () => {
  it('averages whole blocks', () => {
    const image = grey(4, 2, [0, 10, 100, 120, 20, 30, 140, 160]);
    expect(resample(image, 2, 1)).toEqual(grey(2, 1, [15, 130]));
  });

  it('weights partly covered pixels by their area', () => {
    // 3 → 2: each output covers one and a half inputs.
    expect(resample(grey(3, 1, [0, 90, 240]), 2, 1)).toEqual(grey(2, 1, [30, 190]));
    // One axis shrinks, the other stays.
    expect(resample(grey(2, 3, [0, 1, 90, 91, 240, 241]), 2, 2)).toEqual(grey(2, 2, [30, 31, 190, 191]));
  });

  it('preserves the mean for any shrink of a random picture', () => {
    const values = Array.from({ length: 31 * 17 }, (_, i) => (i * 7919) % 65536);
    const image: Image = { width: 31, height: 17, channels: 1, data: Uint16Array.from(values) };
    const mean = (data: Uint8Array | Uint16Array) => Array.from(data).reduce((a, b) => a + b, 0) / data.length;
    for (const [width, height] of [
      [7, 5],
      [30, 16],
      [1, 1],
      [31, 3],
    ]) {
      const small = resample(image, width, height);
      expect(small.data).toBeInstanceOf(Uint16Array);
      expect(Math.abs(mean(small.data) - mean(image.data))).toBeLessThan(1);
    }
  });

  it('enlarges bilinearly with half-pixel centres', () => {
    expect(resample(grey(2, 1, [0, 100]), 4, 1)).toEqual(grey(4, 1, [0, 25, 75, 100]));
    expect(resample(grey(1, 1, [9]), 3, 2)).toEqual(grey(3, 2, [9, 9, 9, 9, 9, 9]));
  });

  it('does not let invisible colour bleed in', () => {
    const image: Image = { width: 2, height: 1, channels: 4, data: Uint8Array.from([200, 0, 0, 255, 0, 255, 0, 0]) };
    expect(Array.from(resample(image, 1, 1).data)).toEqual([200, 0, 0, 128]);
  });

  it('returns a copy, not the same pixels, for the same size', () => {
    const image = grey(2, 1, [1, 2]);
    const copy = resample(image, 2, 1);
    copy.data[0] = 99;
    expect(image.data[0]).toBe(1);
  });
});
