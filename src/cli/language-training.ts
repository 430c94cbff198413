/** The flags that say where language comes from – encoder, regions, pyramid – and the LanguageTraining they stand for. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CapturePhoto } from '../capture/capture.ts';
import { loadPhoto } from '../capture/load-photo.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { joinPath } from '../platform/platform.ts';
import { prepareSupervision } from '../pyramid/prepare-supervision.ts';
import { pyramidSettings, resolvePyramidSettings } from '../pyramid/pyramid-options.ts';
import { createBuiltinSegmenter } from '../regions/builtin-segmenter.ts';
import { openFileSegmenter } from '../regions/file-segmenter.ts';
import { openRegionMaps } from '../regions/region-maps.ts';
import type { SegmenterPhoto } from '../regions/segmenter.ts';
import type { LanguageTraining } from '../training/train-capture.ts';
import type { CliContext } from './context.ts';

export interface LanguageFlags {
  encoder?: string;
  segmenter?: string;
  cache: string;
}

export function addLanguageOptions(command: Command): Command {
  command
    .option('--encoder <folder>', 'encoder folder (encoder.json, ONNX graphs, tokenizer); without it no phrases')
    .option('--segmenter <name>', '"builtin", or a folder with region maps (default: builtin)')
    .option('--cache <folder>', 'where embeddings and region maps are kept between runs', '.langfield-cache');
  for (const setting of pyramidSettings) {
    const option = new Option(setting.flag, `${setting.help} (default: ${setting.default})`);
    command.addOption('choices' in setting ? option.choices(setting.choices) : option);
  }
  return command;
}

/** Opens the encoder. `saved` is what a run remembers; flags go before it. */
export async function openLanguageTraining(
  encoderFolder: string,
  flags: LanguageFlags & Record<string, unknown>,
  { platform, progress }: CliContext,
  saved: Record<string, unknown> = {},
): Promise<LanguageTraining> {
  const { files, images } = platform;
  const raw: Record<string, unknown> = { ...(saved.pyramid as Record<string, unknown> | undefined) };
  for (const { key, flag } of pyramidSettings) {
    const value = flags[new Option(flag).attributeName()];
    if (value !== undefined) raw[key] = value;
  }
  const settings = resolvePyramidSettings(raw);
  const segmenterName = flags.segmenter ?? String(saved.segmenter ?? 'builtin');
  const segmenter =
    segmenterName === 'builtin'
      ? await createBuiltinSegmenter(images)
      : await openFileSegmenter(resolve(segmenterName), files);
  const encoder = await openEncoder(encoderFolder, files, await loadNodeRuntime());
  const regions = openRegionMaps(segmenter, { files, images, cacheFolder: joinPath(flags.cache, 'regions'), progress });
  return {
    encoder,
    encoderFolder: resolve(encoderFolder),
    settings: { pyramid: settings, segmenter: segmenterName === 'builtin' ? segmenterName : resolve(segmenterName) },
    async supervise(photos, priors) {
      const pixels = async (photo: CapturePhoto) => (await loadPhoto(photo, files, images)).pixels;
      const sources = {
        photos,
        loadPhoto: pixels,
        regionMap: async (photo: CapturePhoto) => regions.getRegionMap(photo.name, asBytes(await pixels(photo))),
        encoder,
        files,
        cacheFolder: flags.cache,
        progress,
      };
      return (await prepareSupervision(sources, priors, settings)).supervisions;
    },
  };
}

function asBytes({ width, height, rgb }: Awaited<ReturnType<typeof loadPhoto>>['pixels']): SegmenterPhoto {
  if (rgb instanceof Uint8Array) return { width, height, rgb };
  return { width, height, rgb: Uint8Array.from(rgb, (value) => Math.round(value / 257)) };
}
