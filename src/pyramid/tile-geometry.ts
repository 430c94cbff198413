/**
 * Geometry of LERF's tile pyramid (spec §1.2): seven levels of square tiles whose sides are fractions of the photo's
 * HEIGHT, each level a grid over the zero-padded photo. Only numbers; cutting is cut-tiles.ts, looking up is
 * look-up.ts. Ratios are float32 values and everything after them is double, because truncation makes the difference
 * visible: the stride of level 0 is its side minus one, and level 2 of a 1000-row photo is 199 pixels wide.
 */

export const levelCount = 7;

/** Tile side / photo height of the levels, as float32 `linspace(0.05, 0.5, 7)` computes them. */
export const tileRatios: readonly number[] = linspaceFloat32(0.05, 0.5, levelCount);

/** The same ratios as written in the paper; the override rule compares with these (spec §5.2). */
export const nominalRatios: readonly number[] = Array.from({ length: levelCount }, (_, i) => (2 + 3 * i) / 40);

export interface LevelGeometry {
  level: number;
  /** k: tile side, pixels. */
  side: number;
  /** t: distance of neighbouring tiles, pixels. */
  stride: number;
  /** p: zero padding on each side of the photo, pixels. */
  padding: number;
  /** Grid size without the replicated edge. */
  rows: number;
  cols: number;
  /** Centre of cell 0 in pixel-index coordinates: 0 for odd sides, -0.5 for even ones. Rows and columns alike. */
  firstCentre: number;
}

export interface PyramidGeometry {
  width: number;
  height: number;
  levels: readonly LevelGeometry[];
}

/**
 * Geometry for photos of `width` × `height` pixels. Below 40 rows, where LERF's formula has tiles or strides of zero
 * pixels, both are at least one.
 */
export function pyramidGeometry(width: number, height: number): PyramidGeometry {
  const levels = tileRatios.map((ratio, level): LevelGeometry => {
    const side = Math.max(1, Math.trunc(height * ratio));
    const stride = Math.max(1, Math.trunc(side * strideRatio(ratio)));
    const padding = Math.floor(side / 2);
    const cells = (size: number) => Math.floor((size + 2 * padding - side) / stride) + 1;
    return {
      level,
      side,
      stride,
      padding,
      rows: cells(height),
      cols: cells(width),
      firstCentre: (side - 1) / 2 - padding,
    };
  });
  return { width, height, levels };
}

/** Stride / side: 1 up to ratio 0.05, 0.5 from 0.15, linear between. */
export function strideRatio(ratio: number): number {
  const position = Math.min(1, Math.max(0, (ratio - 0.05) / (0.15 - 0.05)));
  return 1 + position * (0.5 - 1);
}

/** Centre of grid row or column `index` in pixel-index coordinates. */
export function cellCentre(level: LevelGeometry, index: number): number {
  return level.firstCentre + level.stride * index;
}

export function tileCount(geometry: PyramidGeometry): number {
  return geometry.levels.reduce((sum, level) => sum + level.rows * level.cols, 0);
}

/** u = (β + ω) / 6: the normalised position in the range of ratios, which is what the field is fed (spec §1.6). */
export function normalisedScale(bin: number, omega: number): number {
  return (bin + omega) / (levelCount - 1);
}

/** First half counted from the start, second half from the end, all in float32. */
function linspaceFloat32(start: number, end: number, count: number): number[] {
  const first = Math.fround(start);
  const last = Math.fround(end);
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Array.from({ length: count }, (_, i) =>
    i < count / 2
      ? Math.fround(first + Math.fround(step * i))
      : Math.fround(last - Math.fround(step * (count - 1 - i))),
  );
}
