/**
 * Language fields of one scene, seed and source of regions, on the radiance field that all of them share. A field does
 * not depend on which others are trained beside it: its first values follow from its name, its rays from the step.
 */
import { resolve } from 'node:path';
import { type OpenLanguage, openLanguage } from '../../src/cli/language-options.ts';
import { isRun, openRun, runFiles } from '../../src/field/run-folder.ts';
import { joinPath } from '../../src/platform/platform.ts';
import type { Prior } from '../../src/pyramid/prior.ts';
import type { TileChoice } from '../../src/pyramid/tile-choice.ts';
import { addLanguages } from '../../src/training/add-languages.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import { type PriorBenchContext, stopIfAsked } from './context.ts';
import { evaluateField, openEvaluation } from './evaluate-field.ts';
import { trainingContext } from './geometry.ts';
import type { RegionSource } from './options.ts';
import type { FieldResult, Unit } from './results.ts';

/** What language fields are trained on, beside the photos. */
export interface Supply {
  regions: RegionSource;
  tiles: TileChoice;
}

/** Trains and scores whatever of the priors has no result yet. Returns how many there were. */
export async function completeFields(
  unit: Unit,
  supply: Supply,
  priors: readonly Prior[],
  context: PriorBenchContext,
): Promise<number> {
  const { work } = context;
  const { regions, tiles } = supply;
  const missing: Prior[] = [];
  for (const prior of priors) if (!(await work.has(work.result(unit, prior, regions, tiles)))) missing.push(prior);
  if (missing.length === 0) return 0;
  const language = await openSupply(unit, supply, context);
  try {
    const training = await trainFields(unit, supply, missing, language, context);
    await evaluateFields(unit, supply, missing, training, language, context);
  } finally {
    await language.close();
  }
  return missing.length;
}

/** The encoder with the regions of one source. Exact regions are nested: parts in instances. */
function openSupply(unit: Unit, { regions, tiles }: Supply, context: PriorBenchContext): Promise<OpenLanguage> {
  const { work, options } = context;
  const exact = ['parts', 'instances'].map((kind) => joinPath(work.capture(unit), kind));
  const segmenter = regions === 'builtin' ? 'builtin' : `files:${exact.join(',')}`;
  const { encoder, threads } = options;
  return openLanguage({ encoder, cache: work.cache, threads, segmenter, regionLevel: 'large', tiles }, context);
}

/** Returns the seconds per field; null where all of them were there. */
async function trainFields(
  unit: Unit,
  supply: Supply,
  priors: readonly Prior[],
  language: OpenLanguage,
  context: PriorBenchContext,
): Promise<number | null> {
  const { work, options, platform } = context;
  const { regions, tiles } = supply;
  const folder = work.run(unit, regions, tiles);
  if (!(await isRun(folder, platform.files))) await copyRun(work.radiance(unit), folder, context);
  const { languages } = (await openRun(folder, platform.files)).config.scene;
  const untrained = priors.filter((prior) => !languages.some(({ name }) => name === prior));
  if (untrained.length === 0) return null;
  const { languageSteps, threads } = options;
  // As in a run of that length: the last learning rate comes with the last step.
  const { languageDecaySteps } = resolveSettings({ languageSteps }, { longestSide: 1, cores: threads });
  const start = platform.now();
  await addLanguages({
    ...trainingContext(context),
    folder,
    captureFolder: resolve(work.capture(unit)),
    given: { prior: untrained, languageSteps, languageDecaySteps, threads },
    language: {
      encoder: language.encoder,
      encoderFolder: language.encoderFolder,
      supervise: async (photos, asked) => (await language.prepare(photos, asked)).supervisions,
      settings: { regions, tiles, languageSteps },
    },
  });
  stopIfAsked(context);
  return (platform.now() - start) / 1000 / untrained.length;
}

/** Without its checkpoint, which only a run that goes on needs. The description comes last: with it, the copy is whole. */
async function copyRun(from: string, to: string, { platform: { files } }: PriorBenchContext): Promise<void> {
  for (const name of [runFiles.cameras, runFiles.scene, runFiles.config])
    await files.writeAtomic(joinPath(to, name), await files.readBytes(joinPath(from, name)));
}

async function evaluateFields(
  unit: Unit,
  supply: Supply,
  priors: readonly Prior[],
  training: number | null,
  { encoder }: OpenLanguage,
  context: PriorBenchContext,
): Promise<void> {
  const { work, platform } = context;
  const { regions, tiles } = supply;
  const evaluation = await openEvaluation(unit, work.run(unit, regions, tiles), encoder, context);
  try {
    for (const prior of priors) {
      const start = platform.now();
      const pairs = await evaluateField(evaluation, prior, context);
      const seconds = { training, evaluation: (platform.now() - start) / 1000 };
      const own = { prior, regions: prior === 'none' ? null : regions, ...(tiles !== 'full' && { tiles }) };
      const result: FieldResult = { ...unit, ...own, pairs, seconds };
      await work.writeJson(work.result(unit, prior, regions, tiles), result);
      stopIfAsked(context);
    }
  } finally {
    await evaluation.engine.close();
  }
}
