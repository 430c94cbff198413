/** The flags that choose and tune what cuts photos into regions, shared by every command that uses regions. */
import { type Command, Option } from 'commander';
import { LangfieldError } from '../errors.ts';
import { joinPath, type Progress } from '../platform/platform.ts';
import { createBuiltinSegmenter } from '../regions/builtin-segmenter.ts';
import { openFileSegmenter } from '../regions/file-segmenter.ts';
import { type RegionLevel, regionLevels } from '../regions/read-npy-map.ts';
import { openRegionMaps, type RegionMapSource } from '../regions/region-maps.ts';
import type { Segmenter } from '../regions/segmenter.ts';
import { type SegmenterSetting, segmenterSettings } from '../regions/segmenter-options.ts';
import type { CliContext } from './context.ts';

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

/** @param tuning whether the help lists the settings of the built-in segmenter; they are accepted in any case */
export function addSegmenterOptions(command: Command, tuning: 'listed' | 'hidden'): Command {
  command
    .option('--segmenter <which>', 'builtin, or files:<folder> with a PNG or NPY region map per photo', 'builtin')
    .addOption(
      new Option('--region-level <level>', "which of LangSplat's four maps to take from *_s.npy files")
        .choices(regionLevels)
        .default('large'),
    );
  for (const name of settingNames) {
    const setting = segmenterSettings[name];
    const option = new Option(`--${flagOf(name)} <number>`, `${setting.help} (default: ${setting.default})`);
    command.addOption(tuning === 'listed' ? option : option.hideHelp());
  }
  return command;
}

/** The segmenter that the flags ask for. */
export async function openSegmenter(flags: SegmenterFlags, { platform }: CliContext): Promise<Segmenter> {
  const given = settingNames.flatMap((name) => {
    const value = flags[new Option(`--${flagOf(name)} <number>`).attributeName()];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { segmenter } = flags;
  if (segmenter === 'builtin') return createBuiltinSegmenter(platform.images, Object.fromEntries(given));
  const folder = /^files:(.+)$/.exec(segmenter)?.[1];
  if (folder === undefined)
    throw new LangfieldError({
      problem: 'there is no such segmenter',
      field: '--segmenter',
      found: segmenter,
      expected: 'builtin or files:<folder>',
    });
  if (given.length > 0)
    throw new LangfieldError({
      problem: 'region maps from files cannot be tuned',
      field: `--${flagOf(given[0][0])}`,
      advice: 'Leave it out, or use --segmenter builtin',
    });
  return openFileSegmenter(joinPath(folder), platform.files, { level: flags.regionLevel });
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
