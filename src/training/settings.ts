/**
 * Every setting of a training run, declared once: default, range, unit, help, command-line flag and JSON key. The
 * flags, the checks and the saved configuration all come from here. Numbers that follow from others (steps, rays,
 * decay horizons) are 'auto' until resolveSettings fills them in; the run saves what was resolved.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import type { PresetName } from '../field/config.ts';
import { defaultPrior, findPrior, priorChoices, priorFault } from '../pyramid/prior.ts';

interface Declared {
  /** Flag without the dashes; a flag setting whose default is true gets "--no-<flag>". */
  flag: string;
  help: string;
  unit?: string;
  /** May be changed when a run is resumed; the others decide what the run is. */
  changeable?: boolean;
  /** Its value in runs that were saved without it. */
  ifAbsent?: number;
}

export interface NumberSetting extends Declared {
  kind: 'integer' | 'number';
  min: number;
  max: number;
  /** 'auto' follows from other settings, as the help says. */
  default: number | 'auto';
}

export interface SwitchSetting extends Declared {
  kind: 'switch';
  default: boolean;
}

export interface ChoiceSetting extends Declared {
  kind: 'choice';
  choices: readonly string[];
  default: string;
}

export interface ListSetting extends Declared {
  kind: 'list';
  /** What an entry may be, in words. */
  choices: readonly string[];
  /** The entry as it is kept; undefined when it is not possible. */
  find(entry: string): string | undefined;
  /** Why it is not, as a sentence without a full stop. */
  fault(entry: string): string | undefined;
  default: readonly string[];
}

export type Setting = NumberSetting | SwitchSetting | ChoiceSetting | ListSetting;

export const presetNames = ['small', 'lite', 'base', 'big'] as const satisfies readonly PresetName[];

type NumberLimits = Pick<NumberSetting, 'default' | 'min' | 'max' | 'unit' | 'changeable' | 'ifAbsent'>;

const integer = (flag: string, limits: NumberLimits, help: string) =>
  ({ kind: 'integer', flag, help, ...limits }) as const satisfies NumberSetting;
const real = (flag: string, limits: NumberLimits, help: string) =>
  ({ kind: 'number', flag, help, ...limits }) as const satisfies NumberSetting;
const rate = (flag: string, value: number, help: string) =>
  real(flag, { default: value, min: 1e-9, max: 1, changeable: true }, help);
const steps = (flag: string, help: string) =>
  integer(flag, { default: 'auto', min: 0, max: 10_000_000, unit: 'steps', changeable: true }, help);
const decay = (flag: string, help: string) =>
  integer(
    flag,
    { default: 'auto', min: 1, max: 10_000_000, unit: 'steps', changeable: true },
    `steps until the last rate (auto: ${help})`,
  );

