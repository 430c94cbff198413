/**
 * Localisation accuracy (protocols §5.1): a phrase is found in a view when the single most relevant pixel lies inside
 * a box of that phrase; several boxes of one phrase are alternatives.
 */
import type { Box } from './labels/labels.ts';

/**
 * @param values [height, width]; when several pixels share the maximum all of them must be inside, so that a constant
 *   map localises nothing
 * @param boxes in pixels of the map; a pixel is inside when its centre is, borders included
 */
export function localised(values: Float32Array, width: number, boxes: readonly Box[]): boolean {
  const max = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  for (let pixel = 0; pixel < values.length; pixel++) {
    if (values[pixel] !== max) continue;
    const x = (pixel % width) + 0.5;
    const y = Math.floor(pixel / width) + 0.5;
    if (!boxes.some(([x0, y0, x1, y1]) => x >= x0 && x <= x1 && y >= y0 && y <= y1)) return false;
  }
  return max > Number.NEGATIVE_INFINITY;
}
