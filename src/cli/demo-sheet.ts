/**
 * The picture of the demo, read back from what the commands wrote: a row per phrase, in the novel view that shows most
 * of it, with the photo, both language fields and the truth.
 */
import type { EvaluationReport } from '../evaluate/report.ts';
import { loadFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import { displayMasked } from '../pictures/displays.ts';
import { type Image, joinPath, type Platform } from '../platform/platform.ts';
import { slugOf } from '../query/phrases.ts';
import { type DemoPlaces, demoFields } from './demo.ts';

export async function drawDemoSheet(
  place: DemoPlaces,
  scene: string,
  phrases: readonly string[],
  report: EvaluationReport,
  platform: Platform,
): Promise<Image> {
  const read = async (...parts: string[]) => {
    const path = joinPath(...parts);
    return platform.images.decode(await platform.files.readBytes(path), path);
  };
  const rows: SheetCell[][] = [];
  const captions: string[] = [];
  for (const phrase of phrases) {
    const shown = report.pairs.filter((pair) => pair.phrase === phrase).sort((a, b) => b.area - a.area)[0];
    // Hidden behind other things in every novel view: there is nothing to compare.
    if (!shown) continue;
    const view = shown.photo.replace(/^.*\//, '').replace(/\.png$/, '');
    const photo = await read(place.capture, 'images', `${view}.png`);
    const answers = Object.entries(demoFields).map(async ([field, title]): Promise<SheetCell> => {
      const scores = report.pairs.find(
        (pair) => pair.phrase === phrase && pair.photo === shown.photo && pair.field === field,
      );
      const image = await read(place.query, slugOf(phrase), view, slugOf(field), 'composited.png');
      return { image, caption: `${title}: D ${scores?.dRelevancy.toFixed(4) ?? '–'}` };
    });
    const truth = displayMasked(photo, await read(place.masks, view, `${phrase}.png`));
    rows.push([{ image: photo, caption: view }, ...(await Promise.all(answers)), { image: truth, caption: 'truth' }]);
    captions.push(`“${phrase}”`);
  }
  const title = `langfield demo: ${scene}`;
  const subtitle = 'Novel views. Coloured where relevancy exceeds 0.5; D is the mean squared error against the truth.';
  const columnCaptions = ['photo', 'LERF', 'with the panoptic prior', 'truth'];
  const options = { title, subtitle, columnCaptions, rowCaptions: captions, cellWidth: 260 };
  return contactSheet(rows, options, await loadFonts(platform), platform.images);
}
