/**
 * Prepares a region map for the pyramid of a photo: the photo's size (nearest neighbour, spec §5.3 #13), boxes, a
 * content hash, and small indices in the place of ids.
 */
import { LangfieldError } from '../errors.ts';
import { sha256 } from '../platform/platform.ts';
import type { RegionBox, RegionMap } from '../regions/region-map.ts';

/** The map at `width` × `height`; the same object when it has that size already. */
export function fitRegionMap(map: RegionMap, width: number, height: number): RegionMap {
  if (map.width === width && map.height === height) return map;
  const ids = new Int32Array(width * height);
  for (let row = 0; row < height; row++) {
    const source = Math.floor(((row + 0.5) * map.height) / height) * map.width;
    for (let col = 0; col < width; col++)
      ids[row * width + col] = map.ids[source + Math.floor(((col + 0.5) * map.width) / width)];
  }
  return { width, height, ids };
}

/** Boxes of all regions with id ≥ 1, by rising id. */
export function regionBoxes(map: RegionMap): RegionBox[] {
  const boxes = new Map<number, RegionBox>();
  for (let row = 0; row < map.height; row++)
    for (let col = 0; col < map.width; col++) {
      const id = map.ids[row * map.width + col];
      if (id <= 0) continue;
      const box = boxes.get(id);
      if (!box) boxes.set(id, { id, top: row, left: col, bottom: row, right: col, area: 1 });
      else {
        box.bottom = row;
        box.left = Math.min(box.left, col);
        box.right = Math.max(box.right, col);
        box.area++;
      }
    }
  return [...boxes.values()].sort((a, b) => a.id - b.id);
}

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
