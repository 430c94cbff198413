import { describe, expect, it } from 'vitest';
import type { Camera } from '../math/camera.ts';
import { pixelRay } from '../math/rays.ts';
import type { LanguageSupervision } from '../pyramid/supervision.ts';
import { RayBatches, type TrainingPhoto } from './ray-batches.ts';

function camera(width: number, height: number, focal: number, x: number): Camera {
  return {
    model: 'perspective',
    width,
    height,
    fx: focal,
    fy: focal * 1.1,
    cx: width / 2,
    cy: height / 2,
    distortion: [0.05, 0.01, 0, 0, 0.001, 0],
    cameraToWorld: Float64Array.of(1, 0, 0, x, 0, 0, -1, 0.5, 0, 1, 0, -0.25),
  };
}

/** A photo whose red and green hold column and row, so that a batch tells which pixel it drew. */
function photo(width: number, height: number, index: number, mask?: Uint8Array): TrainingPhoto {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgb[pixel * 3] = pixel % width;
    rgb[pixel * 3 + 1] = Math.floor(pixel / width);
    rgb[pixel * 3 + 2] = index;
  }
  return { camera: camera(width, height, width, index), rgb, mask, supervisionIndex: index };
}

function batchesOf(photos: TrainingPhoto[], rays: number, seed = 1, languages: LanguageSupervision[] = []) {
  return new RayBatches({
    photos,
    languages: languages.map((supervision) => ({ supervision, clipDim: 2, dinoDim: supervision.dinoDim })),
    seed,
    rays,
  });
}

/** Column, row and photo of every ray. */
function drawn(batches: RayBatches, counter: number): { col: number; row: number; photo: number }[] {
  const { colours, count } = batches.prepare({ counter, language: false }, batches.allocate());
  return Array.from({ length: count }, (_, ray) => ({
    col: Math.round(colours[ray * 3] * 255),
    row: Math.round(colours[ray * 3 + 1] * 255),
    photo: Math.round(colours[ray * 3 + 2] * 255),
  }));
}

