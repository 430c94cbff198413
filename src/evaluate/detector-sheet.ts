/**
 * The picture of a detector's answers: a row per labelled photo, a column per phrase; labelled boxes white, the best
 * box yellow where it matches and magenta where it does not.
 */
import type { CaptionFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import { baseName, type Image, type ImageCodec } from '../platform/platform.ts';
import type { Box } from './labels/labels.ts';
import type { DetectedView, DetectorPair } from './score-detector.ts';

const cellWidth = 260;
const colours = { label: [255, 255, 255], match: [255, 212, 0], miss: [255, 47, 160], edge: [20, 20, 20] } as const;

type Colour = readonly [number, number, number];

export interface DetectorSheetRow {
  caption: string;
  cells: (SheetCell | undefined)[];
}

/** @param phrases the columns */
export async function detectorSheetRow(
  { pair, photo, labels, scores }: DetectedView,
  phrases: readonly string[],
  images: Pick<ImageCodec, 'resize'>,
): Promise<DetectorSheetRow> {
  const small = await images.resize(
    photo,
    cellWidth,
    Math.max(1, Math.round((photo.height * cellWidth) / photo.width)),
  );
  const scale = cellWidth / photo.width;
  const cells = phrases.map((phrase): SheetCell | undefined => {
    const score = scores.find((each) => each.phrase === phrase);
    if (!score) return undefined;
    const image = rgbCopy(small);
    for (const box of labels.get(phrase) ?? []) drawBox(image, scaled(box, scale), colours.label);
    if (score.box) drawBox(image, scaled(score.box, scale), score.recall === 1 ? colours.match : colours.miss);
    return { image, caption: captionOf(score) };
  });
  const split = pair.photo.split === 'test' ? 'held out' : 'trained on';
  return { caption: `${baseName(pair.photo.name)}\n${split}`, cells };
}

export function drawDetectorSheet(
  rows: readonly DetectorSheetRow[],
  phrases: readonly string[],
  title: string,
  subtitle: string,
  fonts: CaptionFonts,
  images: Pick<ImageCodec, 'resize' | 'rasteriseSvg'>,
): Promise<Image> {
  return contactSheet(
    rows.map(({ cells }) => cells),
    { title, subtitle, columnCaptions: phrases, rowCaptions: rows.map(({ caption }) => caption), cellWidth },
    fonts,
    images,
  );
}

function captionOf({ score, iou, recall, localisation }: DetectorPair): string {
  if (score === null) return 'no box\nrecall no, localised no';
  const verdict = `recall ${recall ? 'yes' : 'no'}, localised ${localisation ? 'yes' : 'no'}`;
  return `score ${score.toFixed(2)}, IoU ${iou.toFixed(2)}\n${verdict}`;
}

/** A frame of two pixels with a dark line on either side, which shows on any ground. */
export function drawBox(image: Image, [x0, y0, x1, y1]: Box, colour: Colour): void {
  const [left, top, right, bottom] = [Math.round(x0), Math.round(y0), Math.round(x1) - 1, Math.round(y1) - 1];
  for (const [inset, shade] of [
    [-1, colours.edge],
    [2, colours.edge],
    [0, colour],
    [1, colour],
  ] as const)
    drawFrame(image, left + inset, top + inset, right - inset, bottom - inset, shade);
}

function drawFrame(image: Image, left: number, top: number, right: number, bottom: number, colour: Colour): void {
  for (let x = left; x <= right; x++) for (const y of [top, bottom]) paint(image, x, y, colour);
  for (let y = top; y <= bottom; y++) for (const x of [left, right]) paint(image, x, y, colour);
}

function paint({ width, height, data }: Image, x: number, y: number, colour: Colour): void {
  if (x >= 0 && y >= 0 && x < width && y < height) data.set(colour, 3 * (y * width + x));
}

function scaled(box: Box, scale: number): Box {
  return [box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale];
}

/** Eight-bit RGB that may be drawn on; alpha is ignored. */
function rgbCopy({ width, height, channels, data }: Image): Image {
  const shift = data instanceof Uint16Array ? 8 : 0;
  const source = (i: number) => channels * Math.floor(i / 3) + (channels === 1 ? 0 : i % 3);
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => data[source(i)] >> shift);
  return { width, height, channels: 3, data: rgb };
}
