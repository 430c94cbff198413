/**
 * The scale of every phrase in one view, chosen coarsely (`coarse-scales.ts`) through an engine. `answerView` with these as
 * its kept scales then renders each pixel once: what a viewer does when a phrase or a camera settles.
 */
import type { Engine, RayBundle } from '../engines/engine.ts';
import type { Camera } from '../math/camera.ts';
import { type FrameRays, frameRays } from '../math/rays.ts';
import { sweepScales } from './answer-view.ts';
import { type CoarseChoice, type CoarseOptions, chooseScalesCoarsely, type SweepPixels } from './coarse-scales.ts';
import { type ChunkOptions, defaultChunkRays } from './render-view.ts';
import type { TextVectors } from './text-vectors.ts';

export interface ViewScales {
  /** Index into `sweepScales`, per phrase. */
  choices: CoarseChoice[];
  /** The same as scales fed to the network: `keptScales` of one field. */
  scales: Float32Array;
}

/** The rays of some pixels of a frame, by their row-major numbers. */
export function raysOfPixels({ origin, directions }: FrameRays, pixels: Uint32Array): RayBundle {
  const [origins, own] = [new Float32Array(3 * pixels.length), new Float32Array(3 * pixels.length)];
  for (let ray = 0; ray < pixels.length; ray++)
    for (let axis = 0; axis < 3; axis++) {
      origins[3 * ray + axis] = origin[axis];
      own[3 * ray + axis] = directions[3 * pixels[ray] + axis];
    }
  return { count: pixels.length, origins, directions: own };
}

/**
 * @param field index of the language field
 * @param options `onRays` is told of rays of the search, which are fewer than the view has
 */
export async function chooseViewScales(
  engine: Engine,
  camera: Camera,
  { phrases, positives, negatives }: TextVectors,
  field: number,
  { chunkRays = defaultChunkRays, onRays, ...options }: CoarseOptions & ChunkOptions = {},
): Promise<ViewScales> {
  const rays = frameRays(camera);
  const query = { field, positives, negatives, scales: sweepScales, mode: 'sweep' } as const;
  const maps = sweepScales.length * phrases.length;
  const sweep: SweepPixels = async (pixels) => {
    const all = new Float32Array(maps * pixels.length);
    for (let first = 0; first < pixels.length; first += chunkRays) {
      const chunk = raysOfPixels(rays, pixels.subarray(first, first + chunkRays));
      const { relevancy } = await engine.render(chunk, { appearance: false, query });
      if (!relevancy) throw new Error('the engine left out relevancy');
      for (let map = 0; map < maps; map++)
        all.set(relevancy.subarray(map * chunk.count, (map + 1) * chunk.count), map * pixels.length + first);
      onRays?.(chunk.count);
    }
    return all;
  };
  const choices = await chooseScalesCoarsely(camera, sweep, sweepScales.length, phrases.length, options);
  return { choices, scales: Float32Array.from(choices, ({ index }) => sweepScales[index]) };
}
