/**
 * Language fields of one scene, seed and source of regions, on the radiance field that all of them share. A field does
 * not depend on which others are trained beside it: its first values follow from its name, its rays from the step.
 */
import { resolve } from 'node:path';
import { type OpenLanguage, openLanguage } from '../../src/cli/language-options.ts';
import { isRun, openRun, runFiles } from '../../src/field/run-folder.ts';
import { joinPath } from '../../src/platform/platform.ts';
import type { Prior } from '../../src/pyramid/prior.ts';
import { addLanguages } from '../../src/training/add-languages.ts';
import { resolveSettings } from '../../src/training/settings.ts';
import { type PriorBenchContext, stopIfAsked } from './context.ts';
import { evaluateField, openEvaluation } from './evaluate-field.ts';
import { trainingContext } from './geometry.ts';
import type { RegionSource } from './options.ts';
import type { Unit } from './results.ts';

/** Trains and scores whatever of the priors has no result yet. Returns how many there were. */
export async function completeFields(
  unit: Unit,
  regions: RegionSource,
  priors: readonly Prior[],
  context: PriorBenchContext,
): Promise<number> {
  const { work } = context;
  const missing: Prior[] = [];
  for (const prior of priors) if (!(await work.has(work.result(unit, prior, regions)))) missing.push(prior);
  if (missing.length === 0) return 0;
  const language = await openRegions(unit, regions, context);
  try {
    const training = await trainFields(unit, regions, missing, language, context);
    await evaluateFields(unit, regions, missing, training, language, context);
  } finally {
    await language.close();
  }
  return missing.length;
}

/** The encoder with the regions of one source. Exact regions are nested: parts in instances. */
function openRegions(unit: Unit, regions: RegionSource, context: PriorBenchContext): Promise<OpenLanguage> {
  const { work, options } = context;
  const exact = ['parts', 'instances'].map((kind) => joinPath(work.capture(unit), kind));
  const segmenter = regions === 'builtin' ? 'builtin' : `files:${exact.join(',')}`;
  const { encoder, threads } = options;
  return openLanguage({ encoder, cache: work.cache, threads, segmenter, regionLevel: 'large' }, context);
}

/** Returns the seconds per field; null where all of them were there. */
async function trainFields(
  unit: Unit,
  regions: RegionSource,
  priors: readonly Prior[],
  language: OpenLanguage,
  context: PriorBenchContext,
): Promise<number | null> {
  const { work, options, platform } = context;
  const folder = work.run(unit, regions);
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
      settings: { regions, languageSteps },
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
  regions: RegionSource,
  priors: readonly Prior[],
  training: number | null,
  { encoder }: OpenLanguage,
  context: PriorBenchContext,
): Promise<void> {
  const { work, platform } = context;
  const evaluation = await openEvaluation(unit, work.run(unit, regions), encoder, context);
  try {
    for (const prior of priors) {
      const start = platform.now();
      const pairs = await evaluateField(evaluation, prior, context);
      const seconds = { training, evaluation: (platform.now() - start) / 1000 };
      const result = { ...unit, prior, regions: prior === 'none' ? null : regions, pairs, seconds };
      await work.writeJson(work.result(unit, prior, regions), result);
      stopIfAsked(context);
    }
  } finally {
    await evaluation.engine.close();
  }
}
