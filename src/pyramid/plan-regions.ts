/**
 * Regions of one photo, for all priors of a pyramid: which maps they need, what each overrides, and which squares of
 * the photo must be encoded for it. A square is known by its content, so maps and priors share what is encoded.
 */
import { resizeRegionMap } from '../regions/region-boxes.ts';
import type { RegionMap } from '../regions/region-map.ts';
import { regionShape, regionSquare, type Square, squareKey } from './cut-tiles.ts';
import type { EmbeddingStore } from './embedding-store.ts';
import { type OverridePlan, planOverride } from './override.ts';
import { isByPixel, type Prior, type PriorRule, readPrior } from './prior.ts';
import type { PyramidSettings } from './pyramid-options.ts';
import { type RegionStack, stackRegionMaps } from './region-stack.ts';
import type { PyramidGeometry } from './tile-geometry.ts';

/** What the priors use of one photo's regions; embeddings and the maps themselves stay on disk. */
export interface PhotoRegions {
  /** Regions in all maps together, equal squares once. */
  found: number;
  /** Stored region tiles by the text of their square's key: rows of the stored file. */
  rows: Map<string, number>;
  plans: Map<Prior, PriorPlan>;
}

export interface PriorPlan extends OverridePlan {
  /** Key of the stored index of combinations; only where pixels are asked for. */
  index?: string;
  /** For each region of the stack the key of its square, as text; empty for regions that are not used. */
  squares: readonly string[];
}

export interface RegionMapsOfPhoto {
  /** The map of the printed rule. */
  main(): Promise<RegionMap>;
  /** Nested maps, fine to coarse. */
  nested(): Promise<RegionMap[]>;
}

/** A square of the photo and its key as numbers. */
export interface KeyedSquare {
  key: number[];
  square: Square;
}

/** Returns the plans, and the squares that have no embedding yet. */
export async function planRegions(
  photo: { name: string; hash: string; geometry: PyramidGeometry },
  maps: RegionMapsOfPhoto,
  store: EmbeddingStore,
  priors: readonly Prior[],
  settings: PyramidSettings,
): Promise<{ regions: PhotoRegions; missing: KeyedSquare[] }> {
  const { geometry } = photo;
  const rows = new Map((await store.readRegions(photo.hash)).squares.map((key, row) => [key.join(' '), row]));
  const { stacks, stackOf } = await stackMaps(photo, maps, priors);
  const plans = new Map<Prior, PriorPlan>();
  const missing = new Map<string, KeyedSquare>();
  for (const prior of priors) {
    const rule = readPrior(prior);
    if (rule.base === 'none') continue;
    const { stack, map } = stackOf(rule.nested);
    const plan = planOverride(geometry, stack, { prior, ...settings, map });
    const squares = new Array<string>(stack.regions.length).fill('');
    for (const region of plan.used) {
      const square = squareOf(stack, region, rule, settings);
      const key = await squareKey(square, geometry);
      squares[region] = key.join(' ');
      if (!rows.has(squares[region])) missing.set(squares[region], { key, square });
    }
    const byPixel = isByPixel(rule);
    if (byPixel && !(await store.hasRegionIndex(stack.key, geometry.width, geometry.height)))
      await store.writeRegionIndex(stack.key, geometry.width, geometry.height, stack.index);
    plans.set(prior, { ...plan, squares, ...(byPixel && { index: stack.key }) });
  }
  const boxes = stacks.flatMap(({ regions }) =>
    regions.map(({ box: { top, left, bottom, right } }) => `${top} ${left} ${bottom} ${right}`),
  );
  return { regions: { found: new Set(boxes).size, rows, plans }, missing: [...missing.values()] };
}

/** A stack, and which of its maps is used; absent: all. */
interface UsedStack {
  stack: RegionStack;
  map?: number;
}

/** One stack for all priors, when the map of the others is among the nested ones, so that they share its index. */
async function stackMaps(
  { name, geometry }: { name: string; geometry: PyramidGeometry },
  maps: RegionMapsOfPhoto,
  priors: readonly Prior[],
): Promise<{ stacks: RegionStack[]; stackOf(nested: boolean): UsedStack }> {
  const rules = priors.map(readPrior).filter(({ base }) => base !== 'none');
  const atPhotoSize = (map: RegionMap) => resizeRegionMap(map, geometry.width, geometry.height);
  const main = rules.some((rule) => !rule.nested) ? atPhotoSize(await maps.main()) : undefined;
  const nested = rules.some((rule) => rule.nested) ? (await maps.nested()).map(atPhotoSize) : undefined;
  const all = nested && (await stackRegionMaps(nested, name));
  const place = main && nested ? nested.findIndex((map) => isSameMap(map, main)) : -1;
  if (all && place >= 0)
    return { stacks: [all], stackOf: (wantsNested) => ({ stack: all, ...(!wantsNested && { map: place }) }) };
  const single = main && (await stackRegionMaps([main], name));
  const stacks = [single, all].filter((stack) => stack !== undefined);
  return { stacks, stackOf: (wantsNested) => ({ stack: (wantsNested ? all : single)! }) };
}

function isSameMap(a: RegionMap, b: RegionMap): boolean {
  return a.ids.length === b.ids.length && a.ids.every((id, i) => id === b.ids[i]);
}

function squareOf(
  { maps, regions }: RegionStack,
  region: number,
  { context, masked }: PriorRule,
  settings: PyramidSettings,
): Square {
  const { map, box } = regions[region];
  if (masked) return { ...regionSquare(box, 'zeros'), shown: regionShape(maps[map], box) };
  return regionSquare(box, context ? 'image' : settings.context);
}
