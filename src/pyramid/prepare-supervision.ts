/**
 * Everything training needs of the pyramid in one call: regions, embeddings, and one LanguageSupervision per prior.
 * Photo numbers of the supervisions are positions in `sources.photos`.
 */
import { buildPyramid, type Pyramid, type PyramidSources } from './build-pyramid.ts';
import { idleSettings } from './idle-settings.ts';
import { openSupervision } from './open-supervision.ts';
import { type Prior, readPrior } from './prior.ts';
import type { PyramidSettings } from './pyramid-options.ts';
import { PyramidReader } from './pyramid-reader.ts';
import type { LanguageSupervision } from './supervision.ts';

export interface PreparedSupervision {
  pyramid: Pyramid;
  supervisions: Map<Prior, LanguageSupervision>;
}

export async function prepareSupervision(
  sources: PyramidSources,
  priors: readonly Prior[],
  settings: PyramidSettings,
): Promise<PreparedSupervision> {
  const { encoder, progress } = sources;
  if (!encoder.dense) progress.log(`encoder ${encoder.name} offers no dense features: the DINO loss is off`);
  if (sources.regionMaps.getNestedMaps === undefined && priors.some((prior) => readPrior(prior).nested))
    progress.warn('every photo has one region map: the option nested changes nothing');
  for (const idle of idleSettings(priors, settings)) progress.warn(`${idle} changes nothing for ${priors.join(', ')}`);
  const pyramid = await buildPyramid(sources, priors, settings);
  const reader = new PyramidReader(pyramid);
  return { pyramid, supervisions: new Map(priors.map((prior) => [prior, openSupervision(pyramid, prior, reader)])) };
}
