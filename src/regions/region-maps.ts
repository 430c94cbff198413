/**
 * Region maps of a capture, photo by photo: from the cache when the very same pixels were segmented by the very same
 * segmenter before, computed and cached otherwise. A cache entry is a grey PNG named by the SHA-256 of the photo's
 * pixels and the segmenter's identity, nested maps one below the other; one that is damaged or of another size is made
 * again, never an error.
 */
import { decode } from 'fast-png';
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
    const png = encodeIds(numbered);
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
  const bytes = await files.readBytes(path);
  try {
    const { width, height, channels, data } = decode(bytes, { checkCrc: true });
    const count = height / photo.height;
    if (width === photo.width && Number.isInteger(count) && channels === 1 && data.length === width * height)
      return Array.from({ length: count }, (_, map) => {
        const pixels = photo.width * photo.height;
        return { width, height: photo.height, ids: Int32Array.from(data.subarray(map * pixels, (map + 1) * pixels)) };
      });
  } catch {
    // Damaged: made again below.
  }
  progress.log(`${path}: this cached region map is damaged and is made again`);
  return undefined;
}

/** One below the other as a grey image of 8 or 16 bits; undefined when there are too many regions for either. */
function encodeIds(maps: readonly RegionMap[]) {
  const [{ width, height }] = maps;
  const largest = Math.max(...maps.map(({ ids }) => ids.reduce((most, id) => Math.max(most, id), 0)));
  if (largest > 65535) return undefined;
  const size = width * height * maps.length;
  const data = largest > 255 ? new Uint16Array(size) : new Uint8Array(size);
  for (const [map, { ids }] of maps.entries()) data.set(ids, map * width * height);
  return { width, height: height * maps.length, channels: 1 as const, data };
}
