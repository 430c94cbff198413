/**
 * Renders whole pictures with an engine, a chunk of rays at a time so that activations stay small and progress moves.
 */
import type { Engine, RayBundle, RenderRequest, RenderResult } from '../engines/engine.ts';
import type { Camera } from '../math/camera.ts';
import { type FrameRays, frameRays } from '../math/rays.ts';

export interface ChunkOptions {
  /** Rays per engine call. */
  chunkRays?: number;
  /** Called with the number of further rays that are finished. */
  onRays?: (count: number) => void;
}

export const defaultChunkRays = 4096;

/** What a view shows without any phrase. */
export interface Appearance {
  width: number;
  height: number;
  /** [height, width, 3] in [0, 1] */
  rgb: Float32Array;
  /** [height, width] scene units along the ray */
  depth: Float32Array;
  /** [height, width] in [0, 1] */
  accumulation: Float32Array;
}

/** Renders all rays of a frame in row-major order and hands every chunk's result to `visit`. */
export async function renderChunks(
  engine: Engine,
  { origin, directions }: FrameRays,
  request: RenderRequest,
  visit: (result: RenderResult, first: number, count: number) => void,
  { chunkRays = defaultChunkRays, onRays }: ChunkOptions = {},
): Promise<void> {
  const total = directions.length / 3;
  const origins = new Float32Array(3 * Math.min(chunkRays, total));
  for (let i = 0; i < origins.length; i++) origins[i] = origin[i % 3];
  for (let first = 0; first < total; first += chunkRays) {
    const count = Math.min(chunkRays, total - first);
    const chunk: RayBundle = {
      count,
      origins: origins.subarray(0, 3 * count),
      directions: directions.subarray(3 * first, 3 * (first + count)),
    };
    visit(await engine.render(chunk, request), first, count);
    onRays?.(count);
  }
}

/** Collects rgb, depth and accumulation of chunks into whole pictures. */
export class AppearanceCollector {
  readonly picture: Appearance;

  constructor({ width, height }: Pick<Camera, 'width' | 'height'>) {
    const pixels = width * height;
    this.picture = {
      width,
      height,
      rgb: new Float32Array(3 * pixels),
      depth: new Float32Array(pixels),
      accumulation: new Float32Array(pixels),
    };
  }

  add({ rgb, depth, accumulation }: RenderResult, first: number): void {
    if (!rgb || !depth || !accumulation) throw new Error('the engine left out rgb, depth or accumulation');
    this.picture.rgb.set(rgb, 3 * first);
    this.picture.depth.set(depth, first);
    this.picture.accumulation.set(accumulation, first);
  }
}

/** rgb, depth and accumulation of a camera. */
export async function renderAppearance(engine: Engine, camera: Camera, options?: ChunkOptions): Promise<Appearance> {
  const collector = new AppearanceCollector(camera);
  const visit = (result: RenderResult, first: number) => collector.add(result, first);
  await renderChunks(engine, frameRays(camera), { appearance: true }, visit, options);
  return collector.picture;
}
