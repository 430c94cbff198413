/** Settings of the override that concern none of the priors; silence would let a user believe in them. */
import { type Prior, type PriorRule, readPrior } from './prior.ts';
import { type PyramidSettings, pyramidSettings } from './pyramid-options.ts';

const concerned: Partial<Record<keyof PyramidSettings, (rule: PriorRule) => boolean>> = {
  window: ({ base, within }) => base === 'panoptic' && !within,
  cells: ({ base, within, pixels }) => base === 'panoptic' && !within && !pixels,
  context: ({ base, context, masked }) => base !== 'none' && !context && !masked,
};

/** Flags that were changed and change nothing for these priors, as in "--window partition". */
export function idleSettings(priors: readonly Prior[], settings: PyramidSettings): string[] {
  const rules = priors.map(readPrior);
  return pyramidSettings
    .filter(({ key, default: usual }) => settings[key] !== usual && concerned[key] && !rules.some(concerned[key]))
    .map(({ key, flag }) => `${flag.split(' ')[0]} ${settings[key]}`);
}
