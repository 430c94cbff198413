import { expect, it } from 'vitest';
import { overlayHighlights } from './highlights.ts';

const rgb = Float32Array.of(1, 0, 0, 0.2, 0.4, 0.6, 0.4, 0.4, 0.4);
const pixel = (data: Uint8Array, index: number) => Array.from(data.subarray(3 * index, 3 * index + 3));

it('leaves the picture as it is when nothing exceeds the threshold', () => {
  const plain = [255, 0, 0, 51, 102, 153, 102, 102, 102];
  expect(Array.from(overlayHighlights(rgb, [], 0.5))).toEqual(plain);
  const low = { values: [0.5, 0.4, 0.1], colour: [0, 255, 0], opacity: 1 } as const;
  expect(Array.from(overlayHighlights(rgb, [low], 0.5))).toEqual(plain);
  expect(Array.from(overlayHighlights(rgb, [{ ...low, values: [1, 1, 1], opacity: 0 }], 0.5))).toEqual(plain);
});

it('tints the peak three quarters, the rest less, and greys what is below', () => {
  const data = overlayHighlights(rgb, [{ values: [0.9, 0.7, 0.2], colour: [0, 255, 0], opacity: 1 }], 0.5);
  expect(pixel(data, 0)).toEqual([64, 191, 0]);
  // Half-way between threshold and peak: half the tint.
  expect(pixel(data, 1)).toEqual([26, 179, 77]);
  expect(pixel(data, 2)).toEqual([61, 61, 61]);
});

it('shows several phrases, each where it is', () => {
  const data = overlayHighlights(
    rgb,
    [
      { values: [0.9, 0, 0], colour: [0, 255, 0], opacity: 1 },
      { values: [0, 0, 0.8], colour: [0, 0, 255], opacity: 0.5 },
    ],
    0.5,
  );
  expect(pixel(data, 0)[1]).toBe(191);
  const [red, green, blue] = pixel(data, 2);
  expect(red).toBe(green);
  expect(blue).toBeGreaterThan(red + 60);
});
