/**
 * How the regions of a prior take their places in a look-up: for a cell, in its corner of the interpolation; with the
 * option `pixels`, in the place of a level's whole interpolation; with `within`, of what a corner's tile shows beyond the
 * region of the pixel. The plans say which (override.ts), embeddings come from the reader.
 */
import { halfValues } from '../formats/half.ts';
import type { PyramidPhoto } from './build-pyramid.ts';
import { type CornerBlend, interpolate, largestCosine, mixedHalves, pointAt, widenHalves } from './look-up.ts';
import type { PriorPlan } from './plan-regions.ts';
import { type Prior, type PriorRule, readPrior } from './prior.ts';
import type { PyramidReader } from './pyramid-reader.ts';
import { tileCount } from './tile-geometry.ts';
import { findView } from './tile-views.ts';

/** A photo in which the prior replaces something. */
interface PlannedPhoto {
  plan: PriorPlan;
  /** For each region of the plan its row among the stored region tiles, -1 = not used. */
  rows: Int32Array;
  /** Number of each level's first cell among all cells of the photo. */
  firstCell: number[];
  /** Slot of the photo's first mixed cell, for the option `area`. */
  mixed: number;
  /** For the option `within`: per level the slot of the first entry of its tile views. */
  views: number[];
  /** For the option `confident`: largest cosine of each region tile, NaN = not known yet. */
  regionCosines: Float64Array;
  /** For `confident` cells: whether the region answers; 0 = not known yet. */
  verdicts: Uint8Array;
}

const keepsTile = 1;
const takesRegion = 2;

export class RegionOverrides {
  private readonly reader: PyramidReader;
  private readonly rule: PriorRule;
  private readonly dim: number;
  private readonly canonical?: Float32Array;
  private readonly photos: (PlannedPhoto | undefined)[];
  private readonly scratch: Float32Array;

  constructor(reader: PyramidReader, prior: Prior) {
    const { store, photos, canonical } = reader.pyramid;
    this.reader = reader;
    this.rule = readPrior(prior);
    this.dim = store.dim;
    this.canonical = canonical;
    this.scratch = new Float32Array(store.dim);
    this.photos = photos.map((photo) => planned(photo, prior, this.rule, reader));
  }

  /** The combination of regions at a pixel; 0 where the prior does not ask by pixel. */
  combinationAt(photo: number, row: number, col: number): number {
    const index = this.photos[photo]?.plan.index;
    return index === undefined ? 0 : this.reader.combinationAt(photo, index, row, col);
  }

  /** Row of the pixel's region among the stored region tiles; undefined where there is none. */
  rowAt(photo: number, row: number, col: number): number | undefined {
    const opened = this.photos[photo];
    if (opened?.plan.index === undefined) return undefined;
    const chosen = opened.plan.choices[0][this.combinationAt(photo, row, col)];
    return chosen === 0 ? undefined : opened.rows[chosen - 1];
  }

  /**
   * Puts regions in their places in a blend of one level.
   * @param cells [4] cells of the corners
   * @param combination of the pixel
   */
  override(blend: CornerBlend, photo: number, level: number, cells: Int32Array, combination: number): void {
    const opened = this.photos[photo];
    if (!opened) return;
    const { plan } = opened;
    if (plan.index !== undefined) {
      const region = plan.choices[level][combination];
      if (region === 0) return;
      if (this.rule.pixels) this.overrideLevel(blend, photo, opened.rows[region - 1]);
      else for (let corner = 0; corner < 4; corner++) this.confine(blend, corner, photo, level, cells[corner], region);
      return;
    }
    for (let corner = 0; corner < 4; corner++)
      if (plan.cells[level][cells[corner]] !== 0) this.overrideCell(blend, corner, photo, level, cells[corner]);
  }

