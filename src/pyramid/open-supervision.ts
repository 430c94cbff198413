/**
 * The LanguageSupervision of one prior over a built pyramid. What is read is the pyramid as the tiles gave it
 * (pyramid-reader.ts); regions take their places while looking up: for a cell, in its corner of the interpolation; with
 * the option `pixels`, in the place of a level's whole interpolation; with `within`, in that of whatever a corner's tile shows
 * of other regions; under the prior `full`, of everything (spec §5.4).
 */
import { halfValues } from '../formats/half.ts';
import type { Pyramid, PyramidPhoto } from './build-pyramid.ts';
import {
  blendLevels,
  copyCorners,
  type CornerBlend,
  denseIndex,
  emptyBlend,
  gridFraction,
  gridIndex,
  interpolate,
  largestCosine,
  mixedHalves,
  pointAt,
  widenHalves,
} from './look-up.ts';
import type { PriorPlan } from './plan-regions.ts';
import { type Prior, type PriorRule, readPrior } from './prior.ts';
import { PyramidReader } from './pyramid-reader.ts';
import type { LanguageSupervision } from './supervision.ts';
import { type LevelGeometry, tileCount } from './tile-geometry.ts';
import { findView } from './tile-views.ts';

interface OpenPhoto {
  photo: PyramidPhoto;
  /** Absent where the prior replaces nothing in this photo. */
  plan?: PriorPlan;
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

/** Opens the supervision of `prior`, which must be one of the priors the pyramid was built for. */
export function openSupervision(
  pyramid: Pyramid,
  prior: Prior,
  reader: PyramidReader = new PyramidReader(pyramid),
): LanguageSupervision {
  if (!pyramid.priors.includes(prior))
    throw new RangeError(`the pyramid was built for ${pyramid.priors.join(', ')}, not for ${prior}`);
  return new PyramidSupervision(reader, prior);
}

class PyramidSupervision implements LanguageSupervision {
  readonly clipDim: number;
  readonly dinoDim: number;
  private readonly reader: PyramidReader;
  private readonly rule: PriorRule;
  private readonly canonical?: Float32Array;
  private readonly photos: OpenPhoto[];
  private readonly lower = emptyBlend();
  private readonly upper = emptyBlend();
  private readonly scratch: Float32Array;

  constructor(reader: PyramidReader, prior: Prior) {
    const { store, photos, canonical } = reader.pyramid;
    this.reader = reader;
    this.rule = readPrior(prior);
    this.canonical = canonical;
    this.clipDim = store.dim;
    this.dinoDim = store.denseDim;
    this.scratch = new Float32Array(store.dim);
    this.photos = photos.map((photo) => openPhoto(photo, prior, this.rule, reader));
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
    if (this.rule.base === 'full') return this.lookupRegion(opened, photo, row, col, out, offset);
    this.aimLevels(opened, photo, row, col, bin);
    blendLevels(this.lower, this.upper, omega, this.clipDim, out, offset);
    return true;
  }

  lookupCorners(
    photo: number,
    row: number,
    col: number,
    bin: number,
    omega: number,
    halves: Uint16Array,
    shares: Float32Array,
    ray: number,
  ): boolean {
    const opened = this.photos[photo];
    if (this.rule.base === 'full') {
      const region = this.regionAt(opened, photo, row, col);
      if (region === undefined) return false;
      pointAt(this.lower, this.reader.regionHalves(photo), region * this.clipDim);
      // All of the lower level and nothing of an upper one: the region counts at every scale.
      copyCorners(this.lower, this.lower, 0, this.clipDim, halves, shares, ray);
      return true;
    }
    this.aimLevels(opened, photo, row, col, bin);
    copyCorners(this.lower, this.upper, omega, this.clipDim, halves, shares, ray);
    return true;
  }

  /** Points both blends at the levels of a scale bin round a pixel, regions in their places. */
  private aimLevels(
    { photo: { geometry }, plan }: OpenPhoto,
    photo: number,
    row: number,
    col: number,
    bin: number,
  ): void {
    const combination = plan?.index === undefined ? 0 : this.reader.combinationAt(photo, plan.index, row, col);
    this.aim(this.lower, photo, geometry.levels[bin], row, col, combination);
    this.aim(this.upper, photo, geometry.levels[bin + 1], row, col, combination);
    if (!this.rule.pixels || !plan) return;
    this.overrideLevel(this.lower, photo, bin, combination);
    this.overrideLevel(this.upper, photo, bin + 1, combination);
  }

