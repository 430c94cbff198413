import { expect, it } from 'vitest';
import { idleSettings } from './idle-settings.ts';
import { resolvePyramidSettings } from './pyramid-options.ts';

it.each([
  [['panoptic'], []],
  [['panoptic+pixels'], ['--cells one-cell']],
  [['panoptic+within+masked'], ['--window partition', '--cells one-cell', '--context image']],
  [['panoptic+within'], ['--window partition', '--cells one-cell']],
  [['panoptic+within', 'panoptic'], []],
  [['full'], ['--window partition', '--cells one-cell']],
  [['none'], ['--window partition', '--cells one-cell', '--context image']],
] as const)('for %s %s change nothing', (priors, idle) => {
  const changed = resolvePyramidSettings({
    window: 'partition',
    cells: 'one-cell',
    context: 'image',
    minRegionSide: '3',
  });
  expect(idleSettings(priors, changed)).toEqual(idle);
  expect(idleSettings(priors, resolvePyramidSettings())).toEqual([]);
});
