/**
 * The LanguageSupervision of one prior over a built pyramid. Grid rows are read from disk when a ray first needs them
 * and kept as halves in a least-recently-used cache of bounded bytes; the override is applied to a row as it is read,
 * so priors share the files. Two-level blending is look-up.ts; the prior `full` answers with the embedding of the
 * pixel's region instead (spec §5.4).
 */
import { LRUCache } from 'lru-cache';
import type { Pyramid, PyramidPhoto } from './build-pyramid.ts';
import { widenHalves, blendLevels, type CornerBlend, denseIndex, gridFraction, gridIndex } from './look-up.ts';
import type { OverridePlan, Prior } from './override.ts';
import type { LanguageSupervision } from './supervision.ts';
import { type LevelGeometry, levelCount } from './tile-geometry.ts';

/** Book-keeping of one cached row besides its numbers. */
const entryOverhead = 200;

export interface SupervisionOptions {
  /** Bytes of embeddings kept in memory; default: the pyramid's own setting. */
  cacheBytes?: number;
}

/** Rows of a photo in the cache are numbered: its levels' rows, then the regions, the dense rows, the index rows. */
interface PhotoSlots {
  levels: Int32Array;
  regions: number;
  dense: number;
  index: number;
}

interface OpenPhoto {
  photo: PyramidPhoto;
  slots: PhotoSlots;
  plan?: OverridePlan;
  /** Row of the region file by region id. */
  embeddingOf: Map<number, number>;
  /** Row of the region file by index in the id map, -1 = none; for `full` alone. */
  embeddingOfIndex: Int32Array;
}

/** Opens the supervision of `prior`, which must be one of the priors the pyramid was built for. */
export function openSupervision(pyramid: Pyramid, prior: Prior, options: SupervisionOptions = {}): LanguageSupervision {
  if (!pyramid.priors.includes(prior))
    throw new RangeError(`the pyramid was built for ${pyramid.priors.join(', ')}, not for ${prior}`);
  return new PyramidSupervision(pyramid, prior, options.cacheBytes ?? pyramid.settings.cacheMiB * 2 ** 20);
}

class PyramidSupervision implements LanguageSupervision {
  readonly clipDim: number;
  readonly dinoDim: number;
  private readonly store: Pyramid['store'];
  private readonly prior: Prior;
  private readonly photos: OpenPhoto[];
  private readonly rows: LRUCache<number, Uint16Array>;
  private readonly lower = emptyBlend();
  private readonly upper = emptyBlend();

  constructor(pyramid: Pyramid, prior: Prior, cacheBytes: number) {
    this.store = pyramid.store;
    this.prior = prior;
    this.clipDim = pyramid.store.dim;
    this.dinoDim = pyramid.store.denseDim;
    let next = 0;
    this.photos = pyramid.photos.map((photo) => {
      const opened = openPhoto(photo, prior, next);
      next = opened.slots.index + photo.geometry.height;
      return opened;
    });
    this.rows = new LRUCache({ maxSize: Math.max(cacheBytes, 2 ** 20) });
  }

  photoSize(photo: number): { width: number; height: number } {
    const { width, height } = this.photos[photo].photo.geometry;
    return { width, height };
  }

  lookupClip(
    photo: number,
    row: number,
    col: number,
    bin: number,
    omega: number,
    out: Float32Array,
    offset: number,
  ): boolean {
    const opened = this.photos[photo];
    if (this.prior === 'full') return this.lookupRegion(opened, row, col, out, offset);
    const { levels } = opened.photo.geometry;
    this.aim(this.lower, opened, levels[bin], row, col);
    this.aim(this.upper, opened, levels[bin + 1], row, col);
    blendLevels(this.lower, this.upper, omega, this.clipDim, out, offset);
    return true;
  }

  lookupDino(photo: number, row: number, col: number, out: Float32Array, offset: number): void {
    const opened = this.photos[photo];
    const grid = opened.photo.dense;
    if (!grid) throw new RangeError('this pyramid has no dense features');
    const { width, height } = opened.photo.geometry;
    const gridRow = denseIndex(row, grid.rows, height);
    const slot = opened.slots.dense + gridRow;
    const cells = this.rows.get(slot) ?? this.keep(slot, this.store.readDenseRow(opened.photo.hash, grid, gridRow));
    widenHalves(cells, denseIndex(col, grid.cols, width) * this.dinoDim, this.dinoDim, out, offset);
  }

