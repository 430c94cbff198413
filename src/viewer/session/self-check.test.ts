import { describe, expect, it } from 'vitest';
import { analyticEngine } from '../../../test/analytic-engine.ts';
import type { Engine, RenderResult } from '../../engines/engine.ts';
import type { Run } from '../../field/run.ts';
import { viewCamera } from '../../math/views.ts';
import { checkView, findDisagreement } from './self-check.ts';

const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 240, 180, 50);
const cpu = analyticEngine({
  languages: ['panoptic', 'none'],
  depth: 2,
  colour: ([x, y]) => [0.5 + x, 0.5 + y, 0.5],
  relevancy: ({ direction, phrase, scale }) =>
    0.5 + 0.2 * scale * direction.reduce((sum, value, axis) => sum + value * phrase[axis], 0),
});
const run = {
  photos: [{ name: 'a', path: 'a', split: 'train', camera }],
  config: { scene: cpu.config },
  canonicalEmbeddings: Float32Array.of(0, 1, 0, 1, 0, 0),
} as unknown as Run;
const view = checkView(run)!;

/** An engine that changes what the other one renders. */
const altered = (change: (result: RenderResult) => void): Engine => ({
  ...cpu,
  async render(...given) {
    const result = await cpu.render(...given);
    change(result);
    return result;
  },
});

describe('the self-check of a GPU', () => {
  it('looks at the scene and at every language field, in few rays', () => {
    expect(view.rays.count).toBe(24 * 18);
    expect(view.requests.map(({ query }) => query?.field)).toEqual([undefined, 0, 1]);
    expect(checkView({ ...run, photos: [] })).toBeUndefined();
    expect(checkView({ ...run, canonicalEmbeddings: undefined })!.requests).toHaveLength(1);
  });

  it('trusts what is the same but for rounding, and a few rays that moved', async () => {
    expect(await findDisagreement(cpu, cpu, view)).toBeUndefined();
    const close = altered(({ rgb, depth, relevancy }) => {
      rgb?.forEach((value, i) => {
        rgb[i] = value * (1 + 1e-4);
      });
      depth?.fill(9, 0, 5);
      relevancy?.fill(0.1, 0, 3);
    });
    expect(await findDisagreement(close, cpu, view)).toBeUndefined();
  });

  it.each([
    ['rgb', 'a tenth too bright', (values: Float32Array) => values.map((value) => value + 0.1)],
    ['rgb', 'NaN in some', (values: Float32Array) => values.map((value, i) => (i % 20 === 0 ? Number.NaN : value))],
    ['depth', 'of another scene', (values: Float32Array) => values.map((value) => value * 1.2)],
    ['accumulation', 'all zeros', (values: Float32Array) => values.map(() => 0)],
    ['relevancy', 'the wrong way round', (values: Float32Array) => values.map((value) => 1 - value)],
    ['relevancy', 'of too few rays', (values: Float32Array) => values.slice(1)],
  ] as const)('does not trust %s that is %s', async (kind, _, change) => {
    const wrong = altered((result) => {
      if (result[kind]) result[kind] = change(result[kind]);
    });
    expect(await findDisagreement(wrong, cpu, view)).toMatch(new RegExp(kind));
  });
});
