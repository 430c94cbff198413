/**
 * Every setting of regions-in-the-pyramid, declared once: key, flag, choices or range, default, help. The command line
 * builds its options from this list, runs save the resolved object, and `resolvePyramidSettings` is the one place
 * where values are checked. Numbers in brackets in the help name the rows of spec §5.3.
 */
import { LangfieldError } from '../errors.ts';
import { type TileChoice, tileChoiceNames } from './tile-choice.ts';

export interface PyramidSettings {
  /** Which tiles are encoded; the others are interpolated. */
  tiles: TileChoice;
  /** Which levels a region may override. */
  window: 'two-sided' | 'partition';
  /** Which cells of a level a region overrides. */
  cells: 'all' | 'one-cell';
  /** What surrounds a region in its square tile. */
  context: 'zeros' | 'image';
  /** Regions with a shorter longer side, in pixels of the photo, are ignored. */
  minRegionSide: number;
  /** Memory for embeddings during training, MiB, for all language fields together. */
  cacheMiB: number;
}

type Setting<K extends keyof PyramidSettings> = {
  key: K;
  flag: string;
  default: PyramidSettings[K];
  help: string;
} & (PyramidSettings[K] extends number
  ? { range: readonly [min: number, max: number] }
  : { choices: readonly PyramidSettings[K][] });

export type PyramidSetting = { [K in keyof PyramidSettings]: Setting<K> }[keyof PyramidSettings];

export const pyramidSettings: readonly PyramidSetting[] = [
  {
    key: 'tiles',
    flag: '--tiles <kind>',
    choices: tileChoiceNames,
    default: 'full',
    help: "tiles that are encoded: LERF's, every second one of those that overlap, all but the smallest, or both savings (coarse: a sixth of the encoding time)",
  },
  {
    key: 'window',
    flag: '--window <kind>',
    choices: ['two-sided', 'partition'],
    default: 'two-sided',
    help: 'levels a region may override: the two that bracket its size, or one (#1)',
  },
  {
    key: 'cells',
    flag: '--cells <kind>',
    choices: ['all', 'one-cell'],
    default: 'all',
    help: 'cells a region overrides in a level: all whose centre lies in it, or the most central one (#4)',
  },
  {
    key: 'context',
    flag: '--context <kind>',
    choices: ['zeros', 'image'],
    default: 'zeros',
    help: 'what fills a region tile round the bounding box: zeros, or the photo (#9)',
  },
  {
    key: 'minRegionSide',
    flag: '--min-region-side <pixels>',
    range: [1, 4096],
    default: 8,
    help: 'ignore regions whose longer side is shorter (#11)',
  },
  {
    key: 'cacheMiB',
    flag: '--pyramid-memory <MiB>',
    range: [1, 65536],
    default: 1024,
    help: 'memory for embeddings while training, for all language fields together',
  },
];

/** Settings from raw values (strings from a command line, or JSON); what is absent takes its default. */
export function resolvePyramidSettings(
  raw: Partial<Record<keyof PyramidSettings, unknown>> = {},
  source = 'options',
): PyramidSettings {
  const resolved = Object.fromEntries(
    pyramidSettings.map((setting) => [setting.key, resolveSetting(setting, raw[setting.key], source)]),
  );
  return resolved as unknown as PyramidSettings;
}

function resolveSetting(setting: PyramidSetting, value: unknown, source: string): string | number {
  if (value === undefined) return setting.default;
  const fault = (expected: string) =>
    new LangfieldError({
      file: source === 'options' ? undefined : source,
      field: source === 'options' ? setting.flag.split(' ')[0] : setting.key,
      problem: 'this value is not possible',
      found: String(value),
      expected,
      advice: setting.help[0].toUpperCase() + setting.help.slice(1),
    });
  if ('choices' in setting) {
    const choice = setting.choices.find((candidate) => candidate === value);
    if (choice === undefined) throw fault(setting.choices.join(' or '));
    return choice;
  }
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  const [min, max] = setting.range;
  if (!Number.isInteger(number) || number < min || number > max) throw fault(`a whole number from ${min} to ${max}`);
  return number;
}
