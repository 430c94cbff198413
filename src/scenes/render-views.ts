/** Views of a scene, rendered on all cores, in order. */
import type { WorkerHandle } from '../platform/platform.ts';
import type { SceneView } from './orbit-cameras.ts';
import type { RenderedView } from './render-view.ts';
import type { RenderReply, RenderRequest } from './serve-scene.ts';

export async function* renderViews(
  workers: readonly WorkerHandle[],
  scene: string,
  sceneSeed: number,
  views: readonly SceneView[],
  samples: number,
): AsyncGenerator<{ view: SceneView; picture: RenderedView }> {
  // Every worker has one view in work and gets the next when it is done.
  const pending: Promise<RenderedView>[] = [];
  const chains = workers.map((worker) => ({ worker, last: Promise.resolve() as Promise<unknown> }));
  for (const [index, { camera }] of views.entries()) {
    const chain = chains[index % chains.length];
    const request: RenderRequest = { scene, sceneSeed, camera, quality: { samples, seed: sceneSeed * 1009 + index } };
    const picture = chain.last.then(() => {
      chain.worker.send(request);
      return chain.worker.receive().then((reply) => pictureOf(reply as RenderReply));
    });
    // Whoever iterates sees the failure; until then it must not count as unhandled.
    picture.catch(() => {});
    chain.last = picture;
    pending.push(picture);
  }
  for (const [index, view] of views.entries()) yield { view, picture: await pending[index] };
}

function pictureOf(reply: RenderReply): RenderedView {
  if ('error' in reply) throw new Error(`a scene worker failed: ${reply.error}`);
  return reply.view;
}
