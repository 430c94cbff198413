/**
 * The region maps of one photo taken together: which regions there are, and which combination of them lies at each
 * pixel, fine map first. One small number per pixel then answers every question of a look-up. With a single map a
 * combination is one region or none.
 */
import { LangfieldError } from '../errors.ts';
import { sha256 } from '../platform/platform.ts';
import { regionBoxes } from '../regions/region-boxes.ts';
import type { RegionBox, RegionMap } from '../regions/region-map.ts';

export interface StackedRegion {
  /** Position of its map. */
  map: number;
  box: RegionBox;
}

export interface RegionStack {
  /** Hash of all maps. */
  key: string;
  /** At the photo's size, fine to coarse. */
  maps: readonly RegionMap[];
  /** Regions of all maps; everywhere else a region is its position here. */
  regions: readonly StackedRegion[];
  /** For each combination its regions, fine to coarse; unlabelled ones are left out. */
  combinations: readonly (readonly number[])[];
  /** Pixels of each combination. */
  pixels: readonly number[];
  /** [height, width] number of the combination at each pixel. */
  index: Uint16Array;
}

/** `photo` names the photo in faults. */
export async function stackRegionMaps(maps: readonly RegionMap[], photo: string): Promise<RegionStack> {
  const length = maps[0].ids.length;
  const regions: StackedRegion[] = [];
  const hashes: string[] = [];
  let index = new Int32Array(length);
  let combinations: number[][] = [[]];
  for (const [map, layer] of maps.entries()) {
    hashes.push(await hashRegionMap(layer));
    const numberOf = new Map<number, number>();
    for (const box of regionBoxes(layer)) numberOf.set(box.id, regions.push({ map, box }) - 1);
    ({ index, combinations } = addLayer(index, combinations, layer.ids, numberOf));
  }
  if (combinations.length > 65536)
    throw new LangfieldError({
      file: photo,
      problem: 'the region map of this photo has too many regions',
      found: String(combinations.length),
      expected: 'at most 65535',
      advice: 'Check the map: ids may be colours of a photograph',
    });
  const pixels = new Array<number>(combinations.length).fill(0);
  for (const combination of index) pixels[combination]++;
  const key = await sha256(`combinations of ${hashes.join(' ')}`);
  return { key, maps, regions, combinations, pixels, index: Uint16Array.from(index) };
}

/** Combinations are numbered in the order of their first pixels. */
function addLayer(
  index: Int32Array,
  combinations: readonly number[][],
  ids: Int32Array,
  numberOf: ReadonlyMap<number, number>,
): { index: Int32Array<ArrayBuffer>; combinations: number[][] } {
  const next = new Int32Array(index.length);
  const found: number[][] = [];
  const known = combinations.map(() => new Map<number, number>());
  for (let i = 0; i < index.length; i++) {
    // Neighbours are mostly alike.
    if (i > 0 && ids[i] === ids[i - 1] && index[i] === index[i - 1]) {
      next[i] = next[i - 1];
      continue;
    }
    const pairs = known[index[i]];
    let number = pairs.get(ids[i]);
    if (number === undefined) {
      const region = numberOf.get(ids[i]);
      const below = combinations[index[i]];
      number = found.push(region === undefined ? below : [...below, region]) - 1;
      pairs.set(ids[i], number);
    }
    next[i] = number;
  }
  return { index: next, combinations: found };
}

/** Hash of size and ids. */
export function hashRegionMap(map: RegionMap): Promise<string> {
  const bytes = new Uint8Array(8 + 4 * map.ids.length);
  new Uint32Array(bytes.buffer, 0, 2).set([map.width, map.height]);
  new Int32Array(bytes.buffer, 8).set(map.ids);
  return sha256(bytes);
}
