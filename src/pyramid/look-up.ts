/**
 * Looking up one ray in the pyramid: bilinear inside a level (spec §1.5), linear between two levels (§1.6), nearest by
 * floor for dense features (§1.8). Embeddings are halves; the arithmetic is float32. Nothing is renormalised, and
 * nothing is allocated, because training calls this hundreds of times per step.
 */
import { halfValues } from '../formats/half.ts';
import type { LevelGeometry } from './tile-geometry.ts';

/** Grid row (or column) at or before an integer pixel row (or column); never the replicated edge. */
export function gridIndex(level: LevelGeometry, pixel: number): number {
  return Math.floor((pixel - level.firstCentre) / level.stride);
}

/** Position of the pixel between that cell and the next, in [0, 1). */
export function gridFraction(level: LevelGeometry, pixel: number, index: number): number {
  return (pixel - (level.firstCentre + level.stride * index)) / level.stride;
}

/** One level at one pixel: two neighbouring grid rows and where the pixel lies between their cells. */
export interface CornerBlend {
  /** [cols + 1, dim] halves: grid row a and grid row a + 1. */
  near: Uint16Array;
  far: Uint16Array;
  /** Grid column b times dim. */
  start: number;
  /** Position between the rows and between the columns. */
  rowFraction: number;
  colFraction: number;
}

/** out[offset …+dim] = (1 - omega) · lower level + omega · upper level, eight corners in one pass. */
export function blendLevels(
  lower: CornerBlend,
  upper: CornerBlend,
  omega: number,
  dim: number,
  out: Float32Array,
  offset: number,
): void {
  const lowerWeight = 1 - omega;
  const a = lower.near;
  const b = lower.far;
  const c = upper.near;
  const e = upper.far;
  const i = lower.start;
  const j = upper.start;
  const a0 = lowerWeight * (1 - lower.rowFraction) * (1 - lower.colFraction);
  const a1 = lowerWeight * (1 - lower.rowFraction) * lower.colFraction;
  const b0 = lowerWeight * lower.rowFraction * (1 - lower.colFraction);
  const b1 = lowerWeight * lower.rowFraction * lower.colFraction;
  const c0 = omega * (1 - upper.rowFraction) * (1 - upper.colFraction);
  const c1 = omega * (1 - upper.rowFraction) * upper.colFraction;
  const e0 = omega * upper.rowFraction * (1 - upper.colFraction);
  const e1 = omega * upper.rowFraction * upper.colFraction;
  for (let d = 0; d < dim; d++)
    out[offset + d] =
      a0 * halfValues[a[i + d]] +
      a1 * halfValues[a[i + dim + d]] +
      b0 * halfValues[b[i + d]] +
      b1 * halfValues[b[i + dim + d]] +
      c0 * halfValues[c[j + d]] +
      c1 * halfValues[c[j + dim + d]] +
      e0 * halfValues[e[j + d]] +
      e1 * halfValues[e[j + dim + d]];
}

/** Row (or column) of a dense grid for an integer pixel row (or column): nearest, by floor. */
export function denseIndex(pixel: number, cells: number, size: number): number {
  return Math.floor((pixel * cells) / size);
}

/** out[offset …+dim] = the halves from `start` on. */
export function widenHalves(halves: Uint16Array, start: number, dim: number, out: Float32Array, offset: number): void {
  for (let d = 0; d < dim; d++) out[offset + d] = halfValues[halves[start + d]];
}
