/**
 * A whole query: every view answered, every answer written as it is ready (only small pictures for the contact sheet
 * are kept), the sheet drawn at the end.
 */
import type { Engine } from '../engines/engine.ts';
import type { CaptionFonts } from '../pictures/captions.ts';
import { joinPath, type Image, type Platform, type Progress } from '../platform/platform.ts';
import { type AnswerOptions, answerView, type FieldAnswer, sweepScales } from './answer-view.ts';
import { coarseIsCheaper } from './coarse-scales.ts';
import { distinctSlugs, slugOf } from './phrases.ts';
import { drawQuerySheet, type SheetRow, sheetRow } from './query-sheet.ts';
import type { TextVectors } from './text-vectors.ts';
import { chooseViewScales } from './view-scales.ts';
import { spread, type View } from './views.ts';
import { writePhraseAnswer } from './write-answer.ts';

export const scaleSearches = ['coarse', 'exhaustive'] as const;
export type ScaleSearch = (typeof scaleSearches)[number];

export interface QueryJob {
  engine: Engine;
  texts: TextVectors;
  /** Indices of language fields. */
  fields: readonly number[];
  views: readonly View[];
  /** Folder for the results. */
  out: string;
  /** Scale of every phrase instead of a choice; 'first-view': chosen there and kept after it. */
  scales?: readonly number[] | 'first-view';
  /** How scales are chosen: over every pixel, or over a grid of pixels and then those around the best of them, where that is less work (default). */
  scaleSearch?: ScaleSearch;
  /** The photo of a view, when it can be shown. */
  loadPhoto(view: View): Promise<Image | undefined>;
  fonts: CaptionFonts;
  chunkRays?: number;
}

/** One phrase in one view of one language field. */
export interface QueryEntry {
  phrase: string;
  view: string;
  field: string;
  width: number;
  height: number;
  scale: number;
  maxRelevancy: number;
  found: boolean;
  /** Where the largest relevancy is: pixel, depth and point in scene units. */
  peak: { row: number; col: number; depth: number; position: [number, number, number] };
  folder: string;
}

export interface QueryReport {
  entries: QueryEntry[];
  /** Path of the contact sheet. */
  sheet: string;
  /** Views that the sheet leaves out. */
  viewsOffSheet: number;
}

/** More rows make a sheet that no viewer opens. */
const mostSheetRows = 24;

type Machine = Pick<Platform, 'files' | 'images'>;

export async function runQuery(job: QueryJob, platform: Machine, progress: Progress): Promise<QueryReport> {
  const { engine, texts, fields, views } = job;
  const phraseSlugs = distinctSlugs(texts.phrases);
  const onSheet = new Set(spread(views, mostSheetRows));
  const rows: SheetRow[] = [];
  const entries: QueryEntry[] = [];
  const pixels = views.reduce((sum, { camera }) => sum + camera.width * camera.height, 0);
  let done = 0;
  let kept = Array.isArray(job.scales) ? fields.map(() => job.scales as readonly number[]) : undefined;
  progress.start('answering', pixels * fields.length);
  for (const view of views) {
    const onRays = (count: number) => progress.update((done += count), view.name);
    const keptScales = kept ?? (await coarseScales(job, view));
    const options: AnswerOptions = { keptScales, chunkRays: job.chunkRays, onRays };
    const answer = await answerView(engine, view.camera, texts, fields, options);
    if (job.scales === 'first-view') kept ??= answer.fields.map(({ phrases }) => phrases.map(({ scale }) => scale));
    for (const fieldAnswer of answer.fields)
      for (const [index, phrase] of fieldAnswer.phrases.entries()) {
        const fieldFolder = fields.length > 1 ? slugOf(fieldAnswer.field) : '';
        const folder = joinPath(job.out, phraseSlugs[index], view.slug, fieldFolder);
        await writePhraseAnswer(platform, folder, phrase, answer);
        entries.push(queryEntry(view, fieldAnswer, index, folder));
      }
    if (onSheet.has(view)) rows.push(await sheetRow(view, await job.loadPhoto(view), answer, platform.images));
  }
  progress.finish();
  const sheet = joinPath(job.out, `${slugOf(texts.phrases.join(' '))}.png`);
  const names = fields.map((field) => engine.config.languages[field].name);
  const picture = await drawQuerySheet(rows, texts.phrases, names, subtitleOf(job, names), job.fonts, platform.images);
  await platform.files.writeAtomic(sheet, await platform.images.encodePng(picture));
  return { entries, sheet, viewsOffSheet: views.length - rows.length };
}

/** Per field, the scale of every phrase; undefined where the answer itself shall choose, over every pixel. */
async function coarseScales(
  { engine, texts, fields, chunkRays, scaleSearch }: QueryJob,
  { camera }: View,
): Promise<number[][] | undefined> {
  if (scaleSearch === 'exhaustive' || !coarseIsCheaper(camera, sweepScales.length, texts.phrases.length))
    return undefined;
  const chosen: number[][] = [];
  for (const field of fields)
    chosen.push(Array.from((await chooseViewScales(engine, camera, texts, field, { chunkRays })).scales));
  return chosen;
}

function queryEntry(view: View, { field, phrases }: FieldAnswer, index: number, folder: string): QueryEntry {
  const { phrase, scale, found, peak } = phrases[index];
  const { relevancy, row, col, depth, position } = peak;
  const { width, height } = view.camera;
  return {
    phrase,
    view: view.name,
    field,
    width,
    height,
    scale,
    maxRelevancy: relevancy,
    found,
    peak: { row, col, depth, position },
    folder,
  };
}

function subtitleOf({ scales }: QueryJob, fields: readonly string[]): string {
  const choice = scales === undefined ? 'scale chosen per phrase and view among 30' : 'scales kept';
  return `Language field ${fields.join(', ')}; ${choice}. Coloured where relevancy exceeds 0.5; normalised = stretched to its own range.`;
}
