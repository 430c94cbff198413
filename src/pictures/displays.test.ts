import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../test/shared.ts';
import type { Image } from '../platform/platform.ts';
import {
  compositedColours,
  depthRange,
  displayCentred,
  displayComposited,
  displayDepth,
  displayNormalised,
  displayRaw,
  grey16,
} from './displays.ts';
import { turbo, turboBytes, turboIndex } from './turbo.ts';
import { turboTable } from './turbo-table.ts';

function mapOf(...values: number[]) {
  return { width: values.length, height: 1, values: Float32Array.from(values) };
}

function pixel(image: Image, at: number): number[] {
  return [...image.data.subarray(3 * at, 3 * at + 3)];
}

function entry(index: number): number[] {
  return [...turboBytes.subarray(3 * index, 3 * index + 3)];
}

describe.skipIf(!hasShared)('recorded turbo vectors', () => {
  it('has the recorded table, index rule and colours', () => {
    const { arrays } = readVectors('08-lerf-turbo');
    expect([...turboTable]).toEqual(arrays.turbo_table.data);
    expect(arrays.value.data.map(turboIndex)).toEqual(arrays.value_index.data);
    const colours = arrays.value.data.flatMap(turbo).map(Math.fround);
    expect(colours).toEqual(arrays.value_rgb.data.map(Math.fround));
  });

  it('composites phrase 0, and phrase 1 with the mask of phrase 0 when asked', () => {
    const { arrays } = readVectors('08-lerf-turbo');
    const first = arrays.relevancy.data.slice(0, 20);
    const second = arrays.relevancy.data.slice(20);
    const rgb = arrays.rgb.data;
    expect([...compositedColours(first, rgb)]).toEqual(arrays.composited_0.data.map(Math.fround));
    expect([...compositedColours(second, rgb, first)]).toEqual(arrays.composited_1.data.map(Math.fround));
    expect([...compositedColours(second, rgb)]).not.toEqual(arrays.composited_1.data.map(Math.fround));
  });
});

describe('turbo', () => {
  it('has 256 entries, clips, and takes NaN as 0', () => {
    expect(turboTable.length).toBe(768);
    expect(turbo(0)).toEqual([0.18995, 0.07176, 0.23217]);
    expect(turboIndex(-1)).toBe(0);
    expect(turboIndex(2)).toBe(255);
    expect(turboIndex(Number.NaN)).toBe(0);
    expect(turboIndex(0.5)).toBe(127);
  });
});

describe('displays of relevancy', () => {
  it('raw maps 0..1, centred maps 0.5..1', () => {
    const map = mapOf(0, 0.5, 0.75, 1);
    expect([0, 1, 2, 3].map((at) => pixel(displayRaw(map), at))).toEqual([0, 127, 191, 255].map(entry));
    expect([0, 1, 2, 3].map((at) => pixel(displayCentred(map), at))).toEqual([0, 0, 127, 255].map(entry));
  });

  it('normalised stretches the finite values, NaN shows as the lowest', () => {
    const image = displayNormalised(mapOf(0.25, 0.75, Number.NaN, 0.5));
    expect(pixel(image, 0)).toEqual(entry(0));
    expect(pixel(image, 1)).toEqual(entry(255));
    expect(pixel(image, 2)).toEqual(entry(0));
    expect(pixel(image, 3)).toEqual(entry(127));
    expect(pixel(displayNormalised(mapOf(0.3, 0.3)), 1)).toEqual(entry(0));
    expect(pixel(displayNormalised(mapOf(0.5, 0.5000003)), 1)).toEqual(entry(0));
  });

  it('composited shows the photo under 0.5, and only the photo when nothing exceeds it', () => {
    const photo: Image = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const image = displayComposited(mapOf(0.2, 0.9), photo);
    expect(pixel(image, 0)).toEqual([1, 2, 3]);
    expect(pixel(image, 1)).toEqual(entry(254));
    expect([...displayComposited(mapOf(0.2, 0.4), photo).data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => displayComposited(mapOf(1, 1, 1), photo)).toThrow(/2×1.*3×1/);
  });

  it('composited accepts 16-bit grey photos', () => {
    const photo: Image = { width: 1, height: 1, channels: 1, data: Uint16Array.of(65535) };
    expect([...displayComposited(mapOf(0), photo).data]).toEqual([255, 255, 255]);
  });

  it('grey16 keeps 1 at 65535', () => {
    expect([...grey16(mapOf(0, 0.5, 1, 7, Number.NaN)).data]).toEqual([0, 32768, 65535, 65535, 0]);
  });
});

describe('display of depth', () => {
  it('runs from nearest to farthest and fades to white with missing accumulation', () => {
    const opaque = displayDepth(mapOf(1, 3, 2));
    expect(pixel(opaque, 0)).toEqual(entry(0));
    expect(pixel(opaque, 2)).toEqual(entry(127));
    const faded = displayDepth(mapOf(9, 3, 2, 1), [0, 1, 0.5, 1]);
    expect(pixel(faded, 0)).toEqual([255, 255, 255]);
    expect(pixel(faded, 1)).toEqual(pixel(opaque, 1));
    expect(pixel(faded, 2)).toEqual(entry(127).map((value) => Math.round((value + 255) / 2)));
  });

  it('is not spoilt by few rays that end far behind the scene, nor by those that hit nothing', () => {
    const depth = Array.from({ length: 300 }, (_, i) => 1 + i / 299);
    const hits = depth.map(() => 1);
    const spoilt = [...depth, 40, 900, Number.NaN];
    const { min, max } = depthRange(spoilt, [...hits, 1, 0.2, 1]);
    expect(min).toBeCloseTo(1.01, 2);
    expect(max).toBeCloseTo(1.99, 1);
    const picture = displayDepth(mapOf(...spoilt), [...hits, 1, 0.2, 1]);
    expect(pixel(picture, 0)).toEqual(entry(0));
    expect(pixel(picture, 299)).toEqual(entry(255));
    expect(pixel(picture, 300)).toEqual(entry(255));
    expect(depthRange([3, 5], [0.1, 0])).toEqual({ min: 3, max: 5 });
  });
});
