/**
 * Labels as files, in the two layouts of the field that `evaluate/labels` reads: LERF-OVS JSON with a polygon per object,
 * and LERF-Mask, one picture per phrase (protocols §5.2, §5.4).
 */

/** Corners in pixels: pixel (row, col) covers [col, col + 1] × [row, row + 1]. */
type Corners = readonly (readonly number[])[];

export interface LabelledPolygon {
  category: string;
  polygon: Corners;
}

/** One file per image; `name` is the image's, its ending included. */
export function lerfOvsText(
  info: { name: string; width: number; height: number },
  polygons: readonly LabelledPolygon[],
): string {
  const { name, width, height } = info;
  const objects = polygons.map(({ category, polygon }) => ({ category, segmentation: polygon, bbox: boxOf(polygon) }));
  return `${JSON.stringify({ info: { name, width, height }, objects })}\n`;
}

/** `<view>/<phrase>.png`: white inside. @param mask [height, width] 0/1 */
export function maskPicture(mask: Uint8Array, width: number, height: number) {
  return { width, height, channels: 1 as const, data: mask.map((inside) => inside * 255) };
}

function boxOf(polygon: Corners): number[] {
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