  lookupDino(photo: number, row: number, col: number, out: Float32Array, offset: number): void {
    const { dense, geometry } = this.photos[photo].photo;
    if (!dense) throw new RangeError('this pyramid has no dense features');
    const cells = this.reader.denseRow(photo, dense, denseIndex(row, dense.rows, geometry.height));
    widenHalves(cells, denseIndex(col, dense.cols, geometry.width) * this.dinoDim, this.dinoDim, out, offset);
  }

  /** The prior `full`: the region of the pixel at every scale. */
  private lookupRegion(
    opened: OpenPhoto,
    photo: number,
    row: number,
    col: number,
    out: Float32Array,
    offset: number,
  ): boolean {
    const region = this.regionAt(opened, photo, row, col);
    if (region === undefined) return false;
    widenHalves(this.reader.regionHalves(photo), region * this.clipDim, this.clipDim, out, offset);
    return true;
  }

  /** Row of the pixel's region among the stored region tiles; undefined where there is none. */
  private regionAt({ plan, rows }: OpenPhoto, photo: number, row: number, col: number): number | undefined {
    if (plan?.index === undefined) return undefined;
    const chosen = plan.choices[0][this.reader.combinationAt(photo, plan.index, row, col)];
    return chosen === 0 ? undefined : rows[chosen - 1];
  }

  /** Points a blend at the four corners of one level round a pixel, cells already overridden. */
  private aim(
    blend: CornerBlend,
    photo: number,
    level: LevelGeometry,
    row: number,
    col: number,
    combination: number,
  ): void {
    const a = gridIndex(level, row);
    const b = gridIndex(level, col);
    // The row after the last is its copy; the column after the last is stored.
    const below = Math.min(a + 1, level.rows - 1);
    const right = Math.min(b + 1, level.cols - 1);
    const near = this.reader.levelRow(photo, level, a);
    const far = below === a ? near : this.reader.levelRow(photo, level, below);
    const { halves, starts } = blend;
    halves[0] = near;
    halves[1] = near;
    halves[2] = far;
    halves[3] = far;
    starts[0] = b * this.clipDim;
    starts[1] = right * this.clipDim;
    starts[2] = starts[0];
    starts[3] = starts[1];
    blend.rowFraction = gridFraction(level, row, a);
    blend.colFraction = gridFraction(level, col, b);
    const { plan } = this.photos[photo];
    if (!plan || this.rule.pixels) return;
    const first = a * level.cols;
    const second = below * level.cols;
    if (this.rule.within) {
      const region = plan.choices[level.level][combination];
      if (region === 0) return;
      this.confineCell(blend, 0, photo, level.level, first + b, region);
      this.confineCell(blend, 1, photo, level.level, first + right, region);
      this.confineCell(blend, 2, photo, level.level, second + b, region);
      this.confineCell(blend, 3, photo, level.level, second + right, region);
      return;
    }
    const cells = plan.cells[level.level];
    if (cells[first + b] !== 0) this.overrideCell(blend, 0, photo, level.level, first + b);
    if (cells[first + right] !== 0) this.overrideCell(blend, 1, photo, level.level, first + right);
    if (cells[second + b] !== 0) this.overrideCell(blend, 2, photo, level.level, second + b);
    if (cells[second + right] !== 0) this.overrideCell(blend, 3, photo, level.level, second + right);
  }

  /** Option `within`: of the corner's tile only the share counts that shows the region; the rest is the region's own. */
  private confineCell(
    blend: CornerBlend,
    corner: number,
    photo: number,
    level: number,
    cell: number,
    region: number,
  ): void {
    const { plan, rows, views: slots } = this.photos[photo];
    const views = plan!.views![level];
    const entry = findView(views, cell, region);
    const share = entry < 0 ? 0 : views.shares[entry];
    if (share === 1) return;
    const { halves, starts } = blend;
    const regions = this.reader.regionHalves(photo);
    const start = rows[region - 1] * this.clipDim;
    if (share === 0) {
      halves[corner] = regions;
      starts[corner] = start;
      return;
    }
    const slot = slots[level] + entry;
    halves[corner] =
      this.reader.get(slot) ??
      this.reader.keep(slot, this.mix(halves[corner], starts[corner], regions, start, 1 - share));
    starts[corner] = 0;
  }

