/** The picture of the demo: a photo, its rendering and every phrase, read back from what render and query wrote. */
import { loadFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import { type Image, joinPath, type Platform } from '../platform/platform.ts';
import { slugOf } from '../query/phrases.ts';
import type { DemoPlaces } from './demo.ts';

const columns = 4;
const cellWidth = 320;

export async function drawDemoSheet(
  place: DemoPlaces,
  phrases: readonly string[],
  view: string,
  platform: Platform,
): Promise<Image> {
  const read = async (...parts: string[]) => {
    const path = joinPath(...parts);
    return platform.images.decode(await platform.files.readBytes(path), path);
  };
  const cells: SheetCell[] = [
    { image: await read(place.capture, 'images', `${view}.png`), caption: 'a photo that was not trained on' },
    { image: await read(place.render, view, 'rgb.png'), caption: 'the scene from there' },
  ];
  for (const phrase of phrases) {
    const image = await read(place.query, slugOf(phrase), view, 'composited.png');
    cells.push({ image, caption: `“${phrase}”` });
  }
  const rows: SheetCell[][] = [];
  for (let start = 0; start < cells.length; start += columns) rows.push(cells.slice(start, start + columns));
  const title = 'langfield demo: phrases found in a trained scene';
  const subtitle =
    'Coloured where relevancy exceeds 0.5. The built-in encoder knows colours only; nothing turquoise is on the table.';
  return contactSheet(rows, { title, subtitle, cellWidth }, await loadFonts(platform), platform.images);
}
