import { describe, expect, it } from 'vitest';
import { createPictureInput, type PictureDescription } from '../encoders/picture-input.ts';
import { randomUniform } from '../math/random.ts';
import { cellsInPhoto, MaskPlacer } from './place-mask.ts';

const photo = { width: 30, height: 20, channels: 3 as const, data: new Uint8Array(3 * 600) };
const inputOf = (edit: Partial<PictureDescription>) =>
  createPictureInput({
    ...{ input: 'x', size: 24, mean: [0, 0, 0], std: [1, 1, 1], layout: 'nchw', channels: 'rgb' },
    ...{ antialias: false, fit: 'stretch', padValue: 0, ...edit },
  } as PictureDescription)(photo);
const plane = { width: 6, height: 6 };

/** A plane of x (or y) coordinates of cell centres in the photo comes back as the photo's own. */
describe.each(['stretch', 'pad', 'letterbox'] as const)('placing a mask of a photo that was fitted by %s', (fit) => {
  const input = inputOf({ fit });
  const { scaleX, scaleY, offsetX, offsetY } = input.placement;
  const placer = new MaskPlacer(plane, input, photo);
  const centre = (cell: number, scale: number, offset: number) => (cell + 0.5) * 4 * scale - offset;

  it('gives each pixel what lies at its centre', () => {
    const across = Float32Array.from({ length: 36 }, (_, i) => centre(i % 6, scaleX, offsetX));
    placer.place(across);
    const [least, most] = [centre(0, scaleX, offsetX), centre(5, scaleX, offsetX)];
    for (let x = 0; x < 30; x++)
      expect(placer.placed[7 * 30 + x]).toBeCloseTo(Math.min(most, Math.max(least, x + 0.5)), 4);
    const down = Float32Array.from({ length: 36 }, (_, i) => centre(Math.floor(i / 6), scaleY, offsetY));
    placer.place(down);
    const [first, last] = [centre(0, scaleY, offsetY), centre(5, scaleY, offsetY)];
    for (let y = 0; y < 20; y++)
      expect(placer.placed[y * 30 + 4]).toBeCloseTo(Math.min(last, Math.max(first, y + 0.5)), 4);
  });

  it('of some cells alone leaves out only what they do not reach', () => {
    const data = Float32Array.from({ length: 36 }, (_, i) => {
      const inside = i % 6 >= 2 && i % 6 < 4 && i >= 12 && i < 24;
      return (inside ? 1 : -1) * (0.1 + randomUniform(1, 1, i));
    });
    placer.place(data);
    const whole = placer.placed.slice();
    const { top, left, bottom, right } = new MaskPlacer(plane, input, photo).place(data, [2, 2, 4, 4]);
    expect((bottom - top) * (right - left)).toBeLessThan(600);
    whole.forEach((value, i) => {
      const [x, y] = [i % 30, Math.floor(i / 30)];
      if (y < top || y >= bottom || x < left || x >= right) expect(value).toBeLessThanOrEqual(0);
    });
  });

  it('knows which cells lie in the photo', () => {
    const inside = cellsInPhoto(plane, input, photo).reduce((sum, cell) => sum + cell, 0);
    // 30 × 30 pixels of canvas are 36 cells; padding takes a third of the rows.
    expect(inside).toBe(fit === 'stretch' ? 36 : 24);
  });
});
