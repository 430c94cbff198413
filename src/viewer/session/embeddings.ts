/** Rendered CLIP embeddings of a small view, from projections onto the unit vectors. */
import { type Engine, maximumTexts } from '../../engines/engine.ts';
import type { Camera } from '../../math/camera.ts';
import { frameRays } from '../../math/rays.ts';
import { type ChunkOptions, renderChunks } from '../../query/render-view.ts';

/** @returns [pixels, clipDim] of unit length, or zero where nothing is rendered */
export async function renderEmbeddings(
  engine: Engine,
  camera: Camera,
  field: number,
  scale: number,
  options: ChunkOptions,
): Promise<Float32Array> {
  const dim = engine.config.languages[field].clipDim;
  const rays = frameRays(camera);
  const embeddings = new Float32Array(camera.width * camera.height * dim);
  for (let axis = 0; axis < dim; axis += maximumTexts) {
    const axes = Math.min(maximumTexts, dim - axis);
    const directions = new Float32Array(axes * dim);
    for (let d = 0; d < axes; d++) directions[d * dim + axis + d] = 1;
    await renderChunks(
      engine,
      rays,
      { appearance: false, projections: { field, directions, scale } },
      ({ projections }, first, count) => {
        if (!projections) throw new Error('the engine left out projections');
        for (let d = 0; d < axes; d++)
          for (let ray = 0; ray < count; ray++)
            embeddings[(first + ray) * dim + axis + d] = projections[d * count + ray];
      },
      options,
    );
  }
  return embeddings;
}
