/**
 * Localisation accuracy (protocols §5.1): a phrase is found in a view when the single most relevant pixel lies inside
 * a box of that phrase; several boxes of one phrase are alternatives.
 */
import type { Box } from './labels/labels.ts';

/**
 * @param values [height, width]; of equal maxima the first in reading order counts
 * @param boxes in pixels of the map; a pixel is inside when its centre is, borders included
 */
export function localised(values: Float32Array, width: number, boxes: readonly Box[]): boolean {
  let peak = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[peak]) peak = i;
  const x = (peak % width) + 0.5;
  const y = Math.floor(peak / width) + 0.5;
  return boxes.some(([x0, y0, x1, y1]) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
}
