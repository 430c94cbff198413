/** What a run says of the regions behind its language fields: which photos' maps it holds, and how they were used. */
import type { RunConfig } from '../field/run.ts';
import { type RunHead, runFiles } from '../field/run-folder.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import { findPrior, readPrior } from '../pyramid/prior.ts';
import { resolvePyramidSettings } from '../pyramid/pyramid-options.ts';
import { regionFile } from '../regions/region-file.ts';
import type { FieldRegions } from './manifest.ts';

/** By language field; fields whose prior uses no regions are left out. */
export async function findRegions(
  { config, photos, folder }: RunHead,
  files: Pick<FileSystem, 'stat'>,
): Promise<Record<string, FieldRegions>> {
  const found: Record<string, FieldRegions> = {};
  for (const { name } of config.scene.languages) {
    const prior = findPrior(name);
    if (prior === undefined || readPrior(prior).base === 'none') continue;
    const { window, cells, minRegionSide } = resolvePyramidSettings(languageSettings(config, name), runFiles.config);
    const kept = await Promise.all(
      photos.map((_, index) => files.stat(joinPath(folder, runFiles.regions, regionFile(name, index)))),
    );
    const held = photos.map((_, index) => index).filter((index) => kept[index] !== undefined);
    found[name] = { photos: held, window, cells, minRegionSide };
  }
  return found;
}

/** Fields that were added to a run later have settings of their own. */
function languageSettings({ training }: RunConfig, field: string): Record<string, unknown> {
  const records = Array.isArray(training.added) ? (training.added as Record<string, unknown>[]) : [];
  const record = records.find(({ prior }) => Array.isArray(prior) && prior.includes(field)) ?? training;
  return (record.language ?? {}) as Record<string, unknown>;
}
