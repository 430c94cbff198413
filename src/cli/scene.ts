/** `langfield scene <name>`: a built-in scene with exact truth, as a capture. */
import { type Command, InvalidArgumentError } from 'commander';
import { joinPath } from '../platform/platform.ts';
import { compositions } from '../scenes/compositions/index.ts';
import { drawSceneSheet } from '../scenes/scene-sheet.ts';
import { sceneDefaults, type SceneOptions, writeScene } from '../scenes/write-scene.ts';
import type { CliContext } from './context.ts';
import { wholeNumber } from './numbers.ts';

interface SceneFlags {
  out?: string;
  seed: number;
  views: number;
  novelViews: number;
  size: { width: number; height: number };
  samples: number;
}

export function addSceneCommand(program: Command, context: CliContext): void {
  program
    .command('scene')
    .description('Make a built-in scene: a capture with exact cameras, regions, parts, depth and labels.')
    .argument('<name>', compositions.map(({ name, about }) => `${name} (${about})`).join('; '))
    .option('--out <folder>', 'where the capture goes (default: captures/<name>-<seed>)')
    .option(
      '--seed <n>',
      'another seed is another table: other things, colours and places',
      wholeNumber(0, 2 ** 31 - 1),
      sceneDefaults.seed,
    )
    .option('--views <n>', 'photos to train on', wholeNumber(4, 400), sceneDefaults.views)
    .option('--novel-views <n>', 'photos from other places, held out', wholeNumber(1, 100), sceneDefaults.novelViews)
    .option('--size <WxH>', 'of the photos, pixels', sizeOf, {
      width: sceneDefaults.width,
      height: sceneDefaults.height,
    })
    .option('--samples <n>', 'rays per pixel: more make softer shadows', wholeNumber(1, 64), sceneDefaults.samples)
    .action((name: string, flags: SceneFlags) => makeScene(name, flags, context));
}

async function makeScene(name: string, flags: SceneFlags, { platform, progress, print }: CliContext): Promise<void> {
  const { seed, views, novelViews, size, samples } = flags;
  const folder = flags.out ?? joinPath('captures', `${name}-${seed}`);
  const options: SceneOptions = { seed, views, novelViews, ...size, samples };
  const { labelled, demoPhrases, hidden } = await writeScene(name, folder, options, platform, progress);
  const sheet = joinPath(folder, 'scene.png');
  await platform.files.writeAtomic(
    sheet,
    await platform.images.encodePng(await drawSceneSheet(folder, name, platform)),
  );
  print(`${views + novelViews} photos of ${name}: ${folder}`);
  print(`photos, instances, parts: ${sheet}`);
  print(`labelled phrases: ${labelled.join(', ')}`);
  if (hidden.length > 0) print(`shown by no novel view, and not labelled there: ${hidden.join(', ')}`);
  print('');
  print(`Next: npx langfield train ${folder} --encoder builtin`);
  print(`then: npx langfield query runs/${folder.split('/').pop()} "${demoPhrases.slice(0, 3).join('; ')}"`);
}

function sizeOf(text: string): SceneFlags['size'] {
  const match = /^(\d+)x(\d+)$/.exec(text);
  const [width, height] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (width < 16 || height < 16 || width > 4096 || height > 4096)
    throw new InvalidArgumentError('It must look like 320x240, each side 16 to 4096 pixels.');
  return { width, height };
}
