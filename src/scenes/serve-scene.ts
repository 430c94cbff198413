/** The side of a worker thread that renders views of a scene: one message in, one view out. */
import type { Camera } from '../math/camera.ts';
import { composeScene } from './compositions/index.ts';
import { type RenderedView, type RenderQuality, renderView } from './render-view.ts';
import type { SceneDescription } from './scene.ts';
import { SceneMesh } from './scene-mesh.ts';

export interface RenderRequest {
  scene: string;
  sceneSeed: number;
  camera: Camera;
  quality: RenderQuality;
}

export type RenderReply = { view: RenderedView } | { error: string };

/** A handler of messages that keeps the scene of the last request. */
export function sceneServer(
  send: (reply: RenderReply, transfer: ArrayBufferLike[]) => void,
): (request: RenderRequest) => void {
  let key = '';
  let scene: SceneDescription | undefined;
  let mesh: SceneMesh | undefined;
  return ({ scene: name, sceneSeed, camera, quality }) => {
    try {
      if (!scene || !mesh || key !== `${name} ${sceneSeed}`) {
        scene = composeScene(name, sceneSeed);
        mesh = new SceneMesh(scene);
        key = `${name} ${sceneSeed}`;
      }
      const view = renderView(mesh, scene, camera, quality);
      send({ view }, [view.rgb.buffer, view.instances.buffer, view.parts.buffer, view.depth.buffer]);
    } catch (error) {
      send({ error: (error as Error).stack ?? String(error) }, []);
    }
  };
}
