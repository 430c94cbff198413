import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { settingKeys, trainingSettings } from '../training/settings.ts';
import { addTrainingOptions, givenSettings } from './settings.ts';

function parse(...args: string[]) {
  const command = addTrainingOptions(new Command('train'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(args, { from: 'user' });
  return givenSettings(command.opts());
}

describe('training flags', () => {
  it('give nothing when none is given', () => {
    expect(parse()).toEqual({});
  });

  it('become typed settings', () => {
    expect(
      parse(
        ...['--preset', 'lite', '--steps', '120', '--prior', 'panoptic, none', '--joint'],
        ...['--no-pose-refinement', '--fields-rate', '5e-3', '--minutes', '2.5'],
      ),
    ).toEqual({
      preset: 'lite',
      steps: 120,
      prior: ['panoptic', 'none'],
      joint: true,
      poseRefinement: false,
      fieldsRate: 5e-3,
      minutes: 2.5,
    });
  });

  it('are refused by name when they make no sense', () => {
    expect(() => parse('--rays', '0')).toThrow(/^--rays: .*found 0; expected a whole number from 1 to 65536/);
    expect(() => parse('--seed', '')).toThrow(/^--seed: .*found ""/);
    expect(() => parse('--steps', 'abc')).toThrow(/^--steps: .*found "abc"; expected a whole number/);
    expect(() => parse('--prior', '')).toThrow(/^--prior:/);
    expect(() => parse('--preset', 'tiny')).toThrow(/Allowed choices are small, lite, base, big/);
  });

  it('exist for every setting, with its help', () => {
    const help = addTrainingOptions(new Command('train')).helpInformation().replaceAll(/\s+/g, ' ');
    for (const key of settingKeys) {
      expect(help).toMatch(new RegExp(`--(no-)?${trainingSettings[key].flag}\\b`));
      expect(help).toContain(trainingSettings[key].help);
    }
  });
});
