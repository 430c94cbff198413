/**
 * The one picture to look at after a query: a row per view with its photo and its rendering, and per phrase (and
 * language field) the relevancy composited over the rendering and normalised, with scale and peak in the captions.
 */
import type { CaptionFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import type { Image, ImageCodec } from '../platform/platform.ts';
import type { PhraseAnswer, ViewAnswer } from './answer-view.ts';
import type { View } from './views.ts';
import { colourPicture, relevancyPictures } from './write-answer.ts';

/** Cells of one view, made while its maps are at hand; pictures are at most `cellWidth` wide. */
export interface SheetRow {
  name: string;
  cells: (SheetCell | undefined)[];
}

export const sheetCellWidth = 240;

export async function sheetRow(
  view: View,
  photo: Image | undefined,
  answer: ViewAnswer,
  images: Pick<ImageCodec, 'resize'>,
): Promise<SheetRow> {
  const cells: (SheetCell | undefined)[] = [
    photo && { image: photo, caption: view.photo?.split === 'test' ? 'held out' : 'trained on' },
    { image: colourPicture(answer), caption: `${answer.width}×${answer.height}` },
  ];
  for (const { phrases } of answer.fields)
    for (const phrase of phrases) {
      const pictures = relevancyPictures(phrase, answer);
      cells.push({ image: pictures.composited, caption: summary(phrase) }, { image: pictures.normalised });
    }
  const shrunk = cells.map(async (cell) => cell && { ...cell, image: await shrink(cell.image, images) });
  return { name: view.name, cells: await Promise.all(shrunk) };
}

function summary({ scale, peak, found }: PhraseAnswer): string {
  const text = `scale ${scale.toFixed(2)}, max ${peak.relevancy.toFixed(3)}`;
  return found ? text : `not found (${text})`;
}

async function shrink(image: Image, images: Pick<ImageCodec, 'resize'>): Promise<Image> {
  if (image.width <= sheetCellWidth) return image;
  return images.resize(image, sheetCellWidth, Math.round((image.height * sheetCellWidth) / image.width));
}

/** @param fields names of the language fields that answered */
export function drawQuerySheet(
  rows: readonly SheetRow[],
  phrases: readonly string[],
  fields: readonly string[],
  subtitle: string,
  fonts: CaptionFonts,
  images: Pick<ImageCodec, 'resize' | 'rasteriseSvg'>,
): Promise<Image> {
  const columns = fields.flatMap((field) =>
    phrases.flatMap((phrase) => {
      const name = fields.length > 1 ? `${phrase} (${field})` : phrase;
      return [name, `${name}, normalised`];
    }),
  );
  const options = {
    title: phrases.map((phrase) => `“${phrase}”`).join(', '),
    subtitle,
    columnCaptions: ['photo', 'rendered', ...columns],
    rowCaptions: rows.map(({ name }) => name),
    cellWidth: sheetCellWidth,
  };
  return contactSheet(
    rows.map(({ cells }) => cells),
    options,
    fonts,
    images,
  );
}
