/**
 * Contact sheets: a grid of pictures with captions, a title, and captions of rows and columns, on a light neutral
 * ground. Every cell has the same width; pictures keep their aspect and are centred in their row. Captions wrap and
 * shrink, never end in the middle. The result is an image; writing it is the caller's business.
 */
import type { Image, ImageCodec } from '../platform/platform.ts';
import type { CaptionFonts } from './captions.ts';
import { drawTextBlock, layOutText, type TextBlock } from './text-block.ts';

export interface SheetCell {
  image: Image;
  caption?: string;
}

export interface SheetOptions {
  title?: string;
  /** A line or more under the title. */
  subtitle?: string;
  columnCaptions?: readonly string[];
  rowCaptions?: readonly string[];
  /** Pixels; 320 unless given. */
  cellWidth?: number;
  /** Pixels between cells; 16 unless given. */
  gap?: number;
  /** Caption size in pixels; grows with the cells unless given. */
  textSize?: number;
}

const ground = 0xf6;
const border = 0xd3;
const inks = { strong: '#1f2328', plain: '#424a53' };

/** Taller pictures are fitted into a cell of this many widths. */
const tallest = 2;

interface Row {
  cells: { picture: Image | undefined; caption: TextBlock | undefined }[];
  caption: TextBlock | undefined;
  pictureHeight: number;
  captionHeight: number;
}

/** Lays out rows of cells (rows may differ in length) and draws the sheet as RGB. */
export async function contactSheet(
  cells: readonly (readonly (SheetCell | undefined)[])[],
  options: SheetOptions,
  fonts: CaptionFonts,
  images: Pick<ImageCodec, 'resize' | 'rasteriseSvg'>,
): Promise<Image> {
  const cellWidth = Math.round(options.cellWidth ?? 320);
  const gap = Math.round(options.gap ?? 16);
  const textSize = options.textSize ?? Math.min(18, Math.max(12, cellWidth / 22));
  const columns = Math.max(1, ...cells.map((row) => row.length), options.columnCaptions?.length ?? 0);
  const rowCaptionWidth = options.rowCaptions?.some((caption) => caption !== '') ? Math.round(0.4 * cellWidth) : 0;
  const left = gap + (rowCaptionWidth > 0 ? rowCaptionWidth + gap : 0);
  const width = left + columns * (cellWidth + gap);

  const heading = (text: string | undefined, size: number, font = fonts.bold) =>
    text ? layOutText(font, text, size, width - 2 * gap, 2) : undefined;
  const title = heading(options.title, textSize * 1.6);
  const subtitle = heading(options.subtitle, textSize, fonts.regular);
  const columnBlocks = Array.from({ length: columns }, (_, column) => {
    const text = options.columnCaptions?.[column];
    return text ? layOutText(fonts.bold, text, textSize * 1.08, cellWidth) : undefined;
  });
  const rows: Row[] = [];
  for (let index = 0; index < cells.length; index++)
    rows.push(
      await layOutRow(cells[index], options.rowCaptions?.[index], cellWidth, rowCaptionWidth, textSize, fonts, images),
    );

  const spaced = (block: TextBlock | undefined) => (block ? block.height + Math.round(gap / 2) : 0);
  const columnHeight = Math.max(0, ...columnBlocks.map(spaced));
  const headHeight = gap + spaced(title) + spaced(subtitle) + columnHeight;
  const height = headHeight + rows.reduce((sum, row) => sum + row.pictureHeight + row.captionHeight + gap, 0);
  const canvas: Image = { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(ground) };

  const draw = (block: TextBlock | undefined, x: number, y: number, colour: string, align: 'left' | 'centre') =>
    block ? drawTextBlock(canvas, block, x, y, { colour, align }, images) : Promise.resolve();
  await draw(title, gap, gap, inks.strong, 'left');
  await draw(subtitle, gap, gap + spaced(title), inks.plain, 'left');
  for (let column = 0; column < columns; column++) {
    const block = columnBlocks[column];
    const top = headHeight - (block ? spaced(block) : 0);
    await draw(block, left + column * (cellWidth + gap), top, inks.strong, 'centre');
  }
  let top = headHeight;
  for (const row of rows) {
    if (row.caption)
      await draw(row.caption, gap, top + centred(row.pictureHeight, row.caption.height), inks.strong, 'left');
    for (const [column, cell] of row.cells.entries()) {
      const x = left + column * (cellWidth + gap);
      if (cell.picture)
        paste(
          canvas,
          cell.picture,
          x + centred(cellWidth, cell.picture.width),
          top + centred(row.pictureHeight, cell.picture.height),
        );
      await draw(cell.caption, x, top + row.pictureHeight + Math.round(textSize * 0.4), inks.plain, 'centre');
    }
    top += row.pictureHeight + row.captionHeight + gap;
  }
  return canvas;
}

