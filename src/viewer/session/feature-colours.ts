/**
 * Features of a language field as colours: red, green and blue are their first three principal components. The components
 * are those of the first picture that is shown of a field – and of CLIP embeddings at a scale – and stay as they are, or
 * colours would flicker while the camera moves.
 */
import type { Engine } from '../../engines/engine.ts';
import type { Camera } from '../../math/camera.ts';
import {
  componentShares,
  type PrincipalComponents,
  principalComponents,
  projectionShares,
} from '../../math/principal-components.ts';
import { frameRays } from '../../math/rays.ts';
import { type ChunkOptions, renderChunks } from '../../query/render-view.ts';
import { probeCamera } from './detail.ts';
import { renderEmbeddings } from './embeddings.ts';
import type { FeatureRequest } from './protocol.ts';

type Wanted = Omit<FeatureRequest, 'anew'>;

export class FeatureColours {
  private readonly components = new Map<string, PrincipalComponents>();

  /** The next picture has components of its own. */
  forget(): void {
    this.components.clear();
  }

  /**
   * [height, width, 3] in [0, 1]; undefined for a field without such features.
   * @param view the camera at full size: components of it do not depend on which picture comes first
   */
  render(
    engine: Engine,
    camera: Camera,
    wanted: Wanted,
    options: ChunkOptions,
    view = camera,
  ): Promise<Float32Array | undefined> {
    return wanted.kind === 'clip'
      ? this.renderClip(engine, camera, wanted, options, view)
      : this.renderDino(engine, camera, wanted, options);
  }

  private async renderDino(
    engine: Engine,
    camera: Camera,
    wanted: Wanted,
    options: ChunkOptions,
  ): Promise<Float32Array | undefined> {
    const { field } = wanted;
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
    return componentShares(features, await this.componentsOf(wanted, dim, () => features));
  }

  /** Embeddings are rendered of few rays, to know their components; of all others only where they lie along these. */
  private async renderClip(
    engine: Engine,
    camera: Camera,
    wanted: Wanted,
    options: ChunkOptions,
    view: Camera,
  ): Promise<Float32Array | undefined> {
    const { field, scale } = wanted;
    const dim = engine.config.languages[field]?.clipDim ?? 0;
    if (dim < 3) return undefined;
    // Work that is not the picture's: it can be given up, and is not counted.
    const probing = { ...options, onRays: () => options.onRays?.(0) };
    const components = await this.componentsOf(wanted, dim, () =>
      renderEmbeddings(engine, probeCamera(view), field, scale, probing),
    );
    const pixels = camera.width * camera.height;
    const along = new Float32Array(3 * pixels);
    const directions = Float32Array.from(components.axes.flatMap((axis) => Array.from(axis)));
    await renderChunks(
      engine,
      frameRays(camera),
      { appearance: false, projections: { field, directions, scale } },
      ({ projections }, first, count) => {
        if (!projections) throw new Error('the engine left out projections');
        for (let c = 0; c < 3; c++) along.set(projections.subarray(c * count, (c + 1) * count), c * pixels + first);
      },
      options,
    );
    return projectionShares(along, components);
  }

  private async componentsOf(
    { kind, field, scale }: Wanted,
    dim: number,
    vectors: () => Float32Array | Promise<Float32Array>,
  ): Promise<PrincipalComponents> {
    const key = [kind, field, kind === 'clip' ? scale : ''].join();
    const components = this.components.get(key) ?? principalComponents(await vectors(), dim);
    this.components.set(key, components);
    return components;
  }
}
