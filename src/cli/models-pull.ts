/** `langfield models pull <name>`: downloads a model of the catalogue and makes an encoder of it. The only command
 * that uses the network; it says before what it will fetch. */
import { type Command, Option } from 'commander';
import { LangfieldError } from '../errors.ts';
import { type CatalogueModel, catalogue, requireModel } from '../model-store/catalogue.ts';
import { announcePlan, fetchModel, planFetch } from '../model-store/fetch-model.ts';
import { buildPulledEncoder } from '../model-store/pull-encoder.ts';
import type { CliContext } from './context.ts';
import { addImportOptions, type ImportFlags } from './models-import-options.ts';
import { introduceEncoder, modelSource, modelStoreFolder } from './models-store.ts';

interface PullFlags extends ImportFlags {
  from?: string;
  offline?: boolean;
  dense?: string;
}

export function addModelsPullCommand(models: Command, context: CliContext): void {
  const command = models
    .command('pull')
    .description('download a model of the catalogue and make an encoder of it')
    .argument('<name>', 'name of the model, as "langfield models list" shows it')
    .option(
      '--from <place>',
      'a hub or mirror (https://…), or a folder with the files (default: $LANGFIELD_MODEL_HUB or the Hugging Face hub)',
    )
    .option('--offline', 'use no network: only what is here, or --from a folder (also $LANGFIELD_OFFLINE=1)')
    .addOption(new Option('--dense <model>', 'the DINO that goes with it, or none (default: the catalogue’s choice)'));
  addImportOptions(command).action(async (name: string, flags: PullFlags) => {
    const model = requireModel(name);
    const dense = denseOf(model, flags.dense);
    await fetchAll(dense ? [model, dense] : [model], flags, context);
    if (model.role === 'dense') {
      const partners = catalogue.filter((each) => each.dense === model.name).map((each) => each.name);
      context.print(`it goes with an encoder: langfield models pull ${partners[0]}`);
      return;
    }
    const { pixels, denseSize } = flags;
    const { platform, progress } = context;
    const options = { pixels, denseSize, progress };
    const encoder = await buildPulledEncoder(modelStoreFolder(), model, dense, platform.files, options);
    await introduceEncoder(encoder, model.name, context);
  });
}

function denseOf(model: CatalogueModel, flag: string | undefined): CatalogueModel | undefined {
  if (model.role === 'dense' || flag === 'none') return undefined;
  const name = flag ?? model.dense;
  if (name === undefined) return undefined;
  const dense = requireModel(name);
  if (dense.role === 'dense') return dense;
  throw new LangfieldError({
    field: '--dense',
    problem: 'this model gives no dense features',
    found: dense.name,
    expected: `${catalogue
      .filter(({ role }) => role === 'dense')
      .map((each) => each.name)
      .join(', ')} or none`,
    advice: 'Leave --dense out',
  });
}

/** Says all that will be fetched, then fetches it. */
async function fetchAll(models: readonly CatalogueModel[], flags: PullFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const source = modelSource(flags);
  const plans = [];
  for (const model of models) plans.push(await planFetch(modelStoreFolder(), model, platform.files));
  for (const plan of plans) {
    for (const line of plan.damaged) progress.warn(line);
    for (const line of announcePlan(plan, source)) print(line);
  }
  const options = { fetch: (url: string, init?: RequestInit) => fetch(url, init), files: platform.files, progress };
  for (const plan of plans) await fetchModel(plan, source, options);
}
