/**
 * Contact sheets: a grid of pictures with captions, a title, and captions of rows and columns, on a light neutral
 * ground. Every cell has the same width; pictures keep their aspect and are centred in their row. Captions wrap and
 * shrink, never end in the middle. The result is an image; writing it is the caller's business.
 */
import type { Image, ImageCodec } from '../platform/platform.ts';
import type { CaptionFont, CaptionFonts } from './captions.ts';
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

/** Measures of the whole sheet, in pixels. */
interface Frame {
  cellWidth: number;
  gap: number;
  textSize: number;
  columns: number;
  rowCaptionWidth: number;
  /** Where the first cell starts. */
  left: number;
  width: number;
}

interface Head {
  title: TextBlock | undefined;
  subtitle: TextBlock | undefined;
  columns: (TextBlock | undefined)[];
  /** From the top of the sheet to the first row. */
  height: number;
}

type Cells = readonly (readonly (SheetCell | undefined)[])[];
type SheetCodec = Pick<ImageCodec, 'resize' | 'rasteriseSvg'>;

/** Lays out rows of cells (rows may differ in length) and draws the sheet as RGB. */
export async function contactSheet(
  cells: Cells,
  options: SheetOptions,
  fonts: CaptionFonts,
  images: SheetCodec,
): Promise<Image> {
  const frame = frameOf(cells, options);
  const head = layOutHead(frame, options, fonts);
  const rows: Row[] = [];
  for (const [index, row] of cells.entries())
    rows.push(await layOutRow(row, options.rowCaptions?.[index], frame, fonts, images));
  const { width, gap } = frame;
  const height = head.height + rows.reduce((sum, row) => sum + row.pictureHeight + row.captionHeight + gap, 0);
  const canvas: Image = { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(ground) };
  await drawHead(canvas, head, frame, images);
  let top = head.height;
  for (const row of rows) {
    await drawRow(canvas, row, top, frame, images);
    top += row.pictureHeight + row.captionHeight + gap;
  }
  return canvas;
}

function frameOf(cells: Cells, options: SheetOptions): Frame {
  const cellWidth = Math.round(options.cellWidth ?? 320);
  const gap = Math.round(options.gap ?? 16);
  const textSize = options.textSize ?? Math.min(18, Math.max(12, cellWidth / 22));
  const columns = Math.max(1, ...cells.map((row) => row.length), options.columnCaptions?.length ?? 0);
  const rowCaptionWidth = options.rowCaptions?.some((caption) => caption !== '') ? Math.round(0.4 * cellWidth) : 0;
  const left = gap + (rowCaptionWidth > 0 ? rowCaptionWidth + gap : 0);
  return { cellWidth, gap, textSize, columns, rowCaptionWidth, left, width: left + columns * (cellWidth + gap) };
}

/** Height of a block of the head together with the space under it. */
function spaced(block: TextBlock | undefined, gap: number): number {
  return block ? block.height + Math.round(gap / 2) : 0;
}

function layOutHead(frame: Frame, options: SheetOptions, fonts: CaptionFonts): Head {
  const { width, gap, textSize, cellWidth } = frame;
  const line = (text: string | undefined, font: CaptionFont, size: number, space: number) =>
    text ? layOutText(font, text, size, space) : undefined;
  const title = line(options.title, fonts.bold, textSize * 1.6, width - 2 * gap);
  const subtitle = line(options.subtitle, fonts.regular, textSize, width - 2 * gap);
  const columns = Array.from({ length: frame.columns }, (_, column) =>
    line(options.columnCaptions?.[column], fonts.bold, textSize * 1.08, cellWidth),
  );
  const columnHeight = Math.max(...columns.map((block) => spaced(block, gap)));
  return { title, subtitle, columns, height: gap + spaced(title, gap) + spaced(subtitle, gap) + columnHeight };
}

async function drawHead(canvas: Image, head: Head, frame: Frame, images: SheetCodec): Promise<void> {
  const { gap, left, cellWidth } = frame;
  const { title, subtitle } = head;
  if (title) await drawTextBlock(canvas, title, gap, gap, { colour: inks.strong, align: 'left' }, images);
  const below = gap + spaced(title, gap);
  if (subtitle) await drawTextBlock(canvas, subtitle, gap, below, { colour: inks.plain, align: 'left' }, images);
  for (const [column, block] of head.columns.entries()) {
    const x = left + column * (cellWidth + gap);
    const y = head.height - spaced(block, gap);
    if (block) await drawTextBlock(canvas, block, x, y, { colour: inks.strong, align: 'centre' }, images);
  }
}

async function drawRow(canvas: Image, row: Row, top: number, frame: Frame, images: SheetCodec): Promise<void> {
  const { gap, left, cellWidth, textSize } = frame;
  if (row.caption) {
    const y = top + centred(row.pictureHeight, row.caption.height);
    await drawTextBlock(canvas, row.caption, gap, y, { colour: inks.strong, align: 'left' }, images);
  }
  for (const [column, { picture, caption }] of row.cells.entries()) {
    const x = left + column * (cellWidth + gap);
    if (picture)
      paste(canvas, picture, x + centred(cellWidth, picture.width), top + centred(row.pictureHeight, picture.height));
    const y = top + row.pictureHeight + Math.round(textSize * 0.4);
    if (caption) await drawTextBlock(canvas, caption, x, y, { colour: inks.plain, align: 'centre' }, images);
  }
}

async function layOutRow(
  cells: readonly (SheetCell | undefined)[],
  caption: string | undefined,
  { cellWidth, rowCaptionWidth, textSize }: Frame,
  fonts: CaptionFonts,
  images: SheetCodec,
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
