/** Command-line flags made from the declarations of the training settings, and values read back from them. */
import { type Command, Option } from 'commander';
import {
  checkSetting,
  type Setting,
  type SettingKey,
  settingKeys,
  type TrainingSettings,
  trainingSettings,
} from '../training/settings.ts';

/** Adds a flag for every training setting. Nothing gets a value unless it is given. */
export function addTrainingOptions(command: Command): Command {
  for (const key of settingKeys) command.addOption(settingOption(key));
  return command;
}

/** The settings that were given on the command line, checked. */
export function givenSettings(flags: Record<string, unknown>): Partial<TrainingSettings> {
  const given: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const value = flags[settingOption(key).attributeName()];
    const { kind, default: byDefault } = trainingSettings[key];
    // Commander gives a "--no-x" flag a value even when it is absent.
    if (value === undefined || (kind === 'switch' && value === byDefault)) continue;
    given[key] = checkSetting(key, value);
  }
  return given as Partial<TrainingSettings>;
}

function settingOption(key: SettingKey): Option {
  const setting: Setting = trainingSettings[key];
  const { flag, help } = setting;
  if (setting.kind === 'switch')
    return new Option(setting.default ? `--no-${flag}` : `--${flag}`, setting.default ? `do not ${help}` : help);
  if (setting.kind === 'choice')
    return new Option(`--${flag} <name>`, `${help} (default: ${setting.default})`).choices([...setting.choices]);
  if (setting.kind === 'list') {
    const summary = `${help}: ${setting.choices.join(', ')} (default: ${setting.default.join(',')})`;
    return new Option(`--${flag} <list>`, summary).argParser((text) => text.split(',').map((part) => part.trim()));
  }
  const byDefault = setting.default === 'auto' ? '' : ` (default: ${setting.default})`;
  return new Option(`--${flag} <${setting.unit ?? 'number'}>`, help + byDefault).argParser(numberOrText);
}

/** What is not a number stays text in quotes: the check refuses it and shows what was typed. */
function numberOrText(text: string): number | string {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(value) ? JSON.stringify(text) : value;
}
