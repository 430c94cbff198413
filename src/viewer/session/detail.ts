/** How many pixels to render: coarse enough to follow a moving camera, then finer and finer. */
import type { Camera } from '../../math/camera.ts';
import { resizeCamera } from '../../math/views.ts';

/** Time that a picture may take while the camera moves. */
const movingMs = 90;
/** Fewer pixels than this show nothing. */
const leastPixels = 40 * 30;
/** Each picture of a resting camera has so many times the pixels of the one before. */
const growth = 4;
/** Longest side of the picture in which scales are chosen. */
const sweepSide = 96;

/** Rays whose embeddings tell the principal components of a view. */
const probePixels = 640;

/** Rays of an engine call: between calls a newer request can be seen, and each call has a cost of its own. */
const chunk = { ms: 50, least: 512, most: 8192 };

/** @param raysPerMs as measured; a GPU takes many at once, a phone few */
export function chunkRays(raysPerMs: number): number {
  return Math.round(Math.min(chunk.most, Math.max(chunk.least, raysPerMs * chunk.ms)));
}

/** @param raysPerMs as measured */
export function coarseCamera(camera: Camera, raysPerMs: number): Camera {
  return withPixels(camera, Math.max(leastPixels, raysPerMs * movingMs));
}

/** From coarse to full; the last one is the camera itself. */
export function detailLevels(camera: Camera, raysPerMs: number): Camera[] {
  const full = camera.width * camera.height;
  const levels: Camera[] = [];
  for (let pixels = Math.max(leastPixels, raysPerMs * movingMs); pixels * Math.sqrt(growth) < full; pixels *= growth)
    levels.push(withPixels(camera, pixels));
  return [...levels, camera];
}

export function sweepCamera(camera: Camera): Camera {
  const shrink = sweepSide / Math.max(camera.width, camera.height);
  return withPixels(camera, camera.width * camera.height * shrink * shrink);
}

/** A view of few rays, however the camera that is looked through. */
export const probeCamera = (camera: Camera): Camera => withPixels(camera, probePixels);

/** The same view with about so many pixels, never more than it has. */
function withPixels(camera: Camera, pixels: number): Camera {
  const shrink = Math.min(1, Math.sqrt(pixels / (camera.width * camera.height)));
  const side = (length: number) => Math.max(1, Math.round(length * shrink));
  return resizeCamera(camera, side(camera.width), side(camera.height));
}

/** Rays per millisecond, smoothed; a first guess until something was measured. */
export class RayRate {
  private rate: number;
  private measured = false;

  constructor(guess: number) {
    this.rate = guess;
  }

  get raysPerMs(): number {
    return this.rate;
  }

  add(rays: number, ms: number): void {
    if (!(ms > 0) || rays === 0) return;
    const sample = rays / ms;
    this.rate = this.measured ? 0.7 * this.rate + 0.3 * sample : sample;
    this.measured = true;
  }
}
