/** Region maps as one grey PNG of 8 or 16 bits: ids as values, several maps of a photo one below the other. */
import { decode } from 'fast-png';
import type { Image } from '../platform/platform.ts';
import type { RegionMap } from './region-map.ts';

/** Maps of one size; undefined when there are too many regions for either depth. */
export function regionImage(maps: readonly RegionMap[]): Image | undefined {
  const [{ width, height }] = maps;
  const largest = Math.max(...maps.map(({ ids }) => ids.reduce((most, id) => Math.max(most, id), 0)));
  if (largest > 65535) return undefined;
  const size = width * height * maps.length;
  const data = largest > 255 ? new Uint16Array(size) : new Uint8Array(size);
  for (const [map, { ids }] of maps.entries()) data.set(ids, map * width * height);
  return { width, height: height * maps.length, channels: 1, data };
}

/** The maps of a photo of this size; undefined for bytes that hold none. */
export function decodeRegionPng(bytes: Uint8Array, photo: { width: number; height: number }): RegionMap[] | undefined {
  try {
    const { width, height, channels, data } = decode(bytes, { checkCrc: true });
    const count = height / photo.height;
    const fits = width === photo.width && Number.isInteger(count) && channels === 1;
    if (!fits || data.length !== width * height) return undefined;
    const pixels = photo.width * photo.height;
    return Array.from({ length: count }, (_, map) => ({
      width,
      height: photo.height,
      ids: Int32Array.from(data.subarray(map * pixels, (map + 1) * pixels)),
    }));
  } catch {
    return undefined;
  }
}
