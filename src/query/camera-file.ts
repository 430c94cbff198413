/**
 * Cameras in a JSON file, for views that no photo has. Two forms:
 * - langfield's own: {"frame": "scene" | "world", "cameras": [{"name", "cameraToWorld": [[…4], …3 or 4 rows],
 *   "fov": vertical degrees, "width", "height"}]}; "world" is the frame of the capture's own files;
 * - nerfstudio's camera path: {"render_width", "render_height", "camera_path": [{"camera_to_world": 16 numbers, "fov"}]},
 *   always in the scene frame. Its first releases wrote key frames instead; those are not read here.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import type { Camera } from '../math/camera.ts';
import { composePoses, type Pose } from '../math/poses.ts';
import { viewCamera } from '../math/views.ts';

const matrixRows = z.array(z.array(z.number()).length(4)).min(3).max(4);
const fieldOfView = z.number().gt(0).lt(180);
const pixels = z.int().positive();

const ownFile = z.object({
  frame: z.enum(['scene', 'world']).default('scene'),
  cameras: z
    .array(
      z.object({
        name: z.string().min(1).optional(),
        cameraToWorld: matrixRows,
        fov: fieldOfView,
        width: pixels,
        height: pixels,
      }),
    )
    .min(1),
});

const nerfstudioPath = z.object({
  render_width: pixels,
  render_height: pixels,
  camera_path: z.array(z.object({ camera_to_world: z.array(z.number()).length(16), fov: fieldOfView })).min(1),
});

export interface NamedCamera {
  name: string;
  camera: Camera;
}

/**
 * @param worldToScene [3, 4] transform and scale of the capture (spec §4.9)
 * @throws LangfieldError naming the field that is wrong
 */
export function parseCameraFile(
  text: string,
  file: string,
  worldToScene: { transform: ArrayLike<number>; scale: number },
): NamedCamera[] {
  const json = parseJson(text, file);
  if (typeof json === 'object' && json !== null && 'camera_path' in json) {
    const path = checked(nerfstudioPath, json, file);
    return path.camera_path.map(({ camera_to_world, fov }, index) => ({
      name: `camera-${index}`,
      camera: viewCamera(Float64Array.from(camera_to_world.slice(0, 12)), path.render_width, path.render_height, fov),
    }));
  }
  const { frame, cameras } = checked(ownFile, json, file);
  return cameras.map(({ name, cameraToWorld, fov, width, height }, index) => {
    const pose = Float64Array.from(cameraToWorld.slice(0, 3).flat());
    const scenePose = frame === 'world' ? poseInScene(pose, worldToScene) : pose;
    return { name: name ?? `camera-${index}`, camera: viewCamera(scenePose, width, height, fov) };
  });
}

/** scene = scale · (transform · [world; 1]); directions turn with the transform and stay unit. */
export function poseInScene(pose: Pose, { transform, scale }: { transform: ArrayLike<number>; scale: number }): Pose {
  const scenePose = composePoses(Float64Array.from(transform), pose);
  for (const index of [3, 7, 11]) scenePose[index] *= scale;
  return scenePose;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LangfieldError(
      { file, problem: 'the camera file is not JSON', found: (error as Error).message, advice: 'Write it again' },
      { cause: error },
    );
  }
}

function checked<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new LangfieldError({
    file,
    field: issue.path.map(String).join('.'),
    problem: 'this is not a file of cameras',
    found: issue.message,
    expected: '{"cameras": [{"cameraToWorld", "fov", "width", "height"}]} or a nerfstudio camera path',
    advice: 'Correct the field',
  });
}
