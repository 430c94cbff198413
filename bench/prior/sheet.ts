/**
 * The picture of the report: the phrases that the prior helps most and hurts most, each in the view where the change is
 * greatest: photo, LERF, ours, truth. Maps are rendered again from the runs, at the scale that the bench chose.
 */
import { withScene } from '../../src/cli/open-scene.ts';
import type { ImageTextEncoder } from '../../src/encoders/encoder.ts';
import { loadNodeRuntime } from '../../src/encoders/node-runtime.ts';
import { openEncoder } from '../../src/encoders/onnx-encoder.ts';
import { openRun } from '../../src/field/run-folder.ts';
import { resizeCamera } from '../../src/math/views.ts';
import { loadFonts } from '../../src/pictures/captions.ts';
import { contactSheet, type SheetCell } from '../../src/pictures/contact-sheet.ts';
import { displayMasked } from '../../src/pictures/displays.ts';
import { baseName, type Image, joinPath } from '../../src/platform/platform.ts';
import { answerView } from '../../src/query/answer-view.ts';
import { encodePhrases, runEncoder } from '../../src/query/text-vectors.ts';
import { compositedPicture } from '../../src/query/write-answer.ts';
import { type ComparedPair, compare, phraseChanges, resultsOf } from './compare.ts';
import type { PriorBenchContext } from './context.ts';
import { percent } from './number-texts.ts';
import { type RegionSource, regionSources } from './options.ts';
import type { Column, FieldResult, PairResult, Unit } from './results.ts';

const rowsPerSide = 6;
const cellWidth = 240;

/** Returns undefined when there is nothing to compare or the runs have gone. */
export async function drawSheet(
  results: readonly FieldResult[],
  columns: readonly Column[],
  context: PriorBenchContext,
): Promise<Image | undefined> {
  const { platform, progress } = context;
  const lerf: Column = { prior: 'none', regions: null };
  const shown = shownColumns(columns);
  const rows = chooseRows(shown.map((column) => compare(resultsOf(results, lerf), resultsOf(results, column))));
  if (rows.length === 0) return undefined;
  const first = await findRun(rows[0].pair, lerf, context);
  if (first === undefined) {
    progress.warn('the runs are no longer there: no picture of the report');
    return undefined;
  }
  const encoder = await openEncoder(await encoderOf(first, context), platform.files, await loadNodeRuntime());
  try {
    const cells: (SheetCell | undefined)[][] = [];
    progress.start('drawing the report', rows.length);
    for (const { pair } of rows) {
      cells.push(await drawRow(pair, [lerf, ...shown], results, encoder, context));
      progress.update(cells.length);
    }
    progress.finish();
    return await contactSheet(cells, sheetOptions(rows, shown), await loadFonts(platform), platform.images);
  } finally {
    await encoder.close();
  }
}

/** The method with every source of regions; without it, the first prior there is. */
function shownColumns(columns: readonly Column[]): Column[] {
  const others = columns.filter(({ prior }) => prior !== 'none');
  const prior = others.some((column) => column.prior === 'panoptic') ? 'panoptic' : others[0]?.prior;
  return others.filter((column) => column.prior === prior);
}

interface SheetRow {
  pair: ComparedPair;
  caption: string;
}

/** The greatest help first, then the greatest harm; by the mean over the columns that are shown. */
function chooseRows(compared: readonly (readonly ComparedPair[])[]): SheetRow[] {
  const all = compared.flat();
  const changes = phraseChanges(all);
  const helped = changes.filter(({ before, after }) => after < before).slice(-rowsPerSide);
  const hurt = changes.filter(({ before, after }) => after > before).slice(0, rowsPerSide);
  const change = ({ before, after }: ComparedPair) => after.dRelevancy - before.dRelevancy;
  return [...helped.reverse(), ...hurt].map(({ scene, phrase, before, after }) => {
    const own = all.filter((pair) => pair.scene === scene && pair.after.phrase === phrase);
    const sign = after > before ? -1 : 1;
    const [pair] = own.sort((a, b) => sign * (change(a) - change(b)));
    return { pair, caption: `“${phrase}”\n${after > before ? 'hurt' : 'helped'}: ${percent(after / before - 1)}` };
  });
}