async function layOutRow(
  cells: readonly (SheetCell | undefined)[],
  caption: string | undefined,
  cellWidth: number,
  rowCaptionWidth: number,
  textSize: number,
  fonts: CaptionFonts,
  images: Pick<ImageCodec, 'resize'>,
): Promise<Row> {
  const laidOut = await Promise.all(
    cells.map(async (cell) => ({
      picture: cell ? await fitPicture(cell.image, cellWidth, images) : undefined,
      caption: cell?.caption ? layOutText(fonts.regular, cell.caption, textSize, cellWidth) : undefined,
    })),
  );
  const rowBlock =
    caption && rowCaptionWidth > 0 ? layOutText(fonts.bold, caption, textSize * 1.08, rowCaptionWidth, 6) : undefined;
  const captions = laidOut.map((cell) => cell.caption?.height ?? 0);
  const captionHeight = Math.max(0, ...captions);
  return {
    cells: laidOut,
    caption: rowBlock,
    pictureHeight: Math.max(1, rowBlock?.height ?? 0, ...laidOut.map((cell) => cell.picture?.height ?? 0)),
    captionHeight: captionHeight > 0 ? captionHeight + Math.round(textSize * 0.4) : 0,
  };
}

/** The picture as 8-bit RGB, as wide as the cell, or narrower when it would be taller than two widths. */
async function fitPicture(image: Image, cellWidth: number, images: Pick<ImageCodec, 'resize'>): Promise<Image> {
  const scale = Math.min(cellWidth / image.width, (tallest * cellWidth) / image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const fitted = image.width === width && image.height === height ? image : await images.resize(image, width, height);
  return toRgb8(fitted);
}

/** 8-bit RGB; alpha is blended over the ground of the sheet. */
function toRgb8(image: Image): Image {
  const { width, height, channels } = image;
  if (channels === 3 && image.data instanceof Uint8Array) return image;
  const depth = image.data instanceof Uint16Array ? 257 : 1;
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const alpha = channels === 4 ? image.data[4 * i + 3] / (255 * depth) : 1;
    for (let c = 0; c < 3; c++) {
      const value = image.data[channels * i + (channels === 1 ? 0 : c)] / depth;
      data[3 * i + c] = Math.round(alpha * value + (1 - alpha) * ground);
    }
  }
  return { width, height, channels: 3, data };
}

function centred(outer: number, inner: number): number {
  return Math.floor((outer - inner) / 2);
}

/** Copies an RGB picture into the canvas and draws a hairline around it, so that white pictures keep their edge. */
function paste(canvas: Image, picture: Image, x: number, y: number): void {
  for (let row = -1; row <= picture.height; row++) {
    const onEdge = row < 0 || row === picture.height;
    const start = 3 * ((y + row) * canvas.width + x);
    if (y + row < 0 || y + row >= canvas.height) continue;
    canvas.data.fill(border, start - 3, start + 3 * (picture.width + 1));
    if (onEdge) continue;
    const source = 3 * row * picture.width;
    canvas.data.set(picture.data.subarray(source, source + 3 * picture.width), start);
  }
}
