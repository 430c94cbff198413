/**
 * DINO features as colours: red, green and blue are their first three principal components. The components are those of
 * the first picture that is shown of a field and stay as they are, or colours would flicker while the camera moves.
 */
import type { Engine } from '../../engines/engine.ts';
import type { Camera } from '../../math/camera.ts';
import { componentShares, type PrincipalComponents, principalComponents } from '../../math/principal-components.ts';
import { frameRays } from '../../math/rays.ts';
import { type ChunkOptions, renderChunks } from '../../query/render-view.ts';

export class FeatureColours {
  private readonly components = new Map<number, PrincipalComponents>();

  /** The next picture has components of its own. */
  forget(): void {
    this.components.clear();
  }

  /** [height, width, 3] in [0, 1]; undefined for a field without features. */
  async render(
    engine: Engine,
    camera: Camera,
    field: number,
    options: ChunkOptions,
  ): Promise<Float32Array | undefined> {
    const dim = engine.config.languages[field]?.dinoDim ?? 0;
    // Fewer dimensions have no three components.
    if (dim < 3) return undefined;
    const features = new Float32Array(camera.width * camera.height * dim);
    const request = { appearance: false, dino: { field } };
    await renderChunks(
      engine,
      frameRays(camera),
      request,
      ({ dino }, first) => {
        if (!dino) throw new Error('the engine left out DINO features');
        features.set(dino, first * dim);
      },
      options,
    );
    const components = this.components.get(field) ?? principalComponents(features, dim);
    this.components.set(field, components);
    return componentShares(features, components);
  }
}