function sheetOptions(rows: readonly SheetRow[], shown: readonly Column[]) {
  return {
    title: 'Where the prior helps most, and where it hurts most',
    subtitle: 'Coloured where relevancy exceeds 0.5. D is the mean squared error against the truth, in this view.',
    columnCaptions: ['photo', 'LERF', ...shown.map(({ prior, regions }) => `${prior}, ${regions} regions`), 'truth'],
    rowCaptions: rows.map(({ caption }) => caption),
    cellWidth,
  };
}

async function drawRow(
  pair: ComparedPair,
  columns: readonly Column[],
  results: readonly FieldResult[],
  encoder: ImageTextEncoder,
  context: PriorBenchContext,
): Promise<(SheetCell | undefined)[]> {
  const { work, platform } = context;
  const { phrase, view } = pair.after;
  const read = async (...parts: string[]) => {
    const path = joinPath(work.capture(pair), ...parts);
    return platform.images.decode(await platform.files.readBytes(path), path);
  };
  const photo = await read('images', `${view}.png`);
  const cells: (SheetCell | undefined)[] = [{ image: photo, caption: `${pair.scene}, seed ${pair.seed}, ${view}` }];
  for (const column of columns) {
    const unit = resultsOf(results, column).find(({ scene, seed }) => scene === pair.scene && seed === pair.seed);
    const scored = unit?.pairs.find((each) => each.phrase === phrase && each.view === view);
    cells.push(scored && (await drawAnswer(pair, column, scored, encoder, context)));
  }
  const mask = await read('labels/novel/masks', view, `${phrase}.png`);
  return [
    ...cells,
    { image: displayMasked(photo, mask), caption: `${(100 * pair.after.area).toFixed(1)} % of the picture` },
  ];
}

async function drawAnswer(
  unit: Unit,
  column: Column,
  scored: PairResult,
  encoder: ImageTextEncoder,
  context: PriorBenchContext,
): Promise<SheetCell | undefined> {
  const folder = await findRun(unit, column, context);
  if (folder === undefined) return undefined;
  const { threads, evalSize } = context.options;
  return withScene(folder, { device: 'cpu', threads }, context, async ({ run, engine }) => {
    const photo = run.photos.find(({ name }) => baseName(name).startsWith(`${scored.view}.`))!;
    const camera = resizeCamera(photo.camera, evalSize.width, evalSize.height);
    const texts = await encodePhrases(run, encoder, [scored.phrase]);
    const field = run.config.scene.languages.findIndex(({ name }) => name === column.prior);
    const answer = await answerView(engine, camera, texts, [field], { keptScales: [[scored.scale]] });
    const { dRelevancy, maxRelevancy, recall, scale } = scored;
    const verdict = `highest ${maxRelevancy.toFixed(2)}, recall ${recall ? 'yes' : 'no'}, scale ${scale.toFixed(2)}`;
    return {
      image: compositedPicture(answer.fields[0].phrases[0], answer),
      caption: `D ${dRelevancy.toFixed(4)}\n${verdict}`,
    };
  });
}

/** The run that has this field; LERF's is in one of the two. */
async function findRun(
  unit: Unit,
  { prior, regions }: Column,
  context: PriorBenchContext,
): Promise<string | undefined> {
  const { work, platform } = context;
  const sources: readonly RegionSource[] = regions === null ? regionSources : [regions];
  for (const source of sources) {
    const folder = work.run(unit, source, 'full');
    if (!(await work.has(joinPath(folder, 'config.json')))) continue;
    const { languages } = (await openRun(folder, platform.files)).config.scene;
    if (languages.some(({ name }) => name === prior)) return folder;
  }
  return undefined;
}

async function encoderOf(folder: string, { platform }: PriorBenchContext): Promise<string> {
  return runEncoder(await openRun(folder, platform.files)).folder;
}
