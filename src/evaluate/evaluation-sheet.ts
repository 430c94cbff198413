/**
 * The picture of an evaluation: a row per labelled view, the photo with all outlines, then per phrase and language
 * field the relevancy composited over the rendering with the phrase's outline and its scores.
 */
import type { CaptionFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import { baseName, type Image, type ImageCodec } from '../platform/platform.ts';
import { colourPicture, compositedPicture } from '../query/write-answer.ts';
import type { EvaluatedView, PairScore } from './score-labels.ts';

export const sheetCellWidth = 220;

export interface EvaluationRow {
  caption: string;
  cells: (SheetCell | undefined)[];
}

/** @param columns phrase and field of every column after the photo */
export async function evaluationRow(
  view: EvaluatedView,
  photo: Image | undefined,
  columns: readonly { phrase: string; field: string }[],
  images: Pick<ImageCodec, 'resize'>,
): Promise<EvaluationRow> {
  const { width, height } = view.answer;
  const base = photo ? rgbCopy(await images.resize(photo, width, height)) : colourPicture(view.answer);
  for (const mask of view.masks.values()) drawOutline(base, mask);
  const cells: (SheetCell | undefined)[] = [{ image: base }];
  for (const { phrase, field } of columns) cells.push(scoredCell(view, phrase, field));
  const split = view.pair.photo.split === 'test' ? 'held out' : 'trained on';
  const shrunk = cells.map(async (cell) => cell && { ...cell, image: await shrink(cell.image, images) });
  return { caption: `${baseName(view.pair.photo.name)}\n${split}`, cells: await Promise.all(shrunk) };
}

function scoredCell({ answer, masks, scores }: EvaluatedView, phrase: string, field: string): SheetCell | undefined {
  const mask = masks.get(phrase);
  const score = scores.find((each) => each.phrase === phrase && each.field === field);
  const found = answer.fields.find((each) => each.field === field)?.phrases.find((each) => each.phrase === phrase);
  if (!mask || !score || !found) return undefined;
  const image = compositedPicture(found, answer);
  drawOutline(image, mask);
  return { image, caption: scoreCaption(score) };
}

function scoreCaption({ dRelevancy, ratioAcc, recall, localisation, maxRelevancy }: PairScore): string {
  const verdict = `recall ${recall ? 'yes' : 'no'}, localised ${localisation ? 'yes' : 'no'}`;
  return `D ${dRelevancy.toFixed(3)}, ratio ${ratioAcc.toFixed(2)}, max ${maxRelevancy.toFixed(2)}\n${verdict}`;
}

export function drawEvaluationSheet(
  rows: readonly EvaluationRow[],
  columns: readonly { phrase: string; field: string }[],
  subtitle: string,
  fonts: CaptionFonts,
  images: Pick<ImageCodec, 'resize' | 'rasteriseSvg'>,
): Promise<Image> {
  const severalFields = new Set(columns.map(({ field }) => field)).size > 1;
  const captions = columns.map(({ phrase, field }) => (severalFields ? `${phrase} (${field})` : phrase));
  return contactSheet(
    rows.map(({ cells }) => cells),
    {
      title: 'Relevancy against labels',
      subtitle,
      columnCaptions: ['photo and labels', ...captions],
      rowCaptions: rows.map(({ caption }) => caption),
      cellWidth: sheetCellWidth,
    },
    fonts,
    images,
  );
}

/** Paints the pixels of the mask that touch the outside: white, with a dark line around it to show on any ground. */
export function drawOutline(image: Image, mask: Uint8Array): void {
  const { width, height } = image;
  const inside = (row: number, col: number) =>
    row >= 0 && col >= 0 && row < height && col < width && mask[row * width + col] === 1;
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const neighbours = [inside(row - 1, col), inside(row + 1, col), inside(row, col - 1), inside(row, col + 1)];
      const self = inside(row, col);
      if (self && neighbours.includes(false)) paint(image, row, col, 255);
      else if (!self && neighbours.includes(true)) paint(image, row, col, 20);
    }
}

function paint({ data, width }: Image, row: number, col: number, value: number): void {
  data.fill(value, 3 * (row * width + col), 3 * (row * width + col) + 3);
}

/** Eight-bit RGB that may be drawn on; alpha is ignored. */
function rgbCopy({ width, height, channels, data }: Image): Image {
  const rgb = new Uint8Array(3 * width * height);
  const shift = data instanceof Uint16Array ? 8 : 0;
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = data[channels * pixel + (channels === 1 ? 0 : c)] >> shift;
  return { width, height, channels: 3, data: rgb };
}

async function shrink(image: Image, images: Pick<ImageCodec, 'resize'>): Promise<Image> {
  if (image.width <= sheetCellWidth) return image;
  return images.resize(image, sheetCellWidth, Math.round((image.height * sheetCellWidth) / image.width));
}