  /** The corner's embedding gives way to that of its cell's region. */
  private overrideCell(blend: CornerBlend, corner: number, photo: number, level: number, cell: number): void {
    const opened = this.photos[photo];
    const plan = opened.plan!;
    const row = opened.rows[plan.cells[level][cell] - 1];
    const { halves, starts } = blend;
    const number = opened.firstCell[level] + cell;
    if (this.rule.confident) {
      if (opened.verdicts[number] === 0) {
        this.widen(halves[corner], starts[corner]);
        opened.verdicts[number] = this.regionSaysMore(photo, row) ? takesRegion : keepsTile;
      }
      if (opened.verdicts[number] === keepsTile) return;
    }
    const regions = this.reader.regionHalves(photo);
    const start = row * this.clipDim;
    if (plan.shares) {
      const slot = opened.mixed + number;
      halves[corner] =
        this.reader.get(slot) ??
        this.reader.keep(slot, this.mix(halves[corner], starts[corner], regions, start, plan.shares[level][cell]));
      starts[corner] = 0;
    } else {
      halves[corner] = regions;
      starts[corner] = start;
    }
  }

  /** Option `pixels`: the level's interpolation gives way to the region of the pixel. */
  private overrideLevel(blend: CornerBlend, photo: number, level: number, combination: number): void {
    const { plan, rows } = this.photos[photo];
    const chosen = plan!.choices[level][combination];
    if (chosen === 0) return;
    const row = rows[chosen - 1];
    if (this.rule.confident) {
      interpolate(blend, this.clipDim, this.scratch);
      if (!this.regionSaysMore(photo, row)) return;
    }
    pointAt(blend, this.reader.regionHalves(photo), row * this.clipDim);
  }

  /** Whether region tile `row` is further from every canonical phrase than what `scratch` holds. */
  private regionSaysMore(photo: number, row: number): boolean {
    const tile = largestCosine(this.scratch, this.canonical!);
    const { regionCosines } = this.photos[photo];
    if (Number.isNaN(regionCosines[row])) {
      this.widen(this.reader.regionHalves(photo), row * this.clipDim);
      regionCosines[row] = largestCosine(this.scratch, this.canonical!);
    }
    return regionCosines[row] < tile;
  }

  private widen(halves: Uint16Array, start: number): void {
    widenHalves(halves, start, this.clipDim, this.scratch, 0);
  }

  private mix(tile: Uint16Array, tileStart: number, region: Uint16Array, start: number, share: number): Uint16Array {
    const floats = (halves: Uint16Array, from: number) =>
      Float32Array.from(halves.subarray(from, from + this.clipDim), (half) => halfValues[half]);
    return mixedHalves(floats(tile, tileStart), floats(region, start), share);
  }
}

function openPhoto(photo: PyramidPhoto, prior: Prior, rule: PriorRule, reader: PyramidReader): OpenPhoto {
  const stored = photo.regions?.rows ?? new Map<string, number>();
  const plan = photo.regions?.plans.get(prior);
  const cells = tileCount(photo.geometry);
  let first = 0;
  const firstCell = photo.geometry.levels.map((level) => {
    first += level.rows * level.cols;
    return first - level.rows * level.cols;
  });
  return {
    photo,
    rows: Int32Array.from(plan?.squares ?? [], (key) => stored.get(key) ?? -1),
    firstCell,
    mixed: rule.area ? reader.reserve(cells) : 0,
    views: plan?.views?.map(({ regions }) => reader.reserve(regions.length)) ?? [],
    regionCosines: new Float64Array(rule.confident ? stored.size : 0).fill(Number.NaN),
    verdicts: new Uint8Array(rule.confident && !rule.pixels ? cells : 0),
    ...(plan && plan.used.length > 0 && { plan }),
  };
}
