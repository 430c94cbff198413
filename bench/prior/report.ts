/** Everything that was measured, as tables on the terminal, report.md, report.json and report.png. */
import { cpus } from 'node:os';
import { LangfieldError } from '../../src/errors.ts';
import { textTable } from '../../src/formats/text-table.ts';
import { joinPath } from '../../src/platform/platform.ts';
import { columnsOf } from './compare.ts';
import type { PriorBenchContext } from './context.ts';
import { type RegionSource, regionSources } from './options.ts';
import { type Column, type FieldResult, type PhotoResult, tilesOf } from './results.ts';
import type { Section } from './section.ts';
import { reportSections } from './sections.ts';
import { drawSheet } from './sheet.ts';
import { type ColumnSummary, distinct, summarise } from './summary.ts';
import { tileSections } from './tile-section.ts';

/** Prints and writes the report of all results in the work folder that the options do not leave out. */
export async function writeReport(context: PriorBenchContext): Promise<Record<string, unknown>> {
  const { work, options, platform, print } = context;
  const { priors, regions, scenes } = options;
  const found = await work.results();
  const wanted = found.filter(({ scene }) => scenes === undefined || scenes.includes(scene));
  // Fields with fewer tiles have a table of their own.
  const results = wanted.filter((result) => tilesOf(result) === 'full');
  if (results.length === 0)
    throw new LangfieldError({
      problem: 'there are no results to report',
      file: work.out,
      advice: 'Leave --report-only out, or give the folder of a bench with --out',
    });
  const columns = columnsOf(results, priors, regions);
  const summaries = summarise(results, columns);
  const photos = await readPhotos(results, context);
  const head = await reportHead(results, columns, context);
  const sections = [
    ...reportSections(summaries, results, photos),
    ...tileSections(wanted, priors, options.tiles, options.size),
  ];
  const markdown = sections.flatMap((section) => sectionLines(section, 'markdown'));
  for (const line of [...head, ...sections.flatMap((section) => sectionLines(section, 'plain'))]) print(line);

  const inOut = (name: string) => joinPath(work.out, name);
  await platform.files.writeAtomic(inOut('report.md'), `${['# The prior', '', ...head, ...markdown].join('\n')}\n`);
  const headlines = headlinesOf(summaries);
  await work.writeJson(inOut('report.json'), { ...headlines, head, columns: summaries, photos });
  const sheet = await tryDrawSheet(results, columns, context);
  if (sheet) await platform.files.writeAtomic(inOut('report.png'), await platform.images.encodePng(sheet));
  print('');
  print(`report: ${inOut('report.md')}, ${inOut('report.json')}${sheet ? `, ${inOut('report.png')}` : ''}`);
  return headlines;
}

/** The tables are worth having without the picture: the encoder may have moved or changed since. */
async function tryDrawSheet(...request: Parameters<typeof drawSheet>): ReturnType<typeof drawSheet> {
  try {
    return await drawSheet(...request);
  } catch (error) {
    if (!(error instanceof LangfieldError)) throw error;
    request[2].progress.warn(`no picture of the report: ${error.message}`);
    return undefined;
  }
}

async function readPhotos(results: readonly FieldResult[], { work }: PriorBenchContext): Promise<PhotoResult[]> {
  const photos: PhotoResult[] = [];
  for (const path of distinct(results.map((result) => work.photos(result))))
    if (await work.has(path)) photos.push((await work.readJson(path)) as PhotoResult);
  return photos;
}

async function reportHead(
  results: readonly FieldResult[],
  columns: readonly Column[],
  { work, options }: PriorBenchContext,
): Promise<string[]> {
  const path = joinPath(work.out, 'settings.json');
  const settings = (await work.has(path)) ? ((await work.readJson(path)) as Record<string, unknown>) : {};
  const [{ model }] = cpus();
  const seeds = distinct(results.map(({ seed }) => seed)).sort((a, b) => a - b);
  const scenes = distinct(results.map(({ scene }) => scene));
  return [
    `command: npm run bench -- ${process.argv.slice(2).join(' ')}`,
    `machine: ${model.trim()}, ${cpus().length} logical cores, ${options.threads} threads, Node ${process.versions.node}`,
    `settings: ${Object.entries(settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    `scenes: ${scenes.join(', ')}; seeds: ${seeds.join(', ')}; language fields: ${columns.length}`,
    'recall: 90 % of the 10 % highest of the pixels above 0.5 (at least 10) lie on the object',
    timeLine(results),
    '',
  ];
}

function timeLine(results: readonly FieldResult[]): string {
  const mean = (values: (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? '–' : (known.reduce((sum, value) => sum + value, 0) / known.length).toFixed(1);
  };
  const training = mean(results.map(({ seconds }) => seconds.training));
  const evaluation = mean(results.map(({ seconds }) => seconds.evaluation));
  return `time per language field: ${training} s training (encoding included), ${evaluation} s scoring`;
}

function sectionLines({ title, columns, rows, notes }: Section, style: 'plain' | 'markdown'): string[] {
  const heading = style === 'markdown' ? [`## ${title}`, ''] : [title];
  return [...heading, ...textTable(columns, rows, style), ...(notes.length > 0 ? ['', ...notes] : []), ''];
}

const capitalised: Record<RegionSource, string> = { builtin: 'Builtin', exact: 'Exact' };

/** The numbers that the project's targets are about; those of every field by its name. */
export function headlinesOf(summaries: readonly ColumnSummary[]): Record<string, unknown> {
  const lerf = summaries.find(({ prior }) => prior === 'none');
  const headlines: Record<string, unknown> = {
    recallLerf: lerf?.all.recall.mean ?? null,
    localisationLerf: lerf?.all.localisation.mean ?? null,
  };
  for (const source of regionSources) {
    const own = summaries.find(({ prior, regions }) => prior === 'panoptic' && regions === source);
    headlines[`meanReduction${capitalised[source]}`] = own ? -own.changes.dRelevancy.scenes : null;
    headlines[`recall${capitalised[source]}`] = own?.all.recall.mean ?? null;
    headlines[`localisation${capitalised[source]}`] = own?.all.localisation.mean ?? null;
  }
  const others = summaries.filter(({ prior }) => prior !== 'none');
  headlines.fields = Object.fromEntries(
    others.map(({ name, changes, all }) => [
      name,
      {
        meanReduction: -changes.dRelevancy.scenes,
        interval: changes.dRelevancy.unitInterval.map((change) => -change).reverse(),
        recall: all.recall.mean,
        localisation: all.localisation.mean,
        peakInside: all.peakInside.mean,
        ratioAcc: all.ratioAcc.mean,
      },
    ]),
  );
  return headlines;
}
