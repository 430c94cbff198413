/**
 * The 2D baseline of an evaluation: a detector's scores and their contact sheet. Whatever goes wrong here is handed
 * back beside what was done, because the scores of the scene itself must not be lost with it.
 */
import type { Detector } from '../detectors/detector.ts';
import { loadFonts } from '../pictures/captions.ts';
import { joinPath, type Platform, type Progress } from '../platform/platform.ts';
import { photoPicture } from '../query/photo-picture.ts';
import type { DetectorOutcome } from './detector-report.ts';
import { type DetectorSheetRow, detectorSheetRow, drawDetectorSheet } from './detector-sheet.ts';
import type { LabelledPhoto } from './labels/read-labels.ts';
import { scoreDetector } from './score-detector.ts';

export interface BaselineSource {
  detector: Detector;
  /** The detector folder. */
  folder: string;
  labelled: readonly LabelledPhoto[];
  phrases: readonly string[];
}

/** More rows make a sheet that no viewer opens. */
const mostSheetRows = 24;

/**
 * Scores the detector and writes `baseline-sheet.png` into the run.
 * @param print gets the path of the sheet
 */
export async function runBaseline(
  { detector, folder, labelled, phrases }: BaselineSource,
  run: string,
  platform: Platform,
  progress: Progress,
  print: (line: string) => void,
): Promise<DetectorOutcome> {
  const columns = phrases.filter((phrase) => detector.expresses(phrase));
  const notApplicable = phrases.filter((phrase) => !columns.includes(phrase));
  const outcome: DetectorOutcome = { name: detector.name, folder, phrases, notApplicable, scores: [], complete: false };
  if (notApplicable.length > 0)
    progress.warn(`${detector.name} has no class for ${notApplicable.map((phrase) => `"${phrase}"`).join(', ')}`);
  const rows: DetectorSheetRow[] = [];
  const load = (photo: LabelledPhoto['photo']) => photoPicture(photo, platform);
  try {
    await scoreDetector(detector, labelled, phrases, load, progress, outcome.scores, async (view) => {
      if (rows.length < mostSheetRows) rows.push(await detectorSheetRow(view, columns, platform.images));
    });
    outcome.complete = true;
    if (rows.length > 0) print(`contact sheet: ${await writeSheet(outcome, rows, columns, run, platform)}`);
  } catch (failure) {
    outcome.failure = failure;
  }
  return outcome;
}

/** Returns the path. */
async function writeSheet(
  { name, notApplicable }: DetectorOutcome,
  rows: readonly DetectorSheetRow[],
  columns: readonly string[],
  run: string,
  platform: Platform,
): Promise<string> {
  const subtitle =
    `${name} on the photos of ${run}. White: labels. The best box is yellow where it matches, magenta where it does ` +
    `not.${notApplicable.length > 0 ? ` No class for: ${notApplicable.join(', ')}.` : ''}`;
  const title = 'Best boxes against labels';
  const sheet = await drawDetectorSheet(rows, columns, title, subtitle, await loadFonts(platform), platform.images);
  const path = joinPath(run, 'baseline-sheet.png');
  await platform.files.writeAtomic(path, await platform.images.encodePng(sheet));
  return path;
}
