import { describe, expect, it } from 'vitest';
import { randomUniform } from '../math/random.ts';
import { psnr, ssim } from './image-scores.ts';

const filled = (pixels: number, value: number) => new Float32Array(3 * pixels).fill(value);

describe('PSNR', () => {
  it('is 20 dB for an error of 0.1 everywhere and 6.02 dB for 0.5', () => {
    expect(psnr(filled(4, 0.6), filled(4, 0.5))).toBeCloseTo(20, 5);
    expect(psnr(filled(4, 1), filled(4, 0.5))).toBeCloseTo(20 * Math.log10(2), 5);
  });

  it('averages squares, not decibels', () => {
    const a = new Float32Array([0, 0, 0, 1, 1, 1]);
    expect(psnr(a, new Float32Array(6))).toBeCloseTo(10 * Math.log10(2), 6);
  });

  it('is infinite for equal pictures', () => {
    expect(psnr(filled(4, 0.3), filled(4, 0.3))).toBe(Infinity);
  });
});

describe('SSIM', () => {
  it('is 1 for equal pictures and symmetric', () => {
    const noise = (stream: number) =>
      Float32Array.from({ length: 3 * 14 * 12 }, (_, index) => randomUniform(3, stream, index));
    const [a, b] = [noise(1), noise(2)];
    expect(ssim(a, a, 14, 12)).toBeCloseTo(1, 10);
    expect(ssim(a, b, 14, 12)).toBeCloseTo(ssim(b, a, 14, 12), 12);
    expect(ssim(a, b, 14, 12)).toBeLessThan(0.5);
  });

  it('leaves only the luminance term for constant pictures', () => {
    const expected = (2 * 0.5 * 0.25 + 1e-4) / (0.5 ** 2 + 0.25 ** 2 + 1e-4);
    expect(ssim(filled(15 * 13, 0.5), filled(15 * 13, 0.25), 15, 13)).toBeCloseTo(expected, 6);
  });

  it('equals the formula written out for a single window', () => {
    const a = new Float32Array(3 * 121);
    const b = new Float32Array(3 * 121);
    for (let row = 0; row < 11; row++)
      for (let col = 0; col < 11; col++)
        for (let channel = 0; channel < 3; channel++) {
          a[3 * (11 * row + col) + channel] = col < 5 ? 0.2 : 0.8;
          b[3 * (11 * row + col) + channel] = row < 4 ? 0.9 : 0.1;
        }
    // Separable weights: the share of the window left of column 5 and above row 4.
    const taps = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
    const total = taps.reduce((x, y) => x + y);
    const left = taps.slice(0, 5).reduce((x, y) => x + y) / total;
    const top = taps.slice(0, 4).reduce((x, y) => x + y) / total;
    const meanA = 0.2 * left + 0.8 * (1 - left);
    const meanB = 0.9 * top + 0.1 * (1 - top);
    const varianceA = 0.36 * left * (1 - left);
    const varianceB = 0.64 * top * (1 - top);
    // Columns and rows are independent under separable weights: the covariance is 0.
    const expected =
      ((2 * meanA * meanB + 1e-4) * 9e-4) / ((meanA ** 2 + meanB ** 2 + 1e-4) * (varianceA + varianceB + 9e-4));
    expect(ssim(a, b, 11, 11)).toBeCloseTo(expected, 6);
  });

  it('refuses pictures smaller than the window', () => {
    expect(() => ssim(filled(100, 0), filled(100, 0), 10, 10)).toThrow(/10×10.*11×11/);
  });
});
