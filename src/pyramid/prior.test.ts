import { describe, expect, it } from 'vitest';
import { LangfieldError } from '../errors.ts';
import { findPrior, parsePriors, readPrior } from './prior.ts';

describe('priors', () => {
  it('come as a list', () => {
    expect(parsePriors('panoptic, none,panoptic')).toEqual(['panoptic', 'none']);
    expect(parsePriors('single-scale,panoptic+nested+pixels,full+context,panoptic+pixels+nested')).toEqual([
      'single-scale',
      'panoptic+pixels+nested',
      'full+context',
    ]);
    expect(() => parsePriors(' , ')).toThrow(/found nothing/);
  });

  it('are taken apart', () => {
    expect(readPrior('panoptic+pixels+confident')).toEqual({
      base: 'panoptic',
      within: false,
      pixels: true,
      nested: false,
      confident: true,
      area: false,
      context: false,
      masked: false,
    });
    expect(findPrior('panoptic+context+area+area')).toBe('panoptic+area+context');
  });

  it.each([
    [
      'panoptik',
      /--prior: unknown prior \(found panoptik; expected one or more of panoptic, none, .*\+within \+pixels \+nested/,
    ],
    ['panoptic+pixel', /There is no option "pixel" of a prior\.$/],
    ['panoptic+', /There is no option "" of a prior/],
    ['none+pixels', /The option pixels belongs to panoptic, not to none\.$/],
    ['full+nested', /The option nested belongs to panoptic, not to full\.$/],
    ['panoptic+pixels+area', /The options area and pixels exclude each other\.$/],
    ['panoptic+within+pixels', /The options within and pixels exclude each other\.$/],
    ['full+context+masked', /The options masked and context exclude each other\.$/],
  ])('%s is refused in one line', (name, message) => {
    expect(findPrior(name)).toBeUndefined();
    expect(() => parsePriors(`none,${name}`)).toThrow(LangfieldError);
    expect(() => parsePriors(name)).toThrow(message);
  });
});
