import { describe, expect, it } from 'vitest';
import { LangfieldError } from '../errors.ts';
import { pyramidSettings, resolvePyramidSettings } from './pyramid-options.ts';

describe('pyramid settings', () => {
  it('take their declared defaults', () => {
    expect(resolvePyramidSettings()).toEqual({
      tiles: 'full',
      window: 'two-sided',
      cells: 'all',
      context: 'zeros',
      minRegionSide: 8,
      cacheMiB: 1024,
    });
    for (const setting of pyramidSettings) expect(setting.flag).toMatch(/^--[a-z-]+ <\w+>$/);
  });

  it('accept strings of a command line and numbers of JSON', () => {
    expect(resolvePyramidSettings({ minRegionSide: '12', cacheMiB: 64, window: 'partition' })).toMatchObject({
      minRegionSide: 12,
      cacheMiB: 64,
      window: 'partition',
    });
  });

  it.each([
    [{ window: 'both' }, /^--window: .*found both; expected two-sided or partition/],
    [{ minRegionSide: 'many' }, /^--min-region-side: .*expected a whole number from 1 to 4096/],
    [{ minRegionSide: '' }, /^--min-region-side/],
    [{ cacheMiB: 0 }, /^--pyramid-memory/],
    [{ cells: 3 }, /^--cells/],
  ])('refuse %j', (raw, message) => {
    expect(() => resolvePyramidSettings(raw)).toThrow(LangfieldError);
    expect(() => resolvePyramidSettings(raw)).toThrow(message);
  });
});
