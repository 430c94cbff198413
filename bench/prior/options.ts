/** Options of `bench prior`, and the settings that decide what its numbers are. */
import type { Command } from 'commander';
import { wholeNumber } from '../../src/cli/numbers.ts';
import type { ImageTextEncoder } from '../../src/encoders/encoder.ts';
import { LangfieldError } from '../../src/errors.ts';
import { type Prior, parsePriors } from '../../src/pyramid/prior.ts';
import { type TileChoice, tileChoiceNames } from '../../src/pyramid/tile-choice.ts';
import { parseSize } from '../../src/query/views.ts';
import type { BenchOptions } from '../bench.ts';

/** Where regions come from: the built-in segmenter, or the truth of the scene. */
export const regionSources = ['builtin', 'exact'] as const;
export type RegionSource = (typeof regionSources)[number];

export interface Size {
  width: number;
  height: number;
}

export interface PriorBenchOptions extends BenchOptions {
  /** All built-in scenes unless given. */
  scenes?: string[];
  seeds: number;
  firstSeed: number;
  priors: Prior[];
  regions: RegionSource[];
  /** Each trains fields of its own. */
  tiles: TileChoice[];
  steps: number;
  languageSteps: number;
  views: number;
  novelViews: number;
  size: Size;
  samples: number;
  evalSize: Size;
  encoder: string;
  stuff: boolean;
  out: string;
  /** Captures, radiance fields and caches; below `out` unless given. */
  captures?: string;
  quick: boolean;
  reportOnly: boolean;
}

/** The paper's method and ablations, and what goes beyond it. */
const defaultPriors: Prior[] = [
  'none',
  'panoptic',
  'single-scale',
  'full',
  'panoptic+within',
  'panoptic+within+masked',
];

/** What --quick puts in the place of defaults: seconds, and numbers that mean nothing. */
const quickDefaults: Partial<PriorBenchOptions> = {
  scenes: ['tea-time'],
  seeds: 1,
  steps: 20,
  languageSteps: 20,
  views: 6,
  novelViews: 2,
  size: { width: 64, height: 48 },
  samples: 1,
  evalSize: { width: 32, height: 24 },
  out: 'runs/bench-prior-quick',
};

export function addOptions(command: Command): void {
  const steps = wholeNumber(1, 10_000_000);
  command
    .option('--scenes <names>', 'built-in scenes, separated by commas (default: all)', namesOf)
    .option(
      '--seeds <n>',
      'seeds per scene, of the scene and of the training; more can be added later',
      wholeNumber(1, 1000),
      3,
    )
    .option('--first-seed <n>', 'the seeds count from here', wholeNumber(0, 1_000_000), 101)
    .option(
      '--priors <names>',
      'language fields; none is what the others are compared with',
      (text) => parsePriors(text),
      defaultPriors,
    )
    .option(
      '--regions <sources>',
      'builtin, exact or both',
      (text) => chosenOf(text, regionSources, '--regions', 'source of regions'),
      [...regionSources],
    )
    .option(
      '--tiles <kinds>',
      `tiles that are encoded, each for fields of its own, compared with full: ${tileChoiceNames.join(', ')}`,
      (text) => chosenOf(text, tileChoiceNames, '--tiles', 'choice of tiles'),
      ['full'],
    )
    .option('--steps <n>', 'steps of the radiance field', steps, 2200)
    .option('--language-steps <n>', 'steps of every language field', steps, 900)
    .option('--views <n>', 'photos to train on', wholeNumber(4, 400), 24)
    .option('--novel-views <n>', 'views to score in, never trained on', wholeNumber(1, 100), 6)
    .option('--size <WxH>', 'of the photos', parseSize, { width: 240, height: 180 })
    .option('--samples <n>', 'rays per pixel of the photos', wholeNumber(1, 64), 4)
    .option('--eval-size <WxH>', 'of the relevancy maps that are scored', parseSize, { width: 160, height: 120 })
    .option('--encoder <folder>', 'encoder folder, or builtin', 'builtin')
    .option('--stuff', 'score table, wall and floor too', false)
    .option('--out <folder>', 'results; an interrupted bench goes on there', 'runs/bench-prior')
    .option('--captures <folder>', 'captures, radiance fields and caches, to be shared (default: <out>/captures)')
    .option('--quick', 'a look at the flow in seconds: the numbers mean nothing', false)
    .option('--report-only', 'train nothing: report what is there', false)
    .hook('preAction', (own) => {
      if (!own.opts<PriorBenchOptions>().quick) return;
      for (const [name, value] of Object.entries(quickDefaults)) {
        const source = own.getOptionValueSource(name);
        if (source === undefined || source === 'default') own.setOptionValue(name, value);
      }
    });
}

/** What captures and radiance fields depend on. */
export function captureSettings({ views, novelViews, size, samples, steps }: PriorBenchOptions) {
  return { views, novelViews, size: sizeText(size), samples, steps };
}

/** What the scores depend on. */
export function scoreSettings(
  options: PriorBenchOptions,
  { name, identity, dense }: Pick<ImageTextEncoder, 'name' | 'identity' | 'dense'>,
) {
  const { languageSteps, evalSize, stuff } = options;
  const own = { languageSteps, evalSize: sizeText(evalSize), stuff };
  const features = dense ? `, dense ${dense.identity.slice(0, 16)}` : '';
  return { ...captureSettings(options), ...own, encoder: `${name} ${identity.slice(0, 16)}${features}` };
}

const sizeText = ({ width, height }: Size) => `${width}x${height}`;

export const namesOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Names out of a list of choices, in the order of the choices. */
function chosenOf<T extends string>(text: string, choices: readonly T[], field: string, what: string): T[] {
  const names = namesOf(text);
  const chosen = choices.filter((choice) => names.includes(choice));
  if (chosen.length === names.length && names.length > 0) return chosen;
  throw new LangfieldError({
    problem: `there is no such ${what}`,
    field,
    found: text,
    expected: `one or more of ${choices.join(', ')}, separated by commas`,
  });
}
