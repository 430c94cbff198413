import { describe, expect, it } from 'vitest';
import { randomUniform } from '../math/random.ts';
import { Resampler } from './resample.ts';

const plain = {
  mean: [0.5, 0.4, 0.3] as [number, number, number],
  std: [0.2, 0.25, 0.3] as [number, number, number],
  interpolation: 'bilinear' as const,
  antialias: false,
  layout: 'nchw' as const,
};

function noise(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: 3 * width * height }, (_, i) => 256 * randomUniform(1, 1, i));
}

/** Bilinear sample at a continuous position, straight from the definition, in float64. */
function sample(rgb: Uint8Array, width: number, height: number, y: number, x: number, channel: number): number {
  const row = Math.min(Math.max(y, 0), height - 1);
  const col = Math.min(Math.max(x, 0), width - 1);
  const [r, c] = [Math.floor(row), Math.floor(col)];
  const at = (i: number, j: number) =>
    rgb[3 * (Math.min(i, height - 1) * width + Math.min(j, width - 1)) + channel] / 255;
  const [f, g] = [row - r, col - c];
  return (1 - f) * ((1 - g) * at(r, c) + g * at(r, c + 1)) + f * ((1 - g) * at(r + 1, c) + g * at(r + 1, c + 1));
}

describe('resampling', () => {
  it.each([
    [7, 5, 12, 9],
    [12, 9, 7, 5],
    [6, 6, 6, 6],
    [1, 1, 3, 3],
    [50, 4, 3, 17],
  ])('bilinear with half-pixel centres, %i×%i to %i×%i', (width, height, targetWidth, targetHeight) => {
    const rgb = noise(width, height);
    const plane = targetWidth * targetHeight;
    const padded = new Uint8Array(10 + rgb.length);
    padded.set(rgb, 10);
    for (const layout of ['nchw', 'nhwc'] as const) {
      const out = new Float32Array(5 + 3 * plane);
      const target = { width: targetWidth, height: targetHeight };
      new Resampler({ ...plain, layout }).resample(padded, 10, { width, height }, target, out, 5);
      for (let y = 0; y < targetHeight; y++)
        for (let x = 0; x < targetWidth; x++)
          for (let c = 0; c < 3; c++) {
            const sourceY = ((y + 0.5) * height) / targetHeight - 0.5;
            const sourceX = ((x + 0.5) * width) / targetWidth - 0.5;
            const value = sample(rgb, width, height, sourceY, sourceX, c);
            const index = layout === 'nchw' ? c * plane + y * targetWidth + x : 3 * (y * targetWidth + x) + c;
            expect(out[5 + index]).toBeCloseTo((value - plain.mean[c]) / plain.std[c], 5);
          }
    }
  });

  it('antialiasing averages what shrinking would skip, and changes nothing when enlarging', () => {
    const identity = {
      ...plain,
      mean: [0, 0, 0] as [number, number, number],
      std: [1, 1, 1] as [number, number, number],
    };
    const stripes = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (Math.floor(i / 3) % 4 === 0 ? 255 : 0));
    const resample = (antialias: boolean, target: number) => {
      const out = new Float32Array(3 * target * target);
      const shape = { width: target, height: target };
      new Resampler({ ...identity, antialias }).resample(stripes, 0, { width: 64, height: 64 }, shape, out, 0);
      return out;
    };
    for (const value of resample(true, 8)) expect(value).toBeCloseTo(0.25, 1);
    expect(Math.max(...resample(false, 16)) - Math.min(...resample(false, 16))).toBe(0);
    expect(resample(false, 16)[0]).not.toBeCloseTo(0.25, 1);
    expect(resample(true, 100)).toEqual(resample(false, 100));
  });

  it('forgets nothing between pictures of different sizes', () => {
    const resampler = new Resampler(plain);
    const target = { width: 6, height: 6 };
    const once = new Float32Array(108);
    const again = new Float32Array(108);
    resampler.resample(noise(9, 9), 0, { width: 9, height: 9 }, target, once, 0);
    for (let size = 1; size < 100; size++)
      resampler.resample(noise(size, size), 0, { width: size, height: size }, target, again, 0);
    resampler.resample(noise(9, 9), 0, { width: 9, height: 9 }, target, again, 0);
    expect(again).toEqual(once);
  });
});
