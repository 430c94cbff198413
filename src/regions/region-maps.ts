/**
 * Region maps of a capture, photo by photo: from the cache when the very same pixels were segmented by the very same
 * segmenter before, computed and cached otherwise. A cache entry is a grey PNG named by the SHA-256 of the photo's
 * pixels and the segmenter's identity, nested maps one below the other; one that is damaged or of another size is made
 * again, never an error.
 */
import {
  type FileSystem,
  type ImageCodec,
  joinPath,
  type Progress,
  sha256,
  silentProgress,
} from '../platform/platform.ts';
import { relabelRegions, validateRegionMap } from './region-boxes.ts';
import type { RegionMap } from './region-map.ts';
import { decodeRegionPng, regionImage } from './region-png.ts';
import type { Segmenter, SegmenterPhoto } from './segmenter.ts';

export interface RegionMapsOptions {
  files: Pick<FileSystem, 'readBytes' | 'stat' | 'writeAtomic'>;
  images: Pick<ImageCodec, 'encodePng'>;
  /** Folder of the cache; nothing is cached unless given. */
  cacheFolder?: string;
  progress?: Progress;
}

export interface RegionMapSource {
  readonly segmenter: Segmenter;
  /** The map of one photo, at the photo's size. Errors of the segmenter pass through. */
  getRegionMap(photoName: string, photo: SegmenterPhoto): Promise<RegionMap>;
  /** Nested maps of one photo, from parts to wholes; absent when the segmenter makes a single one. */
  getNestedMaps?(photoName: string, photo: SegmenterPhoto): Promise<RegionMap[]>;
  /** How many maps came from the cache, and how many were computed, so far. */
  readonly counts: { cached: number; computed: number };
}

export function openRegionMaps(segmenter: Segmenter, options: RegionMapsOptions): RegionMapSource {
  const { cacheFolder, files, images, progress = silentProgress } = options;
  const counts = { cached: 0, computed: 0 };
  const kept = async (
    photoName: string,
    photo: SegmenterPhoto,
    identity: string,
    segment: () => Promise<readonly RegionMap[]>,
  ): Promise<RegionMap[]> => {
    const useCache = segmenter.cacheable && cacheFolder !== undefined;
    const path = useCache ? joinPath(cacheFolder, `${await cacheKey(identity, photo)}.png`) : '';
    const cached = useCache ? await readCached(path, photo, files, progress) : undefined;
    if (cached) {
      counts.cached++;
      return cached;
    }
    const maps = (await segment()).map((map) => validateRegionMap(map, photoName));
    counts.computed++;
    if (!useCache) return maps;
    const numbered = maps.map(relabelRegions);
    const png = regionImage(numbered);
    if (png) await files.writeAtomic(path, await images.encodePng(png));
    return numbered;
  };
  return {
    segmenter,
    counts,
    async getRegionMap(photoName, photo) {
      const segment = async () => [await segmenter.segment(photoName, photo)];
      return (await kept(photoName, photo, segmenter.identity, segment))[0];
    },
    ...(segmenter.segmentNested && {
      getNestedMaps: (photoName: string, photo: SegmenterPhoto) =>
        kept(photoName, photo, `${segmenter.identity} nested`, () => segmenter.segmentNested!(photoName, photo)),
    }),
  };
}

/** A photo of a capture and how to get its pixels. */
export interface PendingPhoto {
  name: string;
  load(): Promise<SegmenterPhoto>;
}

/**
 * Segments photos one after the other with progress and hands out each map as it is ready; photos are loaded one at
 * a time, so a large capture needs little memory.
 */
export async function* segmentPhotos(
  photos: readonly PendingPhoto[],
  source: RegionMapSource,
  progress: Progress = silentProgress,
): AsyncGenerator<{ name: string; photo: SegmenterPhoto; map: RegionMap }> {
  progress.start('finding regions', photos.length);
  for (const [index, pending] of photos.entries()) {
    const photo = await pending.load();
    const map = await source.getRegionMap(pending.name, photo);
    progress.update(index + 1, pending.name);
    yield { name: pending.name, photo, map };
  }
  const { computed, cached } = source.counts;
  progress.finish(`${computed} computed, ${cached} from the cache`);
}

async function cacheKey(identity: string, photo: SegmenterPhoto): Promise<string> {
  const pixels = await sha256(photo.rgb);
  return sha256(`${identity} ${photo.width}×${photo.height} ${pixels}`);
}

async function readCached(
  path: string,
  photo: SegmenterPhoto,
  files: RegionMapsOptions['files'],
  progress: Progress,
): Promise<RegionMap[] | undefined> {
  if (!(await files.stat(path))) return undefined;
  const maps = decodeRegionPng(await files.readBytes(path), photo);
  if (!maps) progress.log(`${path}: this cached region map is damaged and is made again`);
  return maps;
}
