/** How rays are cut into pieces: every array of a renderer fits the smallest binding, and every sample finds its rows. */
import { describe, expect, it } from 'vitest';
import { presetConfig } from '../../field/config.ts';
import { planMemory } from './memory-plan.ts';
import { chosenSamples, renderRequests, renderSizes } from './render-memory.ts';
import { groupBlocks } from './render-language.ts';

const smallest = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };
const language = { name: 'panoptic', clipDim: 512, dinoDim: 384 };

describe('sizes of a renderer', () => {
  for (const preset of ['small', 'lite', 'base', 'big'] as const)
    it(`fit the smallest binding, ${preset}`, () => {
      const config = presetConfig(preset, 3, [language]);
      for (const rays of [0, 1, 1000, 512 * 298, 10_000_000]) {
        const sizes = renderSizes(config, rays);
        expect(() => planMemory(renderRequests(config, sizes), smallest)).not.toThrow();
        for (const part of [sizes.rays, sizes.partRays, sizes.blockRays]) expect(part % 64).toBe(0);
        expect(sizes.rows).toBeGreaterThanOrEqual(sizes.blockRays * chosenSamples(config, 0));
        expect(sizes.rays).toBeGreaterThanOrEqual(Math.min(rays, 2 ** 18));
      }
    });

  it('are small for few rays and for scenes without language', () => {
    const bytes = (languages: (typeof language)[], rays: number) => {
      const config = presetConfig('base', 3, languages);
      return planMemory(renderRequests(config, renderSizes(config, rays)), smallest).totalBytes;
    };
    expect(bytes([language], 1)).toBeLessThan(bytes([language], 512 * 298) / 4);
    expect(bytes([], 512 * 298)).toBeLessThan(bytes([language], 512 * 298) / 2);
  });
});

describe('groups of blocks', () => {
  const ranges = Array.from({ length: 5 }, (_, block) => ({ first: block * 64, count: 64 }));

  it('share rows as long as they fit, each from a whole row on', () => {
    const groups = groupBlocks(ranges, Uint32Array.of(65, 0, 60, 128, 1), 256);
    expect(groups.map((group) => group.map(({ block }) => block))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(groups.flat().map(({ firstPoint }) => firstPoint)).toEqual([0, 128, 128, 0, 128]);
    for (const group of groups)
      for (const { firstPoint, points } of group) expect(firstPoint + points).toBeLessThanOrEqual(256);
  });

  it('stand alone when they are full, and need no rays', () => {
    expect(groupBlocks(ranges, new Uint32Array(5).fill(256), 256)).toHaveLength(5);
    expect(groupBlocks([], new Uint32Array(5), 256)).toEqual([]);
  });
});
