/** What a view shows of a phrase, as points in the scene frame: one for each pixel that exceeds the threshold. */
import type { RelevancyCloud } from '../formats/ply.ts';
import type { Camera } from '../math/camera.ts';
import { frameRays } from '../math/rays.ts';
import type { Appearance } from '../query/render-view.ts';

/** Rays that meet less than this are looking past everything; their depth is no place. */
const leastAccumulation = 0.5;

/** @param relevancy [height, width] of the camera's picture */
export function relevantPoints(
  camera: Camera,
  { rgb, depth, accumulation }: Pick<Appearance, 'rgb' | 'depth' | 'accumulation'>,
  relevancy: Float32Array,
  threshold: number,
): RelevancyCloud {
  const { origin, directions } = frameRays(camera);
  const pixels: number[] = [];
  for (let pixel = 0; pixel < relevancy.length; pixel++)
    if (relevancy[pixel] > threshold && accumulation[pixel] >= leastAccumulation) pixels.push(pixel);
  const cloud: RelevancyCloud = {
    positions: new Float32Array(3 * pixels.length),
    colours: new Uint8Array(3 * pixels.length),
    relevancy: Float32Array.from(pixels, (pixel) => relevancy[pixel]),
  };
  pixels.forEach((pixel, i) => {
    for (let c = 0; c < 3; c++) {
      cloud.positions[3 * i + c] = origin[c] + depth[pixel] * directions[3 * pixel + c];
      cloud.colours[3 * i + c] = Math.round(255 * Math.min(1, Math.max(0, rgb[3 * pixel + c])));
    }
  });
  return cloud;
}
