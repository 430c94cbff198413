/**
 * The LanguageSupervision of one prior over a built pyramid. What is read is the pyramid as the tiles gave it
 * (pyramid-reader.ts); regions take their places while looking up (region-overrides.ts).
 */
import type { Pyramid } from './build-pyramid.ts';
import {
  blendLevels,
  type CornerBlend,
  copyCorners,
  denseIndex,
  emptyBlend,
  gridFraction,
  gridIndex,
  pointAt,
  widenHalves,
} from './look-up.ts';
import { type Prior, readPrior } from './prior.ts';
import { PyramidReader } from './pyramid-reader.ts';
import { RegionOverrides } from './region-overrides.ts';
import type { LanguageSupervision } from './supervision.ts';
import type { LevelGeometry } from './tile-geometry.ts';

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
  private readonly regions: RegionOverrides;
  /** The region of the pixel is the whole target, at every scale (spec §5.4). */
  private readonly full: boolean;
  private readonly lower = emptyBlend();
  private readonly upper = emptyBlend();
  /** Cells of the four corners that are aimed at. */
  private readonly cells = new Int32Array(4);

  constructor(reader: PyramidReader, prior: Prior) {
    const { store } = reader.pyramid;
    this.reader = reader;
    this.regions = new RegionOverrides(reader, prior);
    this.full = readPrior(prior).base === 'full';
    this.clipDim = store.dim;
    this.dinoDim = store.denseDim;
  }

  photoSize(photo: number): { width: number; height: number } {
    const { width, height } = this.reader.pyramid.photos[photo].geometry;
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
    if (!this.full) {
      this.aimLevels(photo, row, col, bin);
      blendLevels(this.lower, this.upper, omega, this.clipDim, out, offset);
      return true;
    }
    const region = this.regions.rowAt(photo, row, col);
    if (region === undefined) return false;
    widenHalves(this.reader.regionHalves(photo), region * this.clipDim, this.clipDim, out, offset);
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
    if (!this.full) {
      this.aimLevels(photo, row, col, bin);
      copyCorners(this.lower, this.upper, omega, this.clipDim, halves, shares, ray);
      return true;
    }
    const region = this.regions.rowAt(photo, row, col);
    if (region === undefined) return false;
    pointAt(this.lower, this.reader.regionHalves(photo), region * this.clipDim);
    // All of the lower level and nothing of an upper one: the region counts at every scale.
    copyCorners(this.lower, this.lower, 0, this.clipDim, halves, shares, ray);
    return true;
  }

  lookupDino(photo: number, row: number, col: number, out: Float32Array, offset: number): void {
    const { dense, geometry } = this.reader.pyramid.photos[photo];
    if (!dense) throw new RangeError('this pyramid has no dense features');
    const cells = this.reader.denseRow(photo, dense, denseIndex(row, dense.rows, geometry.height));
    widenHalves(cells, denseIndex(col, dense.cols, geometry.width) * this.dinoDim, this.dinoDim, out, offset);
  }

  /** Points both blends at the levels of a scale bin round a pixel, regions in their places. */
  private aimLevels(photo: number, row: number, col: number, bin: number): void {
    const { levels } = this.reader.pyramid.photos[photo].geometry;
    const combination = this.regions.combinationAt(photo, row, col);
    this.aim(this.lower, photo, levels[bin], row, col, combination);
    this.aim(this.upper, photo, levels[bin + 1], row, col, combination);
  }

  /** Points a blend at the four corners of one level round a pixel. */
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
    this.cells[0] = a * level.cols + b;
    this.cells[1] = a * level.cols + right;
    this.cells[2] = below * level.cols + b;
    this.cells[3] = below * level.cols + right;
    this.regions.override(blend, photo, level.level, this.cells, combination);
  }
}
