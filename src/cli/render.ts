/** `langfield render`: what a trained scene looks like, as colours, depth and opacity. */
import type { Command } from 'commander';
import { loadFonts } from '../pictures/captions.ts';
import { contactSheet, type SheetCell } from '../pictures/contact-sheet.ts';
import { depthRange } from '../pictures/displays.ts';
import { baseName, folderOf, joinPath } from '../platform/platform.ts';
import { photoPicture } from '../query/photo-picture.ts';
import { type Appearance, renderAppearance } from '../query/render-view.ts';
import { defaultFov, parseSize, selectViews, spread, type View } from '../query/views.ts';
import { colourPicture, depthPicture, writeAppearance } from '../query/write-answer.ts';
import type { CliContext } from './context.ts';
import { addEngineOptions, degrees, type EngineFlags, positiveInteger, withScene } from './open-scene.ts';

interface RenderFlags extends EngineFlags {
  views?: string;
  size?: { width: number; height: number };
  fov?: number;
  longSide: number;
  out?: string;
  json?: boolean;
}

/** More rows make a sheet that no viewer opens. */
const mostSheetRows = 24;

export function addRenderCommand(program: Command, context: CliContext): void {
  const command = program
    .command('render')
    .description('Render colours and depth of a trained scene.')
    .argument('<run>', 'folder that "langfield train" wrote')
    .option(
      '--views <views>',
      'photo names, indices, all, train or test, separated by commas, or a JSON file of cameras (a few held-out photos unless given)',
    )
    .option('--size <WxH>', 'pinhole views of this size, such as 512x298, from where the photos were taken', parseSize)
    .option(
      '--fov <degrees>',
      `vertical field of view of pinhole views (${defaultFov} when only a size is given)`,
      degrees,
    )
    .option('--long-side <pixels>', 'longest side of views whose size is not given', positiveInteger, 512)
    .option('--out <folder>', 'where the results go (<run>/render unless given)')
    .option('--json', 'print the written files as JSON in the last line');
  addEngineOptions(command).action((folder: string, flags: RenderFlags) => render(folder, flags, context));
}

async function render(folder: string, flags: RenderFlags, context: CliContext): Promise<void> {
  const { platform, progress, print } = context;
  const out = flags.out ?? joinPath(folder, 'render');
  const written: { view: string; files: string[] }[] = [];
  const rows: { name: string; cells: (SheetCell | undefined)[] }[] = [];
  await withScene(folder, flags, context, async ({ run, engine }) => {
    const views = await selectViews(run, flags.views, flags, platform.files);
    // A place that cannot be written is better found before the work than after it.
    await platform.files.makeFolder(out);
    const onSheet = new Set(spread(views, mostSheetRows));
    const pixels = views.reduce((sum, { camera }) => sum + camera.width * camera.height, 0);
    let done = 0;
    progress.start('rendering', pixels);
    for (const view of views) {
      const onRays = (count: number) => progress.update((done += count), view.name);
      const picture = await renderAppearance(engine, view.camera, { onRays });
      written.push({ view: view.name, files: await writeAppearance(platform, joinPath(out, view.slug), picture) });
      if (onSheet.has(view)) rows.push({ name: view.name, cells: await sheetCells(view, picture, context) });
    }
    progress.finish();
  });
  const sheetOptions = {
    title: 'Photographs and renderings',
    subtitle: folder,
    columnCaptions: ['photo', 'rendered', 'depth'],
    rowCaptions: rows.map(({ name }) => name),
  };
  const cells = rows.map((row) => row.cells);
  const picture = await contactSheet(cells, sheetOptions, await loadFonts(platform), platform.images);
  const sheet = joinPath(out, 'sheet.png');
  await platform.files.writeAtomic(sheet, await platform.images.encodePng(picture));
  for (const { view, files } of written) print(`${view}: ${folderOf(files[0])} (${files.map(baseName).join(', ')})`);
  print(`contact sheet: ${sheet}`);
  if (flags.json) print(JSON.stringify({ views: written, sheet }));
}

async function sheetCells(
  view: View,
  picture: Appearance,
  { platform }: CliContext,
): Promise<(SheetCell | undefined)[]> {
  const photo = view.photo && (await photoPicture(view.photo, platform));
  const size = `${picture.width}×${picture.height}`;
  const { min, max } = depthRange(picture.depth, picture.accumulation);
  return [
    photo && { image: photo, caption: view.photo!.split === 'test' ? 'held out' : 'trained on' },
    { image: colourPicture(picture), caption: size },
    { image: depthPicture(picture), caption: `${min.toFixed(2)} to ${max.toFixed(2)} scene units` },
  ];
}
