import { describe, expect, it } from 'vitest';
import { checkSetting, readSavedSettings, resolveSettings, settingKeys, trainingSettings } from './settings.ts';

const facts = { longestSide: 1920, cores: 2 };

describe('training settings', () => {
  it('follow the preset, the photos and the machine where nothing is given', () => {
    const small = resolveSettings({}, facts);
    expect(small).toMatchObject({
      preset: 'small',
      rays: 512,
      downscale: 2,
      threads: 2,
      prior: ['panoptic+within+masked'],
    });
    expect(resolveSettings({ preset: 'lite' }, facts)).toMatchObject({
      steps: 30_000,
      rays: 4096,
      fieldsDecaySteps: 30_000,
      cameraDecaySteps: 5000,
      languageDecaySteps: 7000,
    });
    expect(resolveSettings({}, { longestSide: 600, cores: 4 })).toMatchObject({ downscale: 1, threads: 4 });
    expect(small.dinoSpread).toBe(0.05);
    for (const preset of ['lite', 'base', 'big'] as const)
      expect(resolveSettings({ preset }, facts).dinoSpread, preset).toBe(0);
  });

  it('end the decay with a run that is shorter than the original', () => {
    expect(resolveSettings({ preset: 'base', steps: 1000, languageSteps: 500 }, facts)).toMatchObject({
      fieldsDecaySteps: 1000,
      cameraDecaySteps: 1000,
      languageDecaySteps: 500,
    });
    expect(resolveSettings({ steps: 0 }, facts).fieldsDecaySteps).toBe(1);
  });

  it('keep what is given', () => {
    const given = { preset: 'big', steps: 7, downscale: 3, prior: ['none', 'full'], joint: true, seed: 5 } as const;
    expect(resolveSettings({ ...given, prior: [...given.prior] }, facts)).toMatchObject(given);
  });

  it('name the flag, what was found and what is possible', () => {
    expect(() => resolveSettings({ steps: 1.5 }, facts)).toThrow(
      '--steps: this value is not possible (found 1.5; expected a whole number from 0 to 10000000).',
    );
    expect(() => checkSetting('fieldsRate', 2)).toThrow(/--fields-rate.*a number from 1e-9 to 1/);
    expect(() => checkSetting('preset', 'huge')).toThrow(/found huge; expected small, lite, base, big/);
    expect(() => checkSetting('prior', ['none', 'none'])).toThrow(/--prior: a value is given twice/);
    expect(checkSetting('prior', ['none', 'panoptic+nested+pixels'])).toEqual(['none', 'panoptic+pixels+nested']);
    expect(() => checkSetting('prior', ['panoptic+pixels+nested', 'panoptic+nested+pixels'])).toThrow(/given twice/);
    expect(() => checkSetting('prior', ['none', 'none+pixels'])).toThrow(
      /--prior: .*found none,none\+pixels; expected a list of panoptic, .*\)\. The option pixels belongs to panoptic/,
    );
    expect(() => checkSetting('seed', Number.NaN)).toThrow(/--seed/);
  });

  it('survive being saved as JSON', () => {
    const settings = resolveSettings({ prior: ['panoptic', 'none'] }, facts);
    expect(readSavedSettings(JSON.parse(JSON.stringify(settings)), 'run/config.json')).toEqual(settings);
    expect(() => readSavedSettings({ ...settings, rays: '512' }, 'run/config.json')).toThrow(
      /^run\/config\.json: training\.rays:/,
    );
  });

  it('are read from runs that were saved before a setting existed, as it was then', () => {
    const { dinoSpread: _, ...older } = resolveSettings({}, facts);
    expect(readSavedSettings(older, 'run/config.json')).toEqual({ ...older, dinoSpread: 0 });
    const { rays: __, ...broken } = older;
    expect(() => readSavedSettings(broken, 'run/config.json')).toThrow(/training\.rays/);
  });

  it('have distinct flags and defaults inside their ranges', () => {
    const flags = settingKeys.map((key) => trainingSettings[key].flag);
    expect(new Set(flags).size).toBe(flags.length);
    for (const key of settingKeys) {
      const { default: value } = trainingSettings[key];
      if (value !== 'auto') expect(() => checkSetting(key, value), key).not.toThrow();
    }
  });
});
