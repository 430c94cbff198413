/** Where a point of the scene appears in a photograph: the opposite of rays.ts. */
import type { Camera } from './camera.ts';
import { distort, isDistorted, undistort } from './distortion.ts';
import type { ReadonlyVector3 } from './vectors.ts';

export interface ProjectedPoint {
  /** Continuous pixel coordinates: the centre of pixel (0, 0) is at 0.5, 0.5. They may lie outside the frame. */
  row: number;
  col: number;
  /** Distance along the optical axis, scene units; may be negative for a fisheye camera. */
  depth: number;
}

/**
 * undefined when a perspective camera has the point behind it, or when the lens model is not one-to-one there (a
 * strong polynomial folds far-away points back into the picture).
 */
export function projectPoint(camera: Camera, point: ReadonlyVector3): ProjectedPoint | undefined {
  const pose = camera.cameraToWorld;
  const dx = point[0] - pose[3];
  const dy = point[1] - pose[7];
  const dz = point[2] - pose[11];
  // The transpose of the rotation: x right, y down, z forward.
  const right = pose[0] * dx + pose[4] * dy + pose[8] * dz;
  const down = -(pose[1] * dx + pose[5] * dy + pose[9] * dz);
  const depth = -(pose[2] * dx + pose[6] * dy + pose[10] * dz);

  let x: number;
  let y: number;
  if (camera.model === 'fisheye') {
    const sideways = Math.hypot(right, down);
    const factor = sideways === 0 ? 0 : Math.atan2(sideways, depth) / sideways;
    x = right * factor;
    y = down * factor;
  } else {
    if (!(depth > 0)) return undefined;
    x = right / depth;
    y = down / depth;
  }
  if (isDistorted(camera.distortion)) {
    const plane = new Float64Array(2);
    distort(camera.distortion, x, y, plane);
    const [xd, yd] = plane;
    undistort(camera.distortion, xd, yd, plane);
    if (!(Math.abs(plane[0] - x) + Math.abs(plane[1] - y) < 1e-6 * (1 + Math.abs(x) + Math.abs(y)))) return undefined;
    x = xd;
    y = yd;
  }
  return { row: y * camera.fy + camera.cy, col: x * camera.fx + camera.cx, depth };
}
