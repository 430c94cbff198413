/**
 * Cameras. Frames: camera-to-world in the OpenGL convention (+x right, +y up, looking along -z); pixel (row, col)
 * has its centre at (row + 0.5, col + 0.5) with row 0 at the top; distances are scene units.
 */

export type CameraModel = 'perspective' | 'fisheye';

export interface Camera {
  model: CameraModel;
  /** Pixels. */
  width: number;
  height: number;
  /** Focal lengths and principal point, pixels. */
  fx: number;
  fy: number;
  cx: number;
  cy: number;
  /** [k1, k2, k3, k4, p1, p2] (spec §4.8); all zero = none. */
  distortion: readonly [number, number, number, number, number, number];
  /** [3, 4] row-major camera-to-world. */
  cameraToWorld: Float64Array;
}
