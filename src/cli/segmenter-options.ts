/** The flags that choose and tune what cuts photos into regions, shared by every command that uses regions. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { LangfieldError } from '../errors.ts';
import { joinPath, type Progress } from '../platform/platform.ts';
import { createBuiltinSegmenter } from '../regions/builtin-segmenter.ts';
import { nestSegmenters, openFileSegmenter } from '../regions/file-segmenter.ts';
import { type RegionLevel, regionLevels } from '../regions/read-npy-map.ts';
import { openRegionMaps, type RegionMapSource } from '../regions/region-maps.ts';
import type { Segmenter } from '../regions/segmenter.ts';
import { type SegmenterSetting, type SettingDeclaration, segmenterSettings } from '../regions/segmenter-options.ts';
import { openSegmenter as openModelSegmenter } from '../segmenters/open-segmenter.ts';
import type { CliContext } from './context.ts';
import { numberFrom, wholeNumber } from './numbers.ts';

/** What commander hands to an action after addSegmenterOptions; the tuning flags come as `region…`. */
export interface SegmenterFlags {
  segmenter: string;
  regionLevel: RegionLevel;
  [flag: string]: unknown;
}

const settingNames = Object.keys(segmenterSettings) as SegmenterSetting[];

/** mergeLimit → region-merge-limit */
function flagOf(setting: SegmenterSetting): string {
  return `region-${setting.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function optionOf(name: SegmenterSetting): Option {
  const setting: SettingDeclaration = segmenterSettings[name];
  const read = setting.whole ? wholeNumber : numberFrom;
  return new Option(`--${flagOf(name)} <number>`, `${setting.help} (default: ${setting.default})`).argParser(
    read(setting.min, setting.max),
  );
}

/** @param tuning whether the help lists the settings of the built-in segmenter; they are accepted in any case */
export function addSegmenterOptions(command: Command, tuning: 'listed' | 'hidden'): Command {
  command
    .option(
      '--segmenter <which>',
      'builtin; files:<folder> with a PNG or NPY region map per photo, nested maps: files:<parts>,<objects>; or the folder of a model (docs/segmenters.md)',
      'builtin',
    )
    .addOption(
      new Option('--region-level <level>', "which of LangSplat's four maps to take from *_s.npy files")
        .choices(regionLevels)
        .default('large'),
    );
  for (const name of settingNames) {
    const option = optionOf(name);
    command.addOption(tuning === 'listed' ? option : option.hideHelp());
  }
  return command;
}

/** The segmenter that the flags ask for. */
export async function openSegmenter(flags: SegmenterFlags, { platform }: CliContext): Promise<Segmenter> {
  const given = settingNames.flatMap((name) => {
    const value = flags[optionOf(name).attributeName()];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { segmenter } = flags;
  if (segmenter === 'builtin') return createBuiltinSegmenter(platform.images, Object.fromEntries(given));
  const folders = foldersOf(segmenter);
  if (given.length > 0)
    throw new LangfieldError({
      problem: 'only the built-in segmenter has this setting',
      field: `--${flagOf(given[0][0])}`,
      found: `--segmenter ${segmenter}`,
      advice: 'Leave it out, or use --segmenter builtin',
    });
  if (folders === undefined)
    return openModelSegmenter(segmenter, platform.files, await loadNodeRuntime(), {
      threads: typeof flags.threads === 'number' ? flags.threads : platform.cores,
    });
  const opened: Segmenter[] = [];
  for (const folder of folders)
    opened.push(await openFileSegmenter(joinPath(folder), platform.files, { level: flags.regionLevel }));
  return nestSegmenters(opened);
}

/** Folders resolved, so that they are found again from another current folder. */
export function absoluteSegmenter(segmenter: string): string {
  const folders = foldersOf(segmenter);
  if (folders === undefined) return segmenter === 'builtin' ? segmenter : resolve(segmenter);
  return `files:${folders.map((folder) => resolve(folder)).join(',')}`;
}

/** Folders of region maps, from parts to wholes. */
function foldersOf(segmenter: string): string[] | undefined {
  const folders = /^files:(.+)$/
    .exec(segmenter)?.[1]
    .split(',')
    .map((folder) => folder.trim());
  return folders?.every((folder) => folder !== '') ? folders : undefined;
}

/** The region maps of a capture, kept in `<cacheFolder>/regions` between runs. */
export async function openRegionSource(
  flags: SegmenterFlags,
  cacheFolder: string,
  context: CliContext,
  progress: Progress = context.progress,
): Promise<RegionMapSource> {
  const segmenter = await openSegmenter(flags, context);
  return openRegionMaps(segmenter, { ...context.platform, cacheFolder: joinPath(cacheFolder, 'regions'), progress });
}
