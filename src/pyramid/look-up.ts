/**
 * Looking up one ray in the pyramid: bilinear inside a level (spec §1.5), linear between two levels (§1.6), nearest by
 * floor for dense features (§1.8); and the arithmetic of the priors' options. Embeddings are halves. Look-ups are not
 * renormalised and allocate nothing of their own, because training calls them hundreds of times per step.
 */
import { floatsToHalves, halfValues } from '../formats/half.ts';
import type { LevelGeometry } from './tile-geometry.ts';

/** Grid row (or column) at or before an integer pixel row (or column); never the replicated edge. */
export function gridIndex(level: LevelGeometry, pixel: number): number {
  return Math.floor((pixel - level.firstCentre) / level.stride);
}

/** Position of the pixel between that cell and the next, in [0, 1). */
export function gridFraction(level: LevelGeometry, pixel: number, index: number): number {
  return (pixel - (level.firstCentre + level.stride * index)) / level.stride;
}

/** One level at one pixel: the embeddings of the four cells round it and where it lies between them. */
export interface CornerBlend {
  /** Cells (a, b), (a, b + 1), (a + 1, b), (a + 1, b + 1): where their halves are, and from which number on. */
  halves: [Uint16Array, Uint16Array, Uint16Array, Uint16Array];
  starts: [number, number, number, number];
  /** Position between the rows and between the columns. */
  rowFraction: number;
  colFraction: number;
}

export function emptyBlend(): CornerBlend {
  const nothing = new Uint16Array(0);
  return { halves: [nothing, nothing, nothing, nothing], starts: [0, 0, 0, 0], rowFraction: 0, colFraction: 0 };
}

/** Makes the level's look-up exactly one embedding. */
export function pointAt(blend: CornerBlend, halves: Uint16Array, start: number): void {
  for (let corner = 0; corner < 4; corner++) {
    blend.halves[corner] = halves;
    blend.starts[corner] = start;
  }
  blend.rowFraction = 0;
  blend.colFraction = 0;
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
  const [a, b, c, e] = lower.halves;
  const [p, q, r, s] = upper.halves;
  const [aStart, bStart, cStart, eStart] = lower.starts;
  const [pStart, qStart, rStart, sStart] = upper.starts;
  const aWeight = lowerWeight * (1 - lower.rowFraction) * (1 - lower.colFraction);
  const bWeight = lowerWeight * (1 - lower.rowFraction) * lower.colFraction;
  const cWeight = lowerWeight * lower.rowFraction * (1 - lower.colFraction);
  const eWeight = lowerWeight * lower.rowFraction * lower.colFraction;
  const pWeight = omega * (1 - upper.rowFraction) * (1 - upper.colFraction);
  const qWeight = omega * (1 - upper.rowFraction) * upper.colFraction;
  const rWeight = omega * upper.rowFraction * (1 - upper.colFraction);
  const sWeight = omega * upper.rowFraction * upper.colFraction;
  for (let d = 0; d < dim; d++)
    out[offset + d] =
      aWeight * halfValues[a[aStart + d]] +
      bWeight * halfValues[b[bStart + d]] +
      cWeight * halfValues[c[cStart + d]] +
      eWeight * halfValues[e[eStart + d]] +
      pWeight * halfValues[p[pStart + d]] +
      qWeight * halfValues[q[qStart + d]] +
      rWeight * halfValues[r[rStart + d]] +
      sWeight * halfValues[s[sStart + d]];
}

/** What `blendLevels` adds up, one after the other: embeddings with a share to `halves`, shares to `shares`. */
export function copyCorners(
  lower: CornerBlend,
  upper: CornerBlend,
  omega: number,
  dim: number,
  halves: Uint16Array,
  shares: Float32Array,
  ray: number,
): void {
  for (let corner = 0; corner < 8; corner++) {
    const blend = corner < 4 ? lower : upper;
    const [level, at] = corner < 4 ? [1 - omega, corner] : [omega, corner - 4];
    const ofRow = at < 2 ? 1 - blend.rowFraction : blend.rowFraction;
    const share = level * ofRow * (at % 2 === 0 ? 1 - blend.colFraction : blend.colFraction);
    shares[8 * ray + corner] = share;
    if (share === 0) continue;
    const start = blend.starts[at];
    halves.set(blend.halves[at].subarray(start, start + dim), (8 * ray + corner) * dim);
  }
}

/** out[0 …+dim] = one level. */
export function interpolate(blend: CornerBlend, dim: number, out: Float32Array): void {
  const [a, b, c, e] = blend.halves;
  const [aStart, bStart, cStart, eStart] = blend.starts;
  const { rowFraction, colFraction } = blend;
  const aWeight = (1 - rowFraction) * (1 - colFraction);
  const bWeight = (1 - rowFraction) * colFraction;
  const cWeight = rowFraction * (1 - colFraction);
  const eWeight = rowFraction * colFraction;
  for (let d = 0; d < dim; d++)
    out[d] =
      aWeight * halfValues[a[aStart + d]] +
      bWeight * halfValues[b[bStart + d]] +
      cWeight * halfValues[c[cStart + d]] +
      eWeight * halfValues[e[eStart + d]];
}

/**
 * The largest cosine of an embedding with any of the canonical phrases [phrases, dim], which are unit vectors: the
 * lower, the more specific the embedding.
 */
export function largestCosine(vector: Float32Array, canonical: Float32Array): number {
  const dim = vector.length;
  let squares = 0;
  for (let d = 0; d < dim; d++) squares += vector[d] * vector[d];
  let largest = Number.NEGATIVE_INFINITY;
  for (let start = 0; start < canonical.length; start += dim) {
    let dot = 0;
    for (let d = 0; d < dim; d++) dot += vector[d] * canonical[start + d];
    if (dot > largest) largest = dot;
  }
  return largest / Math.max(Math.sqrt(squares), 1e-12);
}

/** normalise((1 - share) · tile + share · region) as halves; `tile` and `region` are [dim]. */
export function mixedHalves(tile: Float32Array, region: Float32Array, share: number): Uint16Array {
  const mixed = tile.map((value, d) => (1 - share) * value + share * region[d]);
  const length = Math.max(Math.hypot(...mixed), 1e-12);
  return floatsToHalves(mixed.map((value) => value / length));
}

/** Row (or column) of a dense grid for an integer pixel row (or column): nearest, by floor. */
export function denseIndex(pixel: number, cells: number, size: number): number {
  return Math.floor((pixel * cells) / size);
}

/** out[offset …+dim] = the halves from `start` on. */
export function widenHalves(halves: Uint16Array, start: number, dim: number, out: Float32Array, offset: number): void {
  for (let d = 0; d < dim; d++) out[offset + d] = halfValues[halves[start + d]];
}
