/**
 * Filling polygons. The plane is continuous: pixel (row, col) covers [col, col + 1] × [row, row + 1] and belongs to a
 * polygon when its centre does, by the even-odd rule. A centre exactly on an edge belongs to the side right of or
 * below that edge, so polygons that share an edge neither overlap nor leave a gap. (OpenCV's fillPoly, which others
 * use, also paints every pixel the outline touches and is up to half a pixel larger all round.)
 */

/** Vertices as pairs; the last one joins the first. */
export type Polygon = readonly (readonly [x: number, y: number])[];

/** Sets `mask` to 1 inside the polygon and leaves the rest as it is. @param mask [height, width] */
export function fillPolygon(mask: Uint8Array, width: number, height: number, polygon: Polygon): void {
  for (let row = 0; row < height; row++) {
    const crossings = rowCrossings(polygon, row + 0.5);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i] - 0.5));
      const end = Math.min(width, Math.ceil(crossings[i + 1] - 0.5));
      if (end > first) mask.fill(1, row * width + first, row * width + end);
    }
  }
}

/** Sorted x at which the outline crosses the horizontal line y. */
function rowCrossings(polygon: Polygon, y: number): number[] {
  const crossings: number[] = [];
  for (let i = 0; i < polygon.length; i++) {
    const [x0, y0] = polygon[i];
    const [x1, y1] = polygon[(i + 1) % polygon.length];
    if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
  }
  return crossings.sort((a, b) => a - b);
}

/** Enclosed area by the shoelace formula, pixels²; positive for either orientation. */
export function polygonArea(polygon: Polygon): number {
  let twice = 0;
  for (let i = 0; i < polygon.length; i++) {
    const [x0, y0] = polygon[i];
    const [x1, y1] = polygon[(i + 1) % polygon.length];
    twice += x0 * y1 - x1 * y0;
  }
  return Math.abs(twice) / 2;
}

/** Smallest box around the vertices, [x0, y0, x1, y1]. */
export function polygonBox(polygon: Polygon): [number, number, number, number] {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