  private lookupRegion(opened: OpenPhoto, row: number, col: number, out: Float32Array, offset: number): boolean {
    const { width, height } = opened.photo.geometry;
    const regions = opened.photo.regions!;
    const slot = opened.slots.index + row;
    const indices =
      this.rows.get(slot) ?? this.keep(slot, this.store.readRegionIndexRow(regions.map, width, height, row));
    const embedding = opened.embeddingOfIndex[indices[col]];
    if (embedding < 0) return false;
    widenHalves(this.regionHalves(opened), embedding * this.clipDim, this.clipDim, out, offset);
    return true;
  }

  /** Points a blend at the four corners of one level round a pixel. */
  private aim(blend: CornerBlend, opened: OpenPhoto, level: LevelGeometry, row: number, col: number): void {
    const a = gridIndex(level, row);
    const b = gridIndex(level, col);
    blend.near = this.levelRow(opened, level, a);
    // The row after the last is its copy, override included.
    blend.far = a + 1 < level.rows ? this.levelRow(opened, level, a + 1) : blend.near;
    blend.start = b * this.clipDim;
    blend.rowFraction = gridFraction(level, row, a);
    blend.colFraction = gridFraction(level, col, b);
  }

  private levelRow(opened: OpenPhoto, level: LevelGeometry, row: number): Uint16Array {
    const slot = opened.slots.levels[level.level] + row;
    return this.rows.get(slot) ?? this.keep(slot, this.loadLevelRow(opened, level, row));
  }

  /** [cols + 1, dim] halves with the override applied, then the last column copied again. */
  private loadLevelRow(opened: OpenPhoto, level: LevelGeometry, row: number): Uint16Array {
    const { clipDim: dim } = this;
    const cells = this.store.readLevelRow(opened.photo.hash, level, row);
    if (!opened.plan) return cells;
    const plan = opened.plan[level.level];
    for (let col = 0; col < level.cols; col++) {
      const id = plan[row * level.cols + col];
      if (id === 0) continue;
      const start = opened.embeddingOf.get(id)! * dim;
      cells.set(this.regionHalves(opened).subarray(start, start + dim), col * dim);
    }
    cells.copyWithin(level.cols * dim, (level.cols - 1) * dim, level.cols * dim);
    return cells;
  }

  private regionHalves(opened: OpenPhoto): Uint16Array {
    const { regions, hash } = opened.photo;
    const slot = opened.slots.regions;
    return (
      this.rows.get(slot) ??
      this.keep(slot, this.store.readRegionHalves(hash, regions!.key, regions!.encodedIds.length))
    );
  }

  private keep(slot: number, row: Uint16Array): Uint16Array {
    this.rows.set(slot, row, { size: row.byteLength + entryOverhead });
    return row;
  }
}

function openPhoto(photo: PyramidPhoto, prior: Prior, firstSlot: number): OpenPhoto {
  const levels = new Int32Array(levelCount);
  let next = firstSlot;
  for (const level of photo.geometry.levels) {
    levels[level.level] = next;
    next += level.rows;
  }
  const slots = { levels, regions: next, dense: next + 1, index: next + 1 + (photo.dense?.rows ?? 0) };
  const embeddingOf = new Map((photo.regions?.encodedIds ?? []).map((id, row) => [id, row]));
  const usable = new Set(photo.regions?.used.get(prior));
  const embeddingOfIndex = Int32Array.from([0, ...(photo.regions?.ids ?? [])], (id) =>
    usable.has(id) ? embeddingOf.get(id)! : -1,
  );
  const plan = photo.regions?.plans.get(prior);
  const overrides = plan?.some((level) => level.some((id) => id !== 0));
  return { photo, slots, embeddingOf, embeddingOfIndex, ...(overrides && { plan }) };
}

function emptyBlend(): CornerBlend {
  const nothing = new Uint16Array(0);
  return { near: nothing, far: nothing, start: 0, rowFraction: 0, colFraction: 0 };
}
