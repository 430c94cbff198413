/**
 * Names of priors: how regions guide one language field. A name is a base, and for some bases options that go beyond
 * the paper, joined by "+": `panoptic+pixels+nested`. Bases and options are declared here, once; what they do to a
 * look-up is override.ts and open-supervision.ts. docs/priors.md explains them to users.
 */
import { LangfieldError } from '../errors.ts';

/** panoptic = the method; none = LERF; single-scale and full = its two ablations. */
export type PriorBase = 'panoptic' | 'none' | 'single-scale' | 'full';
export type PriorOption = 'within' | 'pixels' | 'nested' | 'confident' | 'area' | 'context' | 'masked';
export type Prior = PriorBase | `${PriorBase}+${string}`;

interface OptionDeclaration {
  /** Bases it can be added to. */
  bases: readonly PriorBase[];
  /** Options it contradicts. */
  without?: readonly PriorOption[];
  help: string;
}

export const priorBases: readonly PriorBase[] = ['panoptic', 'none', 'single-scale', 'full'];

/** In the order in which they stand in a name. */
export const priorOptions: Record<PriorOption, OptionDeclaration> = {
  within: {
    bases: ['panoptic'],
    without: ['pixels', 'confident', 'area'],
    help: 'tiles answer as far as they show the region of the pixel, which answers for the rest',
  },
  pixels: { bases: ['panoptic'], help: 'the region of the pixel answers, not those of the cells round it' },
  nested: { bases: ['panoptic'], help: 'of all nested maps, the region nearest to the level in size' },
  confident: { bases: ['panoptic'], help: 'only where the region says more than the tile' },
  area: {
    bases: ['panoptic'],
    without: ['pixels'],
    help: 'mixed with the tile by the share of it that the region covers',
  },
  context: { bases: ['panoptic', 'single-scale', 'full'], help: 'region tiles filled with the photo, not with zeros' },
  masked: {
    bases: ['panoptic', 'single-scale', 'full'],
    without: ['context'],
    help: 'the mean of the region’s tile and of one that shows the region alone',
  },
};

const optionNames = Object.keys(priorOptions) as PriorOption[];

/** The best in `bench prior` (docs/benchmarks.md): trained unless another is asked for. */
export const defaultPrior: Prior = 'panoptic+within+masked';

/** What `--prior` takes, as a list of choices. */
export const priorChoices: readonly string[] = [
  ...priorBases,
  `and panoptic with options, as in panoptic+pixels+nested: ${optionNames.map((name) => `+${name}`).join(' ')}`,
];

/** A prior taken apart. */
export type PriorRule = { base: PriorBase } & Record<PriorOption, boolean>;

export function readPrior(prior: Prior): PriorRule {
  const fault = priorFault(prior);
  if (fault !== undefined) throw new RangeError(fault);
  const [base, ...options] = prior.split('+');
  return {
    base: base as PriorBase,
    ...(Object.fromEntries(optionNames.map((name) => [name, options.includes(name)])) as Record<PriorOption, boolean>),
  };
}

/** Whether a look-up asks for the region of the pixel, not for those of the cells round it. */
export function isByPixel({ base, pixels, within }: PriorRule): boolean {
  return base === 'full' || pixels || within;
}

/** What is wrong with a name, as a sentence without a full stop; undefined when it is a prior. */
export function priorFault(name: string): string | undefined {
  const [base, ...options] = name.split('+');
  if (!(priorBases as readonly string[]).includes(base)) return `There is no prior "${base}"`;
  for (const option of options) {
    if (!(optionNames as readonly string[]).includes(option)) return `There is no option "${option}" of a prior`;
    const { bases, without } = priorOptions[option as PriorOption];
    if (!bases.includes(base as PriorBase))
      return `The option ${option} belongs to ${bases.join(', ')}, not to ${base}`;
    const contrary = without?.find((other) => options.includes(other));
    if (contrary !== undefined) return `The options ${option} and ${contrary} exclude each other`;
  }
  return undefined;
}

/** The name with its options in their order, each once; undefined when it is no prior. */
export function findPrior(name: string): Prior | undefined {
  if (priorFault(name) !== undefined) return undefined;
  const [base, ...options] = name.split('+');
  return [base, ...optionNames.filter((option) => options.includes(option))].join('+') as Prior;
}

/** "panoptic,none" → the priors, without repeats, in the order given. */
export function parsePriors(text: string, source = '--prior'): Prior[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => priorFault(name) !== undefined);
  if (unknown !== undefined || names.length === 0)
    throw new LangfieldError({
      field: source,
      problem: 'unknown prior',
      found: unknown ?? 'nothing',
      expected: `one or more of ${priorChoices.join(', ')}, separated by commas`,
      advice: unknown === undefined ? `${defaultPrior} is the default, none is plain LERF` : priorFault(unknown),
    });
  return [...new Set(names.map((name) => findPrior(name)!))];
}
