/**
 * A prior made visible: the regions of one photo, and which of them answer in the place of which tiles (spec §5.2), by
 * the plan that training looks its targets up with. Levels and cells are those of tile-geometry.ts.
 */
import type { Image } from '../platform/platform.ts';
import { type OverridePlan, planOverride, windowAdmits } from '../pyramid/override.ts';
import type { Prior } from '../pyramid/prior.ts';
import { type RegionStack, stackRegionMaps } from '../pyramid/region-stack.ts';
import {
  cellCentre,
  type LevelGeometry,
  levelCount,
  type PyramidGeometry,
  pyramidGeometry,
} from '../pyramid/tile-geometry.ts';
import type { RegionMap } from '../regions/region-map.ts';
import { regionColour } from '../regions/region-picture.ts';
import type { FieldRegions } from './manifest.ts';

export interface PhotoPlan {
  geometry: PyramidGeometry;
  stack: RegionStack;
  plan: OverridePlan;
  /** The region of the pixel answers, not that of a cell. */
  byPixel: boolean;
  settings: Pick<FieldRegions, 'window' | 'cells' | 'minRegionSide'>;
}

/** Inclusive pixels of the photo; tiles may reach beyond it. */
export interface PixelBox {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** @param maps of the photo, at its size, fine to coarse */
export async function planPhoto(
  maps: readonly RegionMap[],
  prior: Prior,
  settings: PhotoPlan['settings'],
  photo: string,
): Promise<PhotoPlan> {
  const [{ width, height }] = maps;
  const geometry = pyramidGeometry(width, height);
  const stack = await stackRegionMaps(maps, photo);
  const plan = planOverride(geometry, stack, { prior, ...settings });
  const any = (levels: readonly Int32Array[]) => levels.some((level) => level.some((chosen) => chosen !== 0));
  return { geometry, stack, plan, byPixel: !any(plan.cells) && any(plan.choices), settings };
}

/** Nearest in its level to a pixel; the pixels nearest to a cell are where it counts most. */
function nearestCell(level: LevelGeometry, row: number, col: number): { row: number; col: number } {
  const line = (pixel: number, count: number) =>
    Math.min(count - 1, Math.max(0, Math.round((pixel - level.firstCentre) / level.stride)));
  return { row: line(row, level.rows), col: line(col, level.cols) };
}

/** The region (number of the stack) that answers at a pixel of a level; undefined where the tiles do. */
function answeringRegion({ geometry, stack, plan, byPixel }: PhotoPlan, level: number, row: number, col: number) {
  const { width, levels } = geometry;
  const cell = nearestCell(levels[level], row, col);
  const chosen = byPixel
    ? plan.choices[level][stack.index[row * width + col]]
    : plan.cells[level][cell.row * levels[level].cols + cell.col];
  return chosen === 0 ? undefined : chosen - 1;
}

export interface ReplacedTile {
  level: number;
  /** Number of the region for people, from 1. */
  region: number;
  /** Box of the region. */
  box: PixelBox;
  /** Row and column of the tile from 1, and the square that it covers; absent where regions answer by pixel. */
  tile?: { row: number; col: number; square: PixelBox };
}

/** What the prior does at a pixel of the photo; undefined where it leaves the tiles alone. */
export function replacedAt(photo: PhotoPlan, level: number, row: number, col: number): ReplacedTile | undefined {
  const region = answeringRegion(photo, level, row, col);
  if (region === undefined) return undefined;
  const { box } = photo.stack.regions[region];
  if (photo.byPixel) return { level, region: region + 1, box };
  const geometry = photo.geometry.levels[level];
  const cell = nearestCell(geometry, row, col);
  const start = (index: number) => index * geometry.stride - geometry.padding;
  const [top, left] = [start(cell.row), start(cell.col)];
  const square = { top, left, bottom: top + geometry.side - 1, right: left + geometry.side - 1 };
  return { level, region: region + 1, box, tile: { row: cell.row + 1, col: cell.col + 1, square } };
}

export interface ShownRegion {
  region: number;
  box: PixelBox;
  /** Pixels. */
  area: number;
  /** Levels whose tiles are of its size, from 1; whether it replaces any depends on which pixels it covers. */
  levels: number[];
}

/** The finest region at a pixel of the photo, and the levels that admit its size. */
export function regionAt({ geometry, stack, settings }: PhotoPlan, row: number, col: number): ShownRegion | undefined {
  const [region] = stack.combinations[stack.index[row * geometry.width + col]];
  if (region === undefined) return undefined;
  const { box } = stack.regions[region];
  const side = Math.max(box.bottom - box.top, box.right - box.left) + 1;
  const admits = (level: number) =>
    side >= settings.minRegionSide && windowAdmits(level, side, geometry.height, settings.window);
  const levels = Array.from({ length: levelCount }, (_, level) => level).filter(admits);
  return { region: region + 1, box, area: box.area, levels: levels.map((level) => level + 1) };
}

/** Colours over the photo; where the tiles keep their own embeddings the photo is dark. @param photo RGB or RGBA */
export function tilesPicture(plan: PhotoPlan, level: number, photo: Image): Image {
  return paint(plan, photo, (row, col) => answeringRegion(plan, level, row, col));
}

/** The finest regions of the photo in the same colours. */
export function regionsPicture(plan: PhotoPlan, photo: Image): Image {
  const { stack, geometry } = plan;
  return paint(plan, photo, (row, col) => stack.combinations[stack.index[row * geometry.width + col]][0]);
}

const opacity = 0.6;
const darkness = 0.35;

/** @param photo of the photo's shape, at the size of the picture */
function paint(
  { geometry }: PhotoPlan,
  { width, height, channels, data }: Image,
  regionOf: (row: number, col: number) => number | undefined,
): Image {
  const shown = new Int32Array(width * height);
  const at = (pixel: number, from: number, to: number) => Math.floor(((pixel + 0.5) * to) / from);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++)
      shown[row * width + col] = (regionOf(at(row, height, geometry.height), at(col, width, geometry.width)) ?? -1) + 1;
  const out = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < shown.length; pixel++) {
    const region = shown[pixel];
    const isEdge =
      (pixel % width < width - 1 && shown[pixel + 1] !== region) ||
      (pixel + width < shown.length && shown[pixel + width] !== region);
    const colour = region === 0 ? undefined : regionColour(region - 1);
    for (let c = 0; c < 3; c++) {
      const own = data[pixel * channels + c];
      const plain = colour ? opacity * colour[c] + (1 - opacity) * own : darkness * own;
      out[3 * pixel + c] = isEdge ? 255 : Math.round(plain);
    }
  }
  return { width, height, channels: 3, data: out };
}

/** Where cells lie, for a grid over the picture: lines between the places where one cell and the next count most. */
export function cellLines(plan: PhotoPlan, level: number): { rows: number[]; cols: number[] } {
  const { geometry } = plan;
  const lines = (count: number, size: number) =>
    Array.from({ length: count - 1 }, (_, i) => cellCentre(geometry.levels[level], i + 0.5) + 0.5).filter(
      (line) => line > 0 && line < size,
    );
  const { rows, cols } = geometry.levels[level];
  return { rows: lines(rows, geometry.height), cols: lines(cols, geometry.width) };
}
