/** Cameras of the built-in scenes. */
import type { Camera } from '../math/camera.ts';
import { cross, normalise, subtract } from '../math/vectors.ts';
import { viewCamera } from '../math/views.ts';
import type { Vec3 } from './scene.ts';

/** Camera-to-world [3, 4] that looks from `eye` to `target` with +z up; units as given. */
function lookAt(eye: Vec3, target: Vec3): Float64Array {
  const back = normalise(subtract(eye, target));
  const right = normalise(cross([0, 0, 1], back));
  const up = cross(back, right);
  return Float64Array.from([0, 1, 2].flatMap((axis) => [right[axis], up[axis], back[axis], eye[axis]]));
}

/** A camera without distortion; `fov` is vertical, degrees. */
export const cameraAt = (eye: Vec3, target: Vec3, width: number, height: number, fov: number): Camera =>
  viewCamera(lookAt(eye, target), width, height, fov);