describe('ray batches', () => {
  it('draw every pixel of photos of mixed sizes equally often', () => {
    const sizes = [
      [8, 4],
      [3, 5],
      [10, 10],
    ];
    const photos = sizes.map(([width, height], index) => photo(width, height, index));
    const batches = batchesOf(photos, 4096);
    const counts = new Map<string, number>();
    for (let step = 0; step < 20; step++)
      for (const { col, row, photo } of drawn(batches, step)) {
        const key = `${photo}/${row}/${col}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    const pixels = sizes.reduce((total, [width, height]) => total + width * height, 0);
    expect(counts.size).toBe(pixels);
    // Chi-square with 146 degrees of freedom; its standard deviation is about 17.
    const expected = (20 * 4096) / pixels;
    const chiSquare = [...counts.values()].reduce((total, n) => total + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeGreaterThan(146 - 90);
    expect(chiSquare).toBeLessThan(146 + 90);
  });

  it('carry the camera, the ray through the pixel centre and a colour in [0, 1]', () => {
    const photos = [photo(8, 4, 0), photo(6, 6, 1)];
    const batches = batchesOf(photos, 64);
    const batch = batches.prepare({ counter: 3, language: false }, batches.allocate());
    drawn(batches, 3).forEach(({ row, col, photo: index }, ray) => {
      expect(batch.cameras[ray]).toBe(index);
      const { origin, direction } = pixelRay(photos[index].camera, row, col);
      expect([...batch.origins.slice(ray * 3, ray * 3 + 3)]).toEqual(origin);
      for (const [axis, value] of direction.entries()) expect(batch.directions[ray * 3 + axis]).toBeCloseTo(value, 6);
    });
    expect(batch.jitter.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(batch.jitter).size).toBeGreaterThan(180);
  });

  it('scale 16-bit photos to the same range', () => {
    const wide = photo(4, 4, 0);
    const batches = batchesOf([{ ...wide, rgb: new Uint16Array(48).fill(65_535) }], 8);
    const { colours } = batches.prepare({ counter: 0, language: false }, batches.allocate());
    expect([...colours]).toEqual(Array.from({ length: 24 }, () => 1));
  });

  it('are functions of seed and step alone', () => {
    const photos = [photo(8, 4, 0), photo(6, 6, 1)];
    const first = batchesOf(photos, 32);
    const again = batchesOf(photos, 32);
    again.prepare({ counter: 99, language: false }, again.allocate());
    const at = (batches: RayBatches, counter: number) =>
      batches.prepare({ counter, language: false }, batches.allocate());
    expect(at(again, 5)).toEqual(at(first, 5));
    expect(at(first, 6).colours).not.toEqual(at(first, 5).colours);
    expect(at(batchesOf(photos, 32, 2), 5).colours).not.toEqual(at(first, 5).colours);
    // A smaller batch is the beginning of a larger one.
    expect([...at(batchesOf(photos, 8), 5).jitter]).toEqual([...at(first, 5).jitter.slice(0, 24)]);
  });

  it('stay inside masks, in proportion to their area', () => {
    const mask = new Uint8Array(100);
    for (let pixel = 0; pixel < 100; pixel++) if (pixel % 10 < 3) mask[pixel] = 255;
    const batches = batchesOf([photo(10, 10, 0, mask), photo(10, 7, 1)], 4096);
    const rays = drawn(batches, 0);
    expect(rays.every(({ photo, col }) => photo === 1 || col < 3)).toBe(true);
    const masked = rays.filter(({ photo }) => photo === 0).length / rays.length;
    expect(masked).toBeGreaterThan(0.27);
    expect(masked).toBeLessThan(0.33);
  });

  it('find a single pixel of a large mask', () => {
    const mask = new Uint8Array(120 * 120);
    mask[57 * 120 + 31] = 1;
    const rays = drawn(batchesOf([photo(120, 120, 0, mask)], 50), 0);
    expect(rays).toEqual(Array.from({ length: 50 }, () => ({ col: 31, row: 57, photo: 0 })));
  });

  it('refuse photos that are masked altogether', () => {
    expect(() => batchesOf([photo(4, 4, 0, new Uint8Array(16))], 4)).toThrow(/no pixel/);
  });
});

describe('language targets', () => {
  /** Remembers what was asked; the target is [row, col]; columns 0 and 1 have none. */
  function recorder(dinoDim = 0) {
    const asked: { photo: number; row: number; col: number; bin: number; omega: number }[] = [];
    const supervision: LanguageSupervision = {
      clipDim: 2,
      dinoDim,
      photoSize: (index) => (index === 0 ? { width: 32, height: 17 } : { width: 6, height: 6 }),
      lookupClip(index, row, col, bin, omega, out, offset) {
        asked.push({ photo: index, row, col, bin, omega });
        out[offset] = row;
        out[offset + 1] = col;
        return col > 1;
      },
      lookupDino(_, row, col, out, offset) {
        out.set([row, col, 1], offset);
      },
    };
    return { asked, supervision };
  }
  const photos = [photo(8, 4, 0), photo(6, 6, 1)];

  it('come from the pyramid at its own resolution, with u = (bin + omega) / 6', () => {
    const { asked, supervision } = recorder();
    const batches = batchesOf(photos, 512, 1, [supervision]);
    const batch = batches.prepare({ counter: 2, language: true }, batches.allocate());
    const [{ scales, clip, valid, heightOverFocal }] = batch.languages;
    expect(heightOverFocal).toBe(photos[0].camera.height / photos[0].camera.fy);
    drawn(batches, 2).forEach(({ row, col, photo: index }, ray) => {
      const { width, height } = supervision.photoSize(index);
      const { camera } = photos[index];
      const expectedRow = Math.floor(((row + 0.5) / camera.height) * height);
      const expectedCol = Math.floor(((col + 0.5) / camera.width) * width);
      const { bin, omega, ...where } = asked[ray];
      expect(where).toEqual({ photo: index, row: expectedRow, col: expectedCol });
      expect(scales[ray]).toBe(Math.fround((bin + omega) / 6));
      expect(valid[ray]).toBe(expectedCol > 1 ? 1 : 0);
      expect([...clip.slice(ray * 2, ray * 2 + 2)]).toEqual(expectedCol > 1 ? [expectedRow, expectedCol] : [0, 0]);
    });
    const bins = [0, 1, 2, 3, 4, 5].map((bin) => asked.filter((entry) => entry.bin === bin).length);
    expect(Math.min(...bins)).toBeGreaterThan(50);
    expect(scales.every((u) => u >= 0 && u < 1)).toBe(true);
  });

  it('share the scale of a ray between fields, and include dense features where a field has them', () => {
    const [plain, dense] = [recorder(), recorder(3)];
    const batches = batchesOf(photos, 64, 1, [plain.supervision, dense.supervision]);
    const { languages } = batches.prepare({ counter: 0, language: true }, batches.allocate());
    expect(plain.asked).toEqual(dense.asked);
    expect(languages[0].dino).toBeUndefined();
    expect(languages[1].dino?.[2]).toBe(1);
    expect(languages[1].dino).toHaveLength(64 * 3);
  });

  it('scale dense features where the field asks for it, and nothing else', () => {
    const { supervision } = recorder(3);
    const source = { supervision, clipDim: 2, dinoDim: 3 };
    const languages = [source, { ...source, dinoScale: 0.25 }];
    const batches = new RayBatches({ photos, languages, seed: 1, rays: 32 });
    const { languages: targets } = batches.prepare({ counter: 0, language: true }, batches.allocate());
    const [asThey, scaled] = targets.map(({ dino }) => [...dino!]);
    expect(asThey.some((value) => value > 4)).toBe(true);
    expect(scaled).toEqual(asThey.map((value) => value / 4));
    expect(targets[1].clip).toEqual(targets[0].clip);
  });

  it('are left out of a radiance step, which draws the same rays', () => {
    const { asked, supervision } = recorder();
    const batches = batchesOf(photos, 16, 1, [supervision]);
    const batch = batches.prepare({ counter: 4, language: false }, batches.allocate());
    expect(batch.languages).toEqual([]);
    expect(asked).toEqual([]);
    expect(batches.prepare({ counter: 4, language: true }, batches.allocate()).colours).toEqual(batch.colours);
  });
});
