/** `langfield query`: where phrases are in a trained scene, as pictures, exact maps and a table. */
import { type Command, Option } from 'commander';
import { LangfieldError } from '../errors.ts';
import { textTable } from '../formats/text-table.ts';
import { loadFonts } from '../pictures/captions.ts';
import { joinPath } from '../platform/platform.ts';
import { photoPicture } from '../query/photo-picture.ts';
import { parsePhrases } from '../query/phrases.ts';
import { type QueryEntry, type QueryReport, runQuery, type ScaleSearch, scaleSearches } from '../query/run-query.ts';
import { runEncoder, selectFields } from '../query/text-vectors.ts';
import { defaultFov, parseSize, selectViews } from '../query/views.ts';
import type { CliContext } from './context.ts';
import {
  addEngineOptions,
  degrees,
  type EngineFlags,
  phraseVectors,
  positiveInteger,
  withScene,
} from './open-scene.ts';

interface QueryFlags extends EngineFlags {
  views?: string;
  size?: { width: number; height: number };
  fov?: number;
  longSide: number;
  field?: string;
  scales?: number[];
  keepScales?: boolean;
  scaleSearch: ScaleSearch;
  encoder?: string;
  out?: string;
  json?: boolean;
}

export function addQueryCommand(program: Command, context: CliContext): void {
  const command = program
    .command('query')
    .description('Find phrases in a trained scene: relevancy maps, pictures and positions.')
    .argument('<run>', 'folder that "langfield train" wrote')
    .argument('<phrases>', 'phrases separated by semicolons, such as "red fox; picture frame"')
    .option(
      '--views <views>',
      'photo names, indices, all, train or test, separated by commas, or a JSON file of cameras (a few held-out photos unless given)',
    )
    .option('--size <WxH>', `pinhole views of this size, such as 512x298, from where the photos were taken`, parseSize)
    .option(
      '--fov <degrees>',
      `vertical field of view of pinhole views (${defaultFov} when only a size is given)`,
      degrees,
    )
    .option('--long-side <pixels>', 'longest side of views whose size is not given', positiveInteger, 320)
    .option('--field <name>', 'language field to ask: its name or all (the first unless given)')
    .option('--scales <list>', 'one scale per phrase, separated by commas, instead of the search among 30', parseScales)
    .addOption(
      new Option(
        '--scale-search <how>',
        'look for the best scale at every fourth pixel of every fourth row and then around the best of them (for a few phrases), or at every pixel',
      )
        .choices(scaleSearches)
        .default('coarse'),
    )
    .option('--keep-scales', 'search the scales in the first view only and keep them in the others')
    .option('--encoder <folder>', 'folder of the encoder, when it is no longer where it was at training time')
    .option('--out <folder>', 'where the results go (<run>/query unless given)')
    .option('--json', 'print the results as JSON in the last line');
  addEngineOptions(command).action((folder: string, text: string, flags: QueryFlags) =>
    query(folder, text, flags, context),
  );
}

async function query(folder: string, text: string, flags: QueryFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const { phrases, notes } = parsePhrases(text);
  for (const note of notes) progress.warn(note);
  if (flags.scales && flags.scales.length !== phrases.length)
    throw new LangfieldError({
      problem: 'every phrase needs one scale',
      field: '--scales',
      found: `${flags.scales.length}`,
      expected: `${phrases.length}`,
      advice: 'Give one scale per phrase, or leave --scales out',
    });
  const report = await withScene(folder, flags, context, async ({ run, engine }) => {
    runEncoder(run);
    const fields = selectFields(run, flags.field);
    const views = await selectViews(run, flags.views, flags, platform.files);
    const out = flags.out ?? joinPath(folder, 'query');
    const texts = await phraseVectors(run, phrases, flags.encoder, context);
    // A place that cannot be written is better found before the work than after it.
    await platform.files.makeFolder(out);
    const job = {
      engine,
      texts,
      fields,
      views,
      out,
      scales: flags.scales ?? (flags.keepScales ? ('first-view' as const) : undefined),
      scaleSearch: flags.scaleSearch,
      loadPhoto: async (view: (typeof views)[number]) => view.photo && photoPicture(view.photo, platform),
      fonts: await loadFonts(platform),
    };
    return runQuery(job, platform, progress);
  });
  for (const line of describeQuery(report)) print(line);
  if (flags.json) print(JSON.stringify(report));
}

/** The table of a query and a plain word about what was not found. */
export function describeQuery({ entries, sheet, viewsOffSheet }: QueryReport): string[] {
  const severalFields = new Set(entries.map(({ field }) => field)).size > 1;
  const lines = textTable(
    [
      { title: 'phrase' },
      ...(severalFields ? [{ title: 'field' }] : []),
      { title: 'view' },
      { title: 'scale' },
      { title: 'max relevancy' },
      { title: 'peak (row, col)' },
      { title: 'depth' },
      { title: 'scene position' },
    ],
    entries.map((entry) => [
      entry.phrase,
      ...(severalFields ? [entry.field] : []),
      entry.view,
      entry.scale,
      entry.maxRelevancy,
      `${entry.peak.row}, ${entry.peak.col}${entry.found ? '' : '  (not found)'}`,
      entry.peak.depth,
      entry.peak.position.map((value) => value.toFixed(3)).join(', '),
    ]),
  );
  const missing = notFound(entries, severalFields);
  if (missing.length > 0) lines.push('', ...missing);
  const left = viewsOffSheet > 0 ? ` (${viewsOffSheet} views are not on it)` : '';
  return [...lines, '', `contact sheet: ${sheet}${left}`];
}

function notFound(entries: readonly QueryEntry[], severalFields: boolean): string[] {
  const phrases = [...new Set(entries.map(({ phrase }) => phrase))];
  return phrases.flatMap((phrase) => {
    const all = entries.filter((entry) => entry.phrase === phrase);
    const missed = all.filter(({ found }) => !found);
    if (missed.length === 0) return [];
    const places = missed.map(({ view, field }) => (severalFields ? `${view} (${field})` : view));
    const where = missed.length === all.length ? 'any view' : places.join(', ');
    return [`"${phrase}" was not found in ${where}: nothing exceeds 0.5.`];
  });
}

function parseScales(text: string): number[] {
  return text.split(',').map((part) => {
    const scale = part.trim() === '' ? Number.NaN : Number(part);
    if (scale >= 0 && scale <= 10) return scale;
    throw new LangfieldError({
      problem: 'a scale must be a number',
      field: '--scales',
      found: part.trim(),
      expected: '0 to 1.5, as a query prints it',
      advice: 'Correct --scales',
    });
  });
}
