/**
 * Language supervision for `train`: what the shared flags of language-options.ts say, remembered in the run so that a
 * resumed run uses the same regions and rules without the flags being given again.
 */
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Pyramid } from '../pyramid/build-pyramid.ts';
import { readPrior } from '../pyramid/prior.ts';
import type { LanguageTraining } from '../training/train-capture.ts';
import type { CliContext } from './context.ts';
import { addLanguageOptions, type LanguageFlags, openLanguage } from './language-options.ts';
import { absoluteSegmenter } from './segmenter-options.ts';

export interface MeasuredLanguageTraining extends LanguageTraining {
  /** What encoding took; undefined before the supervision was asked for. */
  encoding(): Pyramid['encoding'] | undefined;
}

/** Flags of addLanguageOptions besides the encoder, which a run remembers on its own. */
const rememberedFlags = addLanguageOptions(new Command())
  .options.map((option) => option.attributeName())
  .filter((name) => name !== 'encoder');

/**
 * Opens the encoder. `saved` is `training` of the run's configuration: where a flag was not given in `command`, what
 * the run remembers goes before the default.
 */
export async function openLanguageTraining(
  encoderFolder: string,
  flags: LanguageFlags,
  command: Command,
  context: CliContext,
  saved: Record<string, unknown> = {},
): Promise<MeasuredLanguageTraining> {
  const remembered = (saved.language ?? {}) as Record<string, unknown>;
  const merged: Record<string, unknown> = { ...flags, encoder: encoderFolder };
  for (const name of rememberedFlags) {
    const isGiven = !['default', undefined].includes(command.getOptionValueSource(name));
    if (!isGiven && remembered[name] !== undefined) merged[name] = remembered[name];
  }
  const language = await openLanguage(merged as unknown as LanguageFlags, context);
  let encoding: Pyramid['encoding'] | undefined;
  return {
    encoder: language.encoder,
    encoderFolder: language.encoderFolder,
    settings: { language: rememberable(merged) },
    async supervise(photos, priors) {
      const { pyramid, supervisions } = await language.prepare(photos, priors);
      encoding = pyramid.encoding;
      return supervisions;
    },
    saveRegions: async (folder, photos, priors) => {
      const fields = priors.map((name) => ({ name, ...readPrior(name) })).filter(({ base }) => base !== 'none');
      const names = photos.map(({ name }) => name);
      await language.regions.save(folder, fields, names, context.platform.files);
    },
    encoding: () => encoding,
  };
}

function rememberable(flags: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of rememberedFlags) if (flags[name] !== undefined) kept[name] = absolute(name, flags[name]);
  return kept;
}

/** Folders must be found again from another current folder. */
function absolute(name: string, value: unknown): unknown {
  if (name === 'cache') return resolve(String(value));
  return name === 'segmenter' ? absoluteSegmenter(String(value)) : value;
}
