import { expect, it } from 'vitest';
import type { TileBatch } from '../encoders/encoder.ts';
import { hideSurroundings, type RgbPhoto, regionShape, regionSquare, squareKey } from './cut-tiles.ts';
import { encodeRegions, viewsOfRegion } from './encode-regions.ts';

const [width, height] = [6, 4];
/** Red on the left, blue on the right: the mean is (120, 0, 100). */
const photo: RgbPhoto = {
  width,
  height,
  rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.floor(i / 3) % width < 3 ? [240, 0, 0][i % 3] : [0, 0, 200][i % 3],
  ),
};
/** An L: its box holds one blue pixel that is not the region's. */
const box = { id: 7, top: 1, left: 2, bottom: 2, right: 3, area: 3 };
const ids = new Int32Array(width * height);
for (const pixel of [width + 2, 2 * width + 2, 2 * width + 3]) ids[pixel] = 7;
const square = { ...regionSquare(box, 'zeros'), shown: regionShape({ width, height, ids }, box) };

/** The mean colour of a tile, made a unit vector; remembers what it was shown. */
function colourEncoder() {
  const shown: number[][] = [];
  return {
    shown,
    dim: 3,
    async encodeImages({ count, side, data }: TileBatch) {
      const embeddings = new Float32Array(3 * count);
      for (let tile = 0; tile < count; tile++) {
        const bytes = data.subarray(3 * side * side * tile, 3 * side * side * (tile + 1));
        shown.push(Array.from(bytes));
        const sums = [0, 1, 2].map((channel) => bytes.filter((_, i) => i % 3 === channel).reduce((a, b) => a + b, 0));
        embeddings.set(
          sums.map((sum) => sum / Math.hypot(...sums)),
          3 * tile,
        );
      }
      return embeddings;
    },
  };
}

it('a masked region is the mean of its box and of itself on the mean colour of the photo', async () => {
  const encoder = colourEncoder();
  const counts: number[] = [];
  const { embeddings, encoded } = await encodeRegions(encoder, photo, [square], (count) => counts.push(count));
  const [red, blue] = [
    [240, 0, 0],
    [0, 0, 200],
  ];
  expect(encoder.shown).toEqual([[red, blue, red, blue].flat(), [red, [120, 0, 100], red, blue].flat()]);
  const unit = (...v: number[]) => v.map((x) => x / Math.hypot(...v));
  const [plain, alone] = [unit(480, 0, 400), unit(600, 0, 300)];
  const mean = unit(...plain.map((v, d) => v + alone[d]));
  mean.forEach((value, d) => {
    expect(embeddings[d]).toBeCloseTo(value, 6);
  });
  expect([encoded, counts.reduce((a, b) => a + b), viewsOfRegion(square)]).toEqual([2, 2, 2]);
});

it('without a mask the box alone counts', async () => {
  const encoder = colourEncoder();
  const plain = regionSquare(box, 'zeros');
  expect((await encodeRegions(encoder, photo, [plain], () => {})).encoded).toBe(1);
  expect(encoder.shown).toHaveLength(1);
  expect(hideSurroundings(photo, plain)).toBe(photo);
  expect(viewsOfRegion(plain)).toBe(1);
});

it('keys tell masks apart, and from none', async () => {
  const other = { ...square, shown: Uint8Array.of(1, 1, 1, 0) };
  const keys = await Promise.all([square, other, regionSquare(box, 'zeros')].map((each) => squareKey(each, photo)));
  expect(keys.map((key) => key.slice(0, 7))).toEqual([keys[0].slice(0, 7), keys[0].slice(0, 7), keys[0].slice(0, 7)]);
  expect(new Set(keys.map((key) => key.slice(7).join(' '))).size).toBe(3);
  expect(keys[2].slice(7)).toEqual([0, 0]);
});
