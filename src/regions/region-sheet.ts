/** The contact sheet of `langfield regions`: every photo beside its regions in colours. */
import type { CaptionFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import type { Image, ImageCodec } from '../platform/platform.ts';
import { regionBoxes, resizeRegionMap } from './region-boxes.ts';
import type { RegionMap } from './region-map.ts';
import { regionPicture } from './region-picture.ts';
import type { SegmenterPhoto } from './segmenter.ts';

/** One photo of the sheet, shrunk already so that a long capture needs little memory. */
export interface RegionSheetEntry {
  name: string;
  regions: number;
  /** Share of the photo's pixels that belong to some region. */
  labelled: number;
  photo: Image;
  coloured: Image;
}

const longestSide = 640;

export async function regionSheetEntry(
  name: string,
  photo: SegmenterPhoto,
  map: RegionMap,
  images: Pick<ImageCodec, 'resize'>,
): Promise<RegionSheetEntry> {
  const scale = Math.min(1, longestSide / Math.max(photo.width, photo.height));
  const width = Math.max(1, Math.round(photo.width * scale));
  const height = Math.max(1, Math.round(photo.height * scale));
  const full: Image = { width: photo.width, height: photo.height, channels: 3, data: photo.rgb };
  const small = scale < 1 ? await images.resize(full, width, height) : full;
  const boxes = regionBoxes(map);
  return {
    name,
    regions: boxes.length,
    labelled: boxes.reduce((sum, box) => sum + box.area, 0) / map.ids.length,
    photo: small,
    coloured: regionPicture(resizeRegionMap(map, width, height), small),
  };
}

/** Pairs of photo and regions, as many to a row as suits their shape. */
export async function regionSheet(
  entries: readonly RegionSheetEntry[],
  title: string,
  subtitle: string,
  fonts: CaptionFonts,
  images: Pick<ImageCodec, 'resize' | 'rasteriseSvg'>,
): Promise<Image> {
  const tall = entries.filter(({ photo }) => photo.height > photo.width).length > entries.length / 2;
  const pairs = Math.min(tall ? 3 : 2, Math.max(1, entries.length));
  const cells = entries.map((entry): SheetCell[] => [
    { image: entry.photo, caption: entry.name },
    { image: entry.coloured, caption: describeRegions(entry) },
  ]);
  const rows: SheetCell[][] = [];
  for (let first = 0; first < cells.length; first += pairs) rows.push(cells.slice(first, first + pairs).flat());
  return contactSheet(rows, { title, subtitle, cellWidth: tall ? 270 : 400 }, fonts, images);
}

function describeRegions({ regions, labelled }: RegionSheetEntry): string {
  const count = `${regions} ${regions === 1 ? 'region' : 'regions'}`;
  return labelled > 0.9995 ? count : `${count}, ${(100 * labelled).toFixed(1)} % labelled`;
}
