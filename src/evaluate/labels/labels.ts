/**
 * Ground truth: which pixels of which photographs show which phrase. Readers (lerf-ovs.ts, mask-folder.ts) fill these
 * types; coordinates are pixels of the labelled image and are scaled when a mask is drawn at another size. Several
 * objects of one category in a view count as one region: their masks are OR-ed and their boxes kept side by side.
 */
import { fillPolygon, type Polygon } from './polygon.ts';

/** [x0, y0, x1, y1], corners in order. */
export type Box = readonly [number, number, number, number];

export type LabelShape =
  | { kind: 'polygon'; polygon: Polygon }
  /** [height, width] 0/1 */
  | { kind: 'mask'; width: number; height: number; inside: Uint8Array };

export interface LabelObject {
  shape: LabelShape;
  box: Box;
}

export interface LabelView {
  /** Name of the labelled image, matched to the photos of a run. */
  image: string;
  /** File or folder that the labels come from. */
  file: string;
  /** Pixels of the labelled image. */
  width: number;
  height: number;
  /** Objects by category, in the order of the file. */
  categories: Map<string, LabelObject[]>;
}

/** Which pixels show a category at width × height: [height, width] 0/1. */
export function labelMask(view: LabelView, category: string, width: number, height: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (const { shape } of view.categories.get(category) ?? []) {
    if (shape.kind === 'polygon') {
      const [scaleX, scaleY] = [width / view.width, height / view.height];
      const scaled: Polygon = shape.polygon.map(([x, y]) => [x * scaleX, y * scaleY]);
      fillPolygon(mask, width, height, scaled);
    } else paintMask(mask, width, height, shape);
  }
  return mask;
}

/** Boxes of a category in pixels of a width × height picture. */
export function labelBoxes(view: LabelView, category: string, width: number, height: number): Box[] {
  const [scaleX, scaleY] = [width / view.width, height / view.height];
  return (view.categories.get(category) ?? []).map(({ box: [x0, y0, x1, y1] }) => [
    x0 * scaleX,
    y0 * scaleY,
    x1 * scaleX,
    y1 * scaleY,
  ]);
}

/** Nearest neighbour at pixel centres. */
function paintMask(
  target: Uint8Array,
  width: number,
  height: number,
  source: { width: number; height: number; inside: Uint8Array },
): void {
  for (let row = 0; row < height; row++) {
    const sourceRow = Math.floor(((row + 0.5) * source.height) / height);
    for (let col = 0; col < width; col++) {
      const sourceCol = Math.floor(((col + 0.5) * source.width) / width);
      if (source.inside[sourceRow * source.width + sourceCol]) target[row * width + col] = 1;
    }
  }
}