export const trainingSettings = {
  preset: {
    kind: 'choice',
    flag: 'preset',
    choices: presetNames,
    default: 'small',
    help: 'size of the scene: small for a CPU, lite, base and big as LERF has them',
  },
  steps: steps('steps', 'steps of the radiance field (auto: small 6000, others 30000)'),
  languageSteps: steps('language-steps', 'steps of the language fields (auto: small 3000, others 30000)'),
  rays: integer(
    'rays',
    { default: 'auto', min: 1, max: 65_536, unit: 'rays' },
    'rays per step (auto: small 512, others 4096)',
  ),
  joint: {
    kind: 'switch',
    flag: 'joint',
    default: false,
    help: 'train radiance and language together in every step, as LERF does, instead of one after the other',
  },
  prior: {
    kind: 'list',
    flag: 'prior',
    choices: priorChoices,
    find: findPrior,
    fault: priorFault,
    default: [defaultPrior],
    help: 'how regions guide the language; several, separated by commas, give one language field each',
  },
  downscale: integer(
    'downscale',
    { default: 'auto', min: 1, max: 64 },
    'shrink the photos for the radiance field by this factor (auto: the longer side is at most 960 pixels)',
  ),
  seed: integer('seed', { default: 0, min: 0, max: 2 ** 31 - 1 }, 'seed of everything random'),
  threads: integer(
    'threads',
    { default: 'auto', min: 1, max: 256, changeable: true },
    'worker threads (auto: one per core)',
  ),
  poseRefinement: { kind: 'switch', flag: 'pose-refinement', default: true, help: 'refine the camera poses' },
  minutes: real(
    'minutes',
    { default: 0, min: 0, max: 100_000, unit: 'min', changeable: true },
    'stop each stage after so many minutes; 0 = no limit. A limited run is not reproducible to the byte',
  ),
  saveSeconds: real(
    'save-seconds',
    { default: 120, min: 0, max: 1e6, unit: 's', changeable: true },
    'time between checkpoints; 0 = none by time',
  ),
  saveSteps: integer(
    'save-steps',
    { default: 0, min: 0, max: 10_000_000, unit: 'steps', changeable: true },
    'steps between checkpoints; 0 = none by steps',
  ),
  pictureMinutes: real(
    'picture-minutes',
    { default: 0, min: 0, max: 100_000, unit: 'min', changeable: true },
    'time between pictures of a held-out photo; 0 = only at the end of a stage',
  ),
  logSteps: integer(
    'log-steps',
    { default: 20, min: 1, max: 100_000, unit: 'steps', changeable: true },
    'steps per line of the log',
  ),
  proposalRate: rate('proposal-rate', 1e-2, 'learning rate of the proposal networks'),
  fieldsRate: rate('fields-rate', 1e-2, 'first learning rate of the radiance field'),
  fieldsFinalRate: rate('fields-final-rate', 1e-3, 'last learning rate of the radiance field'),
  fieldsDecaySteps: decay('fields-decay-steps', '30000, at most --steps'),
  cameraRate: rate('camera-rate', 1e-3, 'first learning rate of the camera poses'),
  cameraFinalRate: rate('camera-final-rate', 1e-4, 'last learning rate of the camera poses'),
  cameraDecaySteps: decay('camera-decay-steps', '5000, at most --steps'),
  languageRate: rate('language-rate', 1e-2, 'first learning rate of the language fields'),
  languageFinalRate: rate('language-final-rate', 1e-3, 'last learning rate of the language fields'),
  languageDecaySteps: decay('language-decay-steps', '4000, lite 7000, big 3000, at most --language-steps'),
  dinoSpread: real(
    'dino-spread',
    { default: 'auto', min: 0, max: 1e6, ifAbsent: 0 },
    'dense features that spread wider (root of their summed variance) are scaled down to this; 0 = never, as LERF (auto: small 0.05, others 0)',
  ),
} as const satisfies Record<string, Setting>;

type Declarations = typeof trainingSettings;
export type SettingKey = keyof Declarations;

type ValueOf<S> = S extends { kind: 'integer' | 'number' }
  ? number
  : S extends { kind: 'switch' }
    ? boolean
    : S extends { kind: 'choice'; choices: readonly (infer C)[] }
      ? C
      : S extends { kind: 'list'; find(entry: string): infer C }
        ? NonNullable<C>[]
        : never;

/** Every setting with its value; what a run saves. */
export type TrainingSettings = { -readonly [K in SettingKey]: ValueOf<Declarations[K]> };

/** What the automatic values depend on besides the other settings. */
export interface SettingFacts {
  /** Longest side of any photo, pixels. */
  longestSide: number;
  cores: number;
}

/** Largest longer side that photos are shrunk to automatically. */
const comfortableSide = 960;

interface PresetDefaults {
  steps: number;
  languageSteps: number;
  rays: number;
  languageDecaySteps: number;
  dinoSpread: number;
}

/** Spec §1.9; `small` is what two cores finish in some minutes. */
const presetDefaults: Record<PresetName, PresetDefaults> = {
  small: { steps: 6000, languageSteps: 3000, rays: 512, languageDecaySteps: 4000, dinoSpread: 0.05 },
  lite: { steps: 30_000, languageSteps: 30_000, rays: 4096, languageDecaySteps: 7000, dinoSpread: 0 },
  base: { steps: 30_000, languageSteps: 30_000, rays: 4096, languageDecaySteps: 4000, dinoSpread: 0 },
  big: { steps: 30_000, languageSteps: 30_000, rays: 4096, languageDecaySteps: 3000, dinoSpread: 0 },
};

