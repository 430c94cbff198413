/**
 * Camera rays of spec §4.8: one for a pixel, or all rays of a frame. Directions are unit vectors in the scene frame;
 * the origin is the camera's. Photographs are never undistorted: the lens is undone here, per pixel.
 */
import type { Camera } from './camera.ts';
import { isDistorted, undistort } from './distortion.ts';
import { poseColumn } from './poses.ts';
import type { Vector3 } from './vectors.ts';

export interface CameraRay {
  /** Scene units. */
  origin: Vector3;
  /** Unit length. */
  direction: Vector3;
}

/** Directions for a camera: made once, used for many pixels. */
export interface RayCaster {
  /** Writes the unit direction of pixel (row, col) at `target[offset..offset+2]`; fractions of a pixel are allowed. */
  direction(row: number, col: number, target: Float32Array | Float64Array, offset: number): void;
}

export function rayCaster(camera: Camera): RayCaster {
  const { fx, fy, cx, cy, distortion } = camera;
  const pose = camera.cameraToWorld;
  const distorted = isDistorted(distortion);
  const fisheye = camera.model === 'fisheye';
  const plane = new Float64Array(2);
  return {
    direction(row, col, target, offset) {
      plane[0] = (col + 0.5 - cx) / fx;
      plane[1] = (row + 0.5 - cy) / fy;
      if (distorted) undistort(distortion, plane[0], plane[1], plane);
      let x = plane[0];
      let y = -plane[1];
      let z = -1;
      if (fisheye) {
        const radius = Math.sqrt(x * x + y * y);
        const angle = Math.min(radius, Math.PI);
        // sin(angle)/angle is 1 at the principal point, where nerfstudio's own formula is 0/0.
        const factor = angle < 1e-9 ? 1 : Math.sin(angle) / angle;
        x *= factor;
        y *= factor;
        z = -Math.cos(angle);
      }
      const wx = pose[0] * x + pose[1] * y + pose[2] * z;
      const wy = pose[4] * x + pose[5] * y + pose[6] * z;
      const wz = pose[8] * x + pose[9] * y + pose[10] * z;
      const inverseLength = 1 / Math.sqrt(wx * wx + wy * wy + wz * wz);
      target[offset] = wx * inverseLength;
      target[offset + 1] = wy * inverseLength;
      target[offset + 2] = wz * inverseLength;
    },
  };
}

/** The ray through the centre of pixel (row, col), that is through (row + 0.5, col + 0.5). */
export function pixelRay(camera: Camera, row: number, col: number): CameraRay {
  const direction = new Float64Array(3);
  rayCaster(camera).direction(row, col, direction, 0);
  return { origin: poseColumn(camera.cameraToWorld, 3), direction: [direction[0], direction[1], direction[2]] };
}

export interface FrameRays {
  /** [3], shared by all rays. */
  origin: Vector3;
  /** [rows, width, 3], unit. */
  directions: Float32Array;
}

/** All rays of the frame, or of `rows` rows from `firstRow`, row-major. */
export function frameRays(camera: Camera, firstRow = 0, rows = camera.height - firstRow): FrameRays {
  const directions = new Float32Array(rows * camera.width * 3);
  const caster = rayCaster(camera);
  let offset = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    for (let col = 0; col < camera.width; col++) {
      caster.direction(row, col, directions, offset);
      offset += 3;
    }
  }
  return { origin: poseColumn(camera.cameraToWorld, 3), directions };
}
