/** Region maps in the pyramid's cache: a content hash, and small indices in the place of ids. */
import { LangfieldError } from '../errors.ts';
import { sha256 } from '../platform/platform.ts';
import type { RegionBox, RegionMap } from '../regions/region-map.ts';

/** Hash of size and ids. */
export function hashRegionMap(map: RegionMap): Promise<string> {
  const bytes = new Uint8Array(8 + 4 * map.ids.length);
  new Uint32Array(bytes.buffer, 0, 2).set([map.width, map.height]);
  new Int32Array(bytes.buffer, 8).set(map.ids);
  return sha256(bytes);
}

/** [height, width]: 0 = unlabelled, k = the k-th of `boxes`. */
export function indexRegions(map: RegionMap, boxes: readonly RegionBox[], photo: string): Uint16Array {
  if (boxes.length > 65535)
    throw new LangfieldError({
      file: photo,
      problem: 'the region map of this photo has too many regions',
      found: String(boxes.length),
      expected: 'at most 65535',
      advice: 'Check the map: ids may be colours of a photograph',
    });
  const indexOf = new Map(boxes.map((box, k) => [box.id, k + 1]));
  return Uint16Array.from(map.ids, (id) => indexOf.get(id) ?? 0);
}