/** The check of one setting. */
export function settingSchema(setting: Setting): z.ZodType {
  if (setting.kind === 'switch') return z.boolean();
  if (setting.kind === 'choice') return z.enum(setting.choices);
  if (setting.kind === 'list') {
    const entry = z.string().refine((name) => setting.find(name) !== undefined);
    return z.array(entry.overwrite((name) => setting.find(name) ?? name)).min(1);
  }
  const number = z.number().min(setting.min).max(setting.max);
  return setting.kind === 'integer' ? number.int() : number;
}

/** What a setting accepts, in words. */
export function settingRange(setting: Setting): string {
  if (setting.kind === 'switch') return 'true or false';
  if (setting.kind === 'choice') return setting.choices.join(', ');
  if (setting.kind === 'list') return `a list of ${setting.choices.join(', ')}`;
  const kind = setting.kind === 'integer' ? 'a whole number' : 'a number';
  return `${kind} from ${setting.min} to ${setting.max}`;
}

/** Checks one value; `file` names where it came from, when it was a file. */
export function checkSetting<K extends SettingKey>(key: K, value: unknown, file?: string): TrainingSettings[K] {
  const setting: Setting = trainingSettings[key];
  const parsed = settingSchema(setting).safeParse(value);
  const repeated = setting.kind === 'list' && parsed.success && hasRepeats(parsed.data as string[]);
  if (parsed.success && !repeated) return parsed.data as TrainingSettings[K];
  throw new LangfieldError({
    problem: repeated ? 'a value is given twice' : 'this value is not possible',
    file,
    field: file === undefined ? `--${setting.flag}` : `training.${key}`,
    found: Array.isArray(value) ? value.join(',') : String(value),
    expected: settingRange(setting),
    ...(setting.kind === 'list' && Array.isArray(value) && { advice: adviceFor(setting, value) }),
  });
}

const adviceFor = ({ fault }: ListSetting, entries: readonly unknown[]): string | undefined =>
  entries.map((entry) => fault(String(entry))).find((sentence) => sentence !== undefined);

const hasRepeats = (values: readonly string[]): boolean => new Set(values).size < values.length;

/** Checks what was asked for and fills in everything else. */
export function resolveSettings(given: Partial<TrainingSettings>, facts: SettingFacts): TrainingSettings {
  const chosen: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const value = given[key] ?? trainingSettings[key].default;
    chosen[key] = value === 'auto' ? undefined : checkSetting(key, value);
  }
  const settings = chosen as Partial<TrainingSettings> & { preset: PresetName };
  const preset = presetDefaults[settings.preset];
  settings.steps ??= preset.steps;
  settings.languageSteps ??= preset.languageSteps;
  settings.rays ??= preset.rays;
  settings.dinoSpread ??= preset.dinoSpread;
  settings.downscale ??= Math.max(1, Math.ceil(facts.longestSide / comfortableSide));
  settings.threads ??= Math.max(1, facts.cores);
  // A run shorter than the original reaches the same last rate at its end instead of stopping in mid-decay.
  const languageSteps = settings.joint ? settings.steps : settings.languageSteps;
  const horizon = (original: number, run: number) => Math.max(1, Math.min(original, run));
  settings.fieldsDecaySteps ??= horizon(30_000, settings.steps);
  settings.cameraDecaySteps ??= horizon(5000, settings.steps);
  settings.languageDecaySteps ??= horizon(preset.languageDecaySteps, languageSteps);
  return settings as TrainingSettings;
}

export const settingKeys = Object.keys(trainingSettings) as SettingKey[];

/** Reads the settings that a run saved; `file` is its config.json. */
export function readSavedSettings(saved: Record<string, unknown>, file: string): TrainingSettings {
  const ifAbsent = (key: SettingKey) => (trainingSettings[key] as Setting).ifAbsent;
  const entries = settingKeys.map((key) => [key, checkSetting(key, saved[key] ?? ifAbsent(key), file)]);
  return Object.fromEntries(entries) as TrainingSettings;
}
