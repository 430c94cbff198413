/** What a built pyramid consists of, as numbers: tiles per level, regions, and the cells they override. */
import { type TableColumn, type TableValue, textTable } from '../formats/text-table.ts';
import type { Pyramid } from './build-pyramid.ts';
import { isByPixel, type Prior, readPrior } from './prior.ts';
import { encodedCells } from './tile-choice.ts';
import { levelCount, nominalRatios } from './tile-geometry.ts';

export interface LevelSummary {
  level: number;
  /** Tile side as a fraction of the photo height. */
  ratio: number;
  /** Smallest and largest over the photos, pixels. */
  side: [number, number];
  stride: [number, number];
  /** Cells of the grids. */
  tiles: number;
  /** Cells with a tile of their own; the others are interpolated. */
  encodedTiles: number;
  /** Pixels of all photos. */
  pixels: number;
  /** Cells (with the option `pixels` and under `full`: pixels) with a region's embedding, per prior. */
  overridden: Partial<Record<Prior, number>>;
}

export interface PyramidSummary {
  photos: number;
  levels: LevelSummary[];
  tiles: number;
  encodedTiles: number;
  regions: {
    /** In all region maps together, equal boxes of a photo once. */
    found: number;
    /** That need an embedding, per prior. */
    used: Partial<Record<Prior, number>>;
  };
  encoded: Pyramid['encoded'];
  encoding: Pyramid['encoding'];
  denseDim: number;
}

export function summarisePyramid(pyramid: Pyramid): PyramidSummary {
  const { photos, priors, settings } = pyramid;
  const levels = Array.from({ length: levelCount }, (_, level): LevelSummary => {
    const geometries = photos.map((photo) => photo.geometry.levels[level]);
    return {
      level,
      ratio: nominalRatios[level],
      side: extent(geometries.map(({ side }) => side)),
      stride: extent(geometries.map(({ stride }) => stride)),
      tiles: total(geometries.map(({ rows, cols }) => rows * cols)),
      encodedTiles: total(geometries.map((geometry) => encodedCells(geometry, settings.tiles).length)),
      pixels: total(photos.map(({ geometry }) => geometry.width * geometry.height)),
      overridden: perPrior(priors, (prior) =>
        total(photos.map(({ regions }) => regions?.plans.get(prior)?.replaced[level] ?? 0)),
      ),
    };
  });
  return {
    photos: photos.length,
    levels,
    tiles: total(levels.map((level) => level.tiles)),
    encodedTiles: total(levels.map((level) => level.encodedTiles)),
    regions: {
      found: total(photos.map(({ regions }) => regions?.found ?? 0)),
      used: perPrior(priors, (prior) =>
        total(photos.map(({ regions }) => regions?.plans.get(prior)?.used.length ?? 0)),
      ),
    },
    encoded: pyramid.encoded,
    encoding: pyramid.encoding,
    denseDim: pyramid.store.denseDim,
  };
}

/** The summary as lines of a table. */
export function describePyramid(pyramid: Pyramid): string[] {
  const summary = summarisePyramid(pyramid);
  const overriding = pyramid.priors.filter((prior) => !['none', 'full'].includes(readPrior(prior).base));
  const isFull = pyramid.settings.tiles === 'full';
  const columns: TableColumn[] = [
    { title: 'level', decimals: 0 },
    { title: 'side/height' },
    { title: 'side' },
    { title: 'stride' },
    { title: 'tiles', decimals: 0 },
    ...(isFull ? [] : [{ title: 'encoded', decimals: 0 }]),
    ...overriding.flatMap((prior) => [
      { title: `${isByPixel(readPrior(prior)) ? 'pixels' : 'overridden'}: ${prior}`, decimals: 0 },
      { title: '%', decimals: 1 },
    ]),
  ];
  const cells = (tiles: number, pixels: number, overridden: (prior: Prior) => number) =>
    overriding.flatMap((prior) => [
      overridden(prior),
      (100 * overridden(prior)) / (isByPixel(readPrior(prior)) ? pixels : tiles),
    ]);
  const rows: TableValue[][] = summary.levels.map(
    ({ level, ratio, side, stride, tiles, encodedTiles, pixels, overridden }) => [
      level,
      ratio,
      range(side),
      range(stride),
      tiles,
      ...(isFull ? [] : [encodedTiles]),
      ...cells(tiles, pixels, (prior) => overridden[prior] ?? 0),
    ],
  );
  const all = (prior: Prior) => total(summary.levels.map((level) => level.overridden[prior] ?? 0));
  const allPixels = total(summary.levels.map(({ pixels }) => pixels));
  rows.push([
    'all',
    '',
    '',
    '',
    summary.tiles,
    ...(isFull ? [] : [summary.encodedTiles]),
    ...cells(summary.tiles, allPixels, all),
  ]);
  const lines = textTable(columns, rows);
  for (const [prior, used] of Object.entries(summary.regions.used))
    if (prior !== 'none') lines.push(`regions: ${summary.regions.found} found, ${used} used by ${prior}`);
  const { tiles, regions } = summary.encoded;
  lines.push(`encoded now: ${tiles} tiles and ${regions} regions, identical ones once; the rest was in the cache`);
  return [...lines, ...describeEncoding(pyramid)];
}

/** How long encoding took, as a line; none when everything was in the cache. */
export function describeEncoding({ encoding: { photos, seconds } }: Pick<Pyramid, 'encoding'>): string[] {
  if (photos === 0) return [];
  return [`encoding: ${seconds.toFixed(1)} s, ${(seconds / photos).toFixed(2)} s for each of ${photos} photos`];
}

function perPrior(priors: readonly Prior[], count: (prior: Prior) => number): Partial<Record<Prior, number>> {
  return Object.fromEntries(priors.map((prior) => [prior, count(prior)]));
}

function extent(values: readonly number[]): [number, number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    values.reduce((most, value) => Math.max(most, value), 0),
  ];
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function range([least, most]: [number, number]): string {
  return least === most ? String(least) : `${least}-${most}`;
}
