/**
 * "Where is it?": the places of a relevancy map, one per connected patch above the threshold, the most relevant
 * first. Patches touch along edges. Not a detector: two things that touch in the picture are one place.
 */
import type { Camera } from '../math/camera.ts';
import { pixelRay } from '../math/rays.ts';
import type { Peak } from './answer-view.ts';

export interface Place extends Peak {
  /** Pixels of the patch. */
  pixels: number;
}

export interface PlacesOptions {
  /** Relevancy that a patch must exceed; 0.5 unless given. */
  threshold?: number;
  /** Patches of fewer pixels are specks, unless there is nothing larger; a thousandth of the map unless given. */
  leastPixels?: number;
  /** At most so many; 8 unless given. */
  most?: number;
}

/**
 * @param relevancy [height, width]
 * @param depth [height, width] scene units along the ray
 */
export function findPlaces(
  camera: Camera,
  relevancy: Float32Array,
  depth: Float32Array,
  options: PlacesOptions = {},
): Place[] {
  const { threshold = 0.5, most = 8, leastPixels = relevancy.length / 1000 } = options;
  const patches = connectedPatches(relevancy, camera.width, threshold);
  const large = patches.filter(({ pixels }) => pixels >= leastPixels);
  return (large.length > 0 ? large : patches)
    .sort((a, b) => relevancy[b.peak] - relevancy[a.peak])
    .slice(0, most)
    .map(({ peak, pixels }) => ({ ...peakAt(camera, relevancy, depth, peak), pixels }));
}

function peakAt(camera: Camera, relevancy: Float32Array, depth: Float32Array, pixel: number): Peak {
  const row = Math.floor(pixel / camera.width);
  const col = pixel % camera.width;
  const { origin, direction } = pixelRay(camera, row, col);
  const along = (axis: 0 | 1 | 2) => origin[axis] + depth[pixel] * direction[axis];
  return { relevancy: relevancy[pixel], row, col, depth: depth[pixel], position: [along(0), along(1), along(2)] };
}

interface Patch {
  /** Index of its most relevant pixel. */
  peak: number;
  pixels: number;
}

function connectedPatches(values: Float32Array, width: number, threshold: number): Patch[] {
  const seen = new Uint8Array(values.length);
  const patches: Patch[] = [];
  const stack: number[] = [];
  const visit = (pixel: number) => {
    if (seen[pixel] || !(values[pixel] > threshold)) return;
    seen[pixel] = 1;
    stack.push(pixel);
  };
  for (let start = 0; start < values.length; start++) {
    visit(start);
    if (stack.length === 0) continue;
    const patch: Patch = { peak: start, pixels: 0 };
    for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
      patch.pixels++;
      if (values[pixel] > values[patch.peak]) patch.peak = pixel;
      const col = pixel % width;
      if (col > 0) visit(pixel - 1);
      if (col + 1 < width) visit(pixel + 1);
      if (pixel >= width) visit(pixel - width);
      if (pixel + width < values.length) visit(pixel + width);
    }
    patches.push(patch);
  }
  return patches;
}