  /** The corner's embedding gives way to that of its cell's region. */
  private overrideCell(blend: CornerBlend, corner: number, photo: number, level: number, cell: number): void {
    const opened = this.photos[photo]!;
    const { plan, verdicts } = opened;
    const row = opened.rows[plan.cells[level][cell] - 1];
    const number = opened.firstCell[level] + cell;
    if (this.rule.confident) {
      if (verdicts[number] === 0) {
        this.widen(blend.halves[corner], blend.starts[corner]);
        verdicts[number] = this.regionSaysMore(photo, row) ? takesRegion : keepsTile;
      }
      if (verdicts[number] === keepsTile) return;
    }
    this.mixCorner(blend, corner, photo, row, plan.shares?.[level][cell] ?? 1, opened.mixed + number);
  }

  /** Option `within`: of the corner's tile only the share counts that shows the region; the rest is the region's own. */
  private confine(
    blend: CornerBlend,
    corner: number,
    photo: number,
    level: number,
    cell: number,
    region: number,
  ): void {
    const { plan, rows, views } = this.photos[photo]!;
    const shown = plan.views![level];
    const entry = findView(shown, cell, region);
    const share = entry < 0 ? 0 : shown.shares[entry];
    if (share < 1) this.mixCorner(blend, corner, photo, rows[region - 1], 1 - share, views[level] + entry);
  }

  /** The corner becomes normalise((1 - share) · tile + share · region); what is really mixed is kept in `slot`. */
  private mixCorner(
    { halves, starts }: CornerBlend,
    corner: number,
    photo: number,
    row: number,
    share: number,
    slot: number,
  ): void {
    const regions = this.reader.regionHalves(photo);
    const start = row * this.dim;
    if (share === 1) {
      halves[corner] = regions;
      starts[corner] = start;
      return;
    }
    const floats = (of: Uint16Array, from: number) =>
      Float32Array.from(of.subarray(from, from + this.dim), (half) => halfValues[half]);
    halves[corner] =
      this.reader.get(slot) ??
      this.reader.keep(slot, mixedHalves(floats(halves[corner], starts[corner]), floats(regions, start), share));
    starts[corner] = 0;
  }

  /** Option `pixels`: the level's interpolation gives way to the region of the pixel. */
  private overrideLevel(blend: CornerBlend, photo: number, row: number): void {
    if (this.rule.confident) {
      interpolate(blend, this.dim, this.scratch);
      if (!this.regionSaysMore(photo, row)) return;
    }
    pointAt(blend, this.reader.regionHalves(photo), row * this.dim);
  }

  /** Whether region tile `row` is further from every canonical phrase than what `scratch` holds. */
  private regionSaysMore(photo: number, row: number): boolean {
    const tile = largestCosine(this.scratch, this.canonical!);
    const { regionCosines } = this.photos[photo]!;
    if (Number.isNaN(regionCosines[row])) {
      this.widen(this.reader.regionHalves(photo), row * this.dim);
      regionCosines[row] = largestCosine(this.scratch, this.canonical!);
    }
    return regionCosines[row] < tile;
  }

  private widen(halves: Uint16Array, start: number): void {
    widenHalves(halves, start, this.dim, this.scratch, 0);
  }
}

function planned(photo: PyramidPhoto, prior: Prior, rule: PriorRule, reader: PyramidReader): PlannedPhoto | undefined {
  const plan = photo.regions?.plans.get(prior);
  if (!plan || plan.used.length === 0) return undefined;
  const stored = photo.regions!.rows;
  const cells = tileCount(photo.geometry);
  let first = 0;
  const firstCell = photo.geometry.levels.map((level) => {
    first += level.rows * level.cols;
    return first - level.rows * level.cols;
  });
  return {
    plan,
    rows: Int32Array.from(plan.squares, (key) => stored.get(key) ?? -1),
    firstCell,
    mixed: rule.area ? reader.reserve(cells) : 0,
    views: plan.views?.map(({ regions }) => reader.reserve(regions.length)) ?? [],
    regionCosines: new Float64Array(rule.confident ? stored.size : 0).fill(Number.NaN),
    verdicts: new Uint8Array(rule.confident && !rule.pixels ? cells : 0),
  };
}
