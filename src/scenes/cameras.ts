/** Cameras of the built-in scenes. */
import type { Camera } from '../math/camera.ts';
import type { Vec3 } from './scene.ts';

const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a: Vec3): Vec3 => {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
};

/** Camera-to-world [3, 4] that looks from `eye` to `target` with +z up; units as given. */
export function lookAt(eye: Vec3, target: Vec3): Float64Array {
  const back = unit(minus(eye, target));
  const right = unit(cross([0, 0, 1], back));
  const up = cross(back, right);
  return Float64Array.from([0, 1, 2].flatMap((axis) => [right[axis], up[axis], back[axis], eye[axis]]));
}

/** A camera without distortion; `fov` is vertical, degrees. */
export function cameraAt(eye: Vec3, target: Vec3, width: number, height: number, fov: number): Camera {
  const focal = (0.5 * height) / Math.tan((fov / 360) * Math.PI);
  return {
    model: 'perspective',
    width,
    height,
    fx: focal,
    fy: focal,
    cx: width / 2,
    cy: height / 2,
    distortion: [0, 0, 0, 0, 0, 0],
    cameraToWorld: lookAt(eye, target),
  };
}
