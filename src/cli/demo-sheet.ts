/** The picture of the demo: per view the photo, its rendering and every phrase, read back from what the query wrote. */
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
  views: readonly string[],
  platform: Platform,
): Promise<Image> {
  const read = async (...parts: string[]) => {
    const path = joinPath(...parts);
    return platform.images.decode(await platform.files.readBytes(path), path);
  };
  const rows: SheetCell[][] = [];
  for (const view of views) {
    const cells: SheetCell[] = [
      { image: await read(place.capture, 'images', `${view}.png`), caption: `photo ${view}, not trained on` },
      { image: await read(place.render, view, 'rgb.png'), caption: 'rendered' },
    ];
    for (const phrase of phrases)
      cells.push({
        image: await read(place.query, slugOf(phrase), view, 'composited.png'),
        caption: `“${phrase}”`,
      });
    for (let start = 0; start < cells.length; start += columns) rows.push(cells.slice(start, start + columns));
  }
  return contactSheet(
    rows,
    {
      title: 'langfield demo: phrases found in a trained scene',
      subtitle:
        'Renderings of views that were not trained on, coloured where relevancy exceeds 0.5. The encoder knows colours only; nothing turquoise is on the table.',
      cellWidth,
    },
    await loadFonts(platform),
    platform.images,
  );
}
