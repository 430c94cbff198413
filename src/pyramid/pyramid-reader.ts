/**
 * What look-ups read of a built pyramid, from disk when a ray first needs it, kept as halves in a least-recently-used
 * cache of bounded bytes. Everything kept is as it was stored, so the supervisions of all priors share one reader.
 */
import { LRUCache } from 'lru-cache';
import type { Pyramid } from './build-pyramid.ts';
import { type LevelGeometry, levelCount } from './tile-geometry.ts';

/** Book-keeping of one kept item besides its numbers. */
const entryOverhead = 200;
/** Rows of the index of combinations that are read together. */
const bandRows = 16;

/** Everything that can be kept is numbered: a photo's level rows, its region tiles, its dense rows; then reservations. */
interface PhotoSlots {
  levels: Int32Array;
  regions: number;
  dense: number;
  /** First band of each index of combinations. */
  indices: Map<string, number>;
}

export class PyramidReader {
  readonly pyramid: Pyramid;
  private readonly slots: PhotoSlots[];
  private readonly kept: LRUCache<number, Uint16Array>;
  private next = 0;

  /** @param cacheBytes default: the pyramid's own setting */
  constructor(pyramid: Pyramid, cacheBytes = pyramid.settings.cacheMiB * 2 ** 20) {
    this.pyramid = pyramid;
    this.kept = new LRUCache({ maxSize: Math.max(cacheBytes, 2 ** 20) });
    this.slots = pyramid.photos.map(({ geometry, dense }) => {
      const levels = new Int32Array(levelCount);
      for (const level of geometry.levels) levels[level.level] = this.reserve(level.rows);
      return { levels, regions: this.reserve(1), dense: this.reserve(dense?.rows ?? 0), indices: new Map() };
    });
  }

  /** Numbers for `count` items of a caller's own; returns the first. */
  reserve(count: number): number {
    const first = this.next;
    this.next += count;
    return first;
  }

  get(slot: number): Uint16Array | undefined {
    return this.kept.get(slot);
  }

  keep(slot: number, halves: Uint16Array): Uint16Array {
    this.kept.set(slot, halves, { size: halves.byteLength + entryOverhead });
    return halves;
  }

  /** [cols + 1, dim] of grid row `row`. */
  levelRow(photo: number, level: LevelGeometry, row: number): Uint16Array {
    const slot = this.slots[photo].levels[level.level] + row;
    const { store, photos } = this.pyramid;
    return this.get(slot) ?? this.keep(slot, store.readLevelRow(photos[photo].hash, level, row));
  }

  /** [stored region tiles, dim]. */
  regionHalves(photo: number): Uint16Array {
    const slot = this.slots[photo].regions;
    const { store, photos } = this.pyramid;
    const { hash, regions } = photos[photo];
    return this.get(slot) ?? this.keep(slot, store.readRegionHalves(hash, regions!.rows.size));
  }

  /** [cols, denseDim] of row `row` of the dense features. */
  denseRow(photo: number, grid: { rows: number; cols: number }, row: number): Uint16Array {
    const slot = this.slots[photo].dense + row;
    const { store, photos } = this.pyramid;
    return this.get(slot) ?? this.keep(slot, store.readDenseRow(photos[photo].hash, grid, row));
  }

  /** The combination of regions at a pixel, in the index of this key. */
  combinationAt(photo: number, index: string, row: number, col: number): number {
    const { store, photos } = this.pyramid;
    const { width, height } = photos[photo].geometry;
    const { indices } = this.slots[photo];
    let first = indices.get(index);
    if (first === undefined) {
      first = this.reserve(Math.ceil(height / bandRows));
      indices.set(index, first);
    }
    const band = Math.floor(row / bandRows);
    const start = band * bandRows;
    const rows = Math.min(bandRows, height - start);
    const slot = first + band;
    const read = this.get(slot) ?? this.keep(slot, store.readRegionIndexRows(index, width, height, start, rows));
    return read[(row - start) * width + col];
  }
}
