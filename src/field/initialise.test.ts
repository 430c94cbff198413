import { describe, expect, it } from 'vitest';
import type { SceneConfig } from './config.ts';
import { presetConfig } from './config.ts';
import { initialParameters, initialValues } from './initialise.ts';
import { describeParameters } from './parameters.ts';

function tinyScene(languages: string[]): SceneConfig {
  const scene = presetConfig(
    'small',
    60,
    languages.map((name) => ({ name, clipDim: 24, dinoDim: 0 })),
  );
  scene.radiance.appearanceWidth = 32;
  return scene;
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('initial parameters', () => {
  it('have the described names and shapes and stay within their bounds, filling them evenly', () => {
    const scene = tinyScene(['panoptic']);
    const parameters = initialParameters(scene, 1);
    expect([...parameters.keys()]).toEqual(describeParameters(scene).map(({ name }) => name));
    for (const { name, size, init } of describeParameters(scene)) {
      const values = parameters.get(name)!;
      expect(values.length).toBe(size);
      if (init.kind === 'zeros') expect(values.every((value) => value === 0)).toBe(true);
      if (init.kind !== 'uniform') continue;
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(init.bound));
      expect(largest).toBeGreaterThan(0.7 * init.bound);
      expect(Math.abs(mean(values))).toBeLessThan((3 * init.bound) / Math.sqrt(3 * size));
    }
  });

  it('sum the draws of a bias that stands for several columns of ones', () => {
    const values = initialValues(
      {
        name: 'b',
        shape: [4000],
        group: 'fields',
        init: { kind: 'uniform-sum', bound: 0.5, draws: 6 },
        rateFactor: 6,
        size: 4000,
      },
      3,
    );
    // The variance of one draw is bound² / 3.
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo((6 * 0.25) / 3, 1);
    expect(values.some((value) => Math.abs(value) > 0.5)).toBe(true);
  });

  it('draw the appearance from the standard normal distribution', () => {
    const values = initialParameters(tinyScene([]), 2).get('radiance.appearance')!;
    expect(mean(values)).toBeCloseTo(0, 0);
    expect(mean(values.map((value) => value ** 2))).toBeGreaterThan(0.9);
    expect(mean(values.map((value) => value ** 2))).toBeLessThan(1.1);
  });

  it('depend on the seed and the name alone, and not on what a language field is called', () => {
    const one = initialParameters(tinyScene(['panoptic']), 5);
    const two = initialParameters(tinyScene(['none', 'panoptic']), 5);
    for (const [name, values] of one) expect(two.get(name)).toEqual(values);
    expect(two.get('language.none.grid.0')).toEqual(two.get('language.panoptic.grid.0'));
    expect(two.get('language.none.grid.0')).not.toEqual(two.get('language.none.grid.1'));
    expect(initialParameters(tinyScene([]), 6).get('radiance.grid')).not.toEqual(one.get('radiance.grid'));
  });
});
