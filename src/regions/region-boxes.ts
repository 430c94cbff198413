/** Facts about region maps: the box of every region, small consecutive ids, another size, validity. */
import { LangfieldError } from '../errors.ts';
import type { RegionBox, RegionMap } from './region-map.ts';

/** Boxes of all regions with id ≥ 1, by rising id. */
export function regionBoxes(map: RegionMap): RegionBox[] {
  const boxes = new Map<number, RegionBox>();
  for (let row = 0; row < map.height; row++)
    for (let col = 0; col < map.width; col++) {
      const id = map.ids[row * map.width + col];
      if (id <= 0) continue;
      const box = boxes.get(id);
      if (box === undefined) boxes.set(id, { id, top: row, left: col, bottom: row, right: col, area: 1 });
      else {
        box.bottom = row;
        box.left = Math.min(box.left, col);
        box.right = Math.max(box.right, col);
        box.area++;
      }
    }
  return [...boxes.values()].sort((a, b) => a.id - b.id);
}

/** The same regions numbered 1, 2, … in the order in which they first appear; 0 stays 0. */
export function relabelRegions(map: RegionMap): RegionMap {
  const numbers = new Map<number, number>([[0, 0]]);
  const ids = map.ids.map((id) => {
    let number = numbers.get(id);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(id, number);
    }
    return number;
  });
  return { width: map.width, height: map.height, ids };
}

/** Throws a LangfieldError that names `what` unless the map is whole and its ids are not negative. */
export function validateRegionMap(map: RegionMap, what: string): RegionMap {
  if (map.ids.length !== map.width * map.height)
    throw new LangfieldError({
      problem: 'the region map is not whole',
      file: what,
      found: `${map.ids.length} ids`,
      expected: `${map.width}×${map.height} = ${map.width * map.height}`,
    });
  const negative = map.ids.find((id) => id < 0);
  if (negative !== undefined)
    throw new LangfieldError({
      problem: 'the region map has a negative id',
      file: what,
      found: String(negative),
      expected: '0 for unlabelled pixels and 1 or more for regions',
    });
  return map;
}

/** Nearest neighbour to another size; the same object when it has that size already (spec §5.3 #13). */
export function resizeRegionMap(map: RegionMap, width: number, height: number): RegionMap {
  if (map.width === width && map.height === height) return map;
  const ids = new Int32Array(width * height);
  for (let row = 0; row < height; row++) {
    const source = Math.floor(((row + 0.5) * map.height) / height) * map.width;
    for (let col = 0; col < width; col++)
      ids[row * width + col] = map.ids[source + Math.floor(((col + 0.5) * map.width) / width)];
  }
  return { width, height, ids };
}

/**
 * The map at the photo's size. A map of another size is resized when it is a scaled copy up to one pixel of rounding,
 * and refused otherwise: it belongs to another photo or to a cropped one.
 */
export function fitRegionMapToPhoto(
  map: RegionMap,
  photo: { width: number; height: number },
  names: { map: string; photo: string },
): RegionMap {
  const sameAspect =
    Math.abs(map.width - (map.height * photo.width) / photo.height) <= 1 ||
    Math.abs(map.height - (map.width * photo.height) / photo.width) <= 1;
  if (!sameAspect)
    throw new LangfieldError({
      problem: `the region map has another shape than its photo ${names.photo}`,
      file: names.map,
      found: `${map.width}×${map.height}`,
      expected: `${photo.width}×${photo.height} or the same aspect`,
      advice: 'Make the map from this very photo, uncropped and not rotated',
    });
  return resizeRegionMap(map, photo.width, photo.height);
}
