/**
 * The flags that say where language supervision comes from (encoder, regions, cache, override), shared by `pyramid`
 * and `train`, and one call that opens all of it.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { CapturePhoto } from '../capture/capture.ts';
import { loadPhoto } from '../capture/load-photo.ts';
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { LangfieldError } from '../errors.ts';
import { joinPath } from '../platform/platform.ts';
import type { Prior } from '../pyramid/prior.ts';
import { type PreparedSupervision, prepareSupervision } from '../pyramid/prepare-supervision.ts';
import { type PyramidSettings, pyramidSettings, resolvePyramidSettings } from '../pyramid/pyramid-options.ts';
import { RegionRecord } from '../regions/region-record.ts';
import type { Segmenter } from '../regions/segmenter.ts';
import type { CliContext } from './context.ts';
import { encoderFolderOf } from './encoder-folder.ts';
import { addSegmenterOptions, openRegionSource, type SegmenterFlags } from './segmenter-options.ts';

/** What commander hands to an action after addLanguageOptions. */
export interface LanguageFlags extends SegmenterFlags, Partial<Record<keyof PyramidSettings, string>> {
  encoder?: string;
  cache: string;
  threads?: number;
}

export interface OpenLanguage {
  encoder: ImageTextEncoder;
  /** Absolute. */
  encoderFolder: string;
  segmenter: Segmenter;
  settings: PyramidSettings;
  /** The region maps of the last `prepare`. */
  regions: RegionRecord;
  /** Builds what is missing; photo numbers of the supervisions are positions in `photos`. */
  prepare(photos: readonly CapturePhoto[], priors: readonly Prior[]): Promise<PreparedSupervision>;
  close(): Promise<void>;
}

/** LANGFIELD_CACHE, or a folder in the user's cache. */
export function defaultCacheFolder(): string {
  return process.env.LANGFIELD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'langfield');
}

export function addLanguageOptions(command: Command): Command {
  command
    .option(
      '--encoder <which>',
      'the image-text encoder: a folder (encoder.json, ONNX graphs, tokenizer.json), the name of a pulled model, or builtin: small, for built-in scenes',
    )
    .addOption(
      new Option('--cache <folder>', 'where region maps and embeddings are kept between runs').default(
        defaultCacheFolder(),
        '$LANGFIELD_CACHE or ~/.cache/langfield',
      ),
    );
  for (const setting of pyramidSettings) {
    const option = new Option(setting.flag, `${setting.help} (default: ${setting.default})`);
    if ('choices' in setting) option.choices([...setting.choices]);
    // Commander derives its own key from the flag; settings are known by theirs everywhere.
    option.attributeName = () => setting.key;
    command.addOption(option);
  }
  return addSegmenterOptions(command, 'hidden');
}

/** Opens encoder and segmenter. Faults are LangfieldErrors that name the flag or the file. */
export async function openLanguage(flags: LanguageFlags, context: CliContext): Promise<OpenLanguage> {
  const { platform, progress } = context;
  if (flags.encoder === undefined)
    throw new LangfieldError({
      field: '--encoder',
      problem: 'an encoder is needed to turn tiles and phrases into embeddings',
      expected: 'a folder with encoder.json, ONNX graphs and tokenizer.json, or builtin',
      advice: 'Add --encoder <folder>, or --encoder builtin to try things out',
    });
  const settings = resolvePyramidSettings(flags);
  const regionMaps = await openRegionSource(flags, flags.cache, context);
  const { files, images } = platform;
  const regions = new RegionRecord(images);
  const encoderFolder = encoderFolderOf(flags.encoder, platform);
  const threads = flags.threads ?? platform.cores;
  const encoder = await openEncoder(encoderFolder, files, await loadNodeRuntime(), { threads });
  return {
    encoder,
    encoderFolder,
    segmenter: regionMaps.segmenter,
    settings,
    regions,
    // A model's graphs are not needed any more when every map is made, and training wants the memory.
    prepare: (photos, priors) =>
      prepareSupervision(
        {
          photos,
          loadPhoto: async (photo) => (await loadPhoto(photo, files, images)).pixels,
          regionMaps: regions.of(regionMaps),
          encoder,
          files,
          cacheFolder: joinPath(flags.cache, 'embeddings'),
          progress,
          now: platform.now,
        },
        priors,
        settings,
      ).finally(() => regionMaps.segmenter.close?.()),
    close: async () => {
      await encoder.close();
      await regionMaps.segmenter.close?.();
    },
  };
}
