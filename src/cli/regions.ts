/** `langfield regions <capture>`: a contact sheet to look at, before regions steer any training. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CapturePhoto } from '../capture/capture.ts';
import { loadPhoto } from '../capture/load-photo.ts';
import { openCapture } from '../capture/open-capture.ts';
import { textTable } from '../formats/text-table.ts';
import { loadFonts } from '../pictures/captions.ts';
import { baseName, joinPath } from '../platform/platform.ts';
import { segmentPhotos } from '../regions/region-maps.ts';
import { type RegionSheetEntry, regionSheet, regionSheetEntry } from '../regions/region-sheet.ts';
import type { SegmenterPhoto } from '../regions/segmenter.ts';
import { addCaptureOptions, type CaptureFlags, captureOptionsOf } from './capture-options.ts';
import type { CliContext } from './context.ts';
import { defaultCacheFolder } from './language-options.ts';
import { addSegmenterOptions, openRegionSource, type SegmenterFlags } from './segmenter-options.ts';

interface RegionsFlags extends CaptureFlags, SegmenterFlags {
  photos: number;
  out: string;
  cache: string;
  json?: boolean;
}

export function addRegionsCommand(program: Command, context: CliContext): void {
  const command = program
    .command('regions')
    .description('Cut photos into regions and draw them as a contact sheet.')
    .argument('<capture>', 'folder with photographs and cameras')
    .option('--photos <count>', 'how many photos, evenly spread over the capture, or all', photoCount, 12)
    .option('--out <file>', 'the contact sheet, a PNG', 'regions.png')
    .addOption(
      new Option('--cache <folder>', 'where region maps are kept between runs').default(
        defaultCacheFolder(),
        '$LANGFIELD_CACHE or ~/.cache/langfield',
      ),
    )
    .option('--json', 'print the results as JSON in the last line');
  addSegmenterOptions(command, 'listed');
  addCaptureOptions(command).action((path: string, flags: RegionsFlags) => regions(path, flags, context));
}

async function regions(path: string, flags: RegionsFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const { files, images } = platform;
  const source = await openRegionSource(flags, flags.cache, context);
  const capture = await openCapture(path, files, images, { ...captureOptionsOf(flags), minimumPhotos: 1 });
  for (const warning of capture.warnings) progress.warn(warning);
  const pending = spread(capture.photos, flags.photos).map((photo) => ({
    name: photo.name,
    load: () => loadBytes(photo, context),
  }));
  const entries: RegionSheetEntry[] = [];
  for await (const { name, photo, map } of segmentPhotos(pending, source, progress))
    entries.push(await regionSheetEntry(name, photo, map, images));
  await source.segmenter.close?.();

  const title = `Regions of ${baseName(joinPath(path))}`;
  const subtitle = `${entries.length} of ${capture.photos.length} photos, segmenter ${source.segmenter.name}`;
  const sheet = await regionSheet(entries, title, subtitle, await loadFonts(platform), images);
  await files.writeAtomic(flags.out, await images.encodePng(sheet));
  for (const line of describe(entries)) print(line);
  print(`sheet: ${flags.out}`);
  if (flags.json) print(JSON.stringify(summarise(entries, source.segmenter, flags.out)));
}

function describe(entries: readonly RegionSheetEntry[]): string[] {
  return textTable(
    [{ title: 'photo' }, { title: 'regions', decimals: 0 }, { title: 'labelled %', decimals: 1 }],
    entries.map(({ name, regions: count, labelled }) => [name, count, 100 * labelled]),
  );
}

function summarise(entries: readonly RegionSheetEntry[], segmenter: { name: string; identity: string }, sheet: string) {
  return {
    segmenter: segmenter.name,
    identity: segmenter.identity,
    sheet,
    photos: entries.map(({ name, regions: count, labelled }) => ({ name, regions: count, labelled })),
  };
}

/** `count` photos evenly spread over all of them, the first included. */
export function spread<T>(photos: readonly T[], count: number): T[] {
  if (count >= photos.length) return [...photos];
  return Array.from({ length: count }, (_, index) => photos[Math.floor((index * photos.length) / count)]);
}

async function loadBytes(photo: CapturePhoto, { platform }: CliContext): Promise<SegmenterPhoto> {
  const { width, height, rgb } = (await loadPhoto(photo, platform.files, platform.images)).pixels;
  return { width, height, rgb: rgb instanceof Uint16Array ? Uint8Array.from(rgb, (value) => value >>> 8) : rgb };
}

function photoCount(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0 or all.');
  return value;
}
