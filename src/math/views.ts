/** Cameras for other picture sizes: of a resized photograph, or of a view that nobody photographed. */
import type { Camera } from './camera.ts';
import { noDistortion } from './distortion.ts';
import type { Pose } from './poses.ts';

/**
 * The camera of the same photograph at another size. Each axis is scaled by its own true ratio, so that rounding of
 * the size moves no pixel: the picture's edges stay its edges. (nerfstudio multiplies by the nominal factor instead,
 * which is off by up to a pixel at the far edge.)
 */
export function resizeCamera(camera: Camera, width: number, height: number): Camera {
  const sx = width / camera.width;
  const sy = height / camera.height;
  return { ...camera, width, height, fx: camera.fx * sx, cx: camera.cx * sx, fy: camera.fy * sy, cy: camera.cy * sy };
}

/** A distortion-free camera with a given vertical field of view and square pixels (spec §3.4, end). */
export function viewCamera(pose: Pose, width: number, height: number, verticalFovDegrees: number): Camera {
  const focal = focalLength(height, (verticalFovDegrees * Math.PI) / 180);
  return {
    model: 'perspective',
    width,
    height,
    fx: focal,
    fy: focal,
    cx: width / 2,
    cy: height / 2,
    distortion: noDistortion,
    cameraToWorld: new Float64Array(pose),
  };
}

/** Pixels, for a perspective camera that sees `angle` (radians) over `size` pixels. */
export const focalLength = (size: number, angle: number): number => size / 2 / Math.tan(angle / 2);

/** Horizontal and vertical field of view in degrees through the frame's centre lines, without distortion. */
export function fieldOfView(camera: Camera): { horizontal: number; vertical: number } {
  const span = (size: number, centre: number, focal: number) => {
    const sides = [centre / focal, (size - centre) / focal];
    const angles = camera.model === 'fisheye' ? sides : sides.map(Math.atan);
    return ((angles[0] + angles[1]) * 180) / Math.PI;
  };
  return {
    horizontal: span(camera.width, camera.cx, camera.fx),
    vertical: span(camera.height, camera.cy, camera.fy),
  };
}
