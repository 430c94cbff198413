/**
 * Lens distortion of spec §4.8 on the image plane: coordinates ((col − cx)/fx, (row − cy)/fy), x right, y down.
 * With r = x² + y² and d = 1 + k1·r + k2·r² + k3·r³ + k4·r⁴:
 *   x_d = x·d + 2·p1·x·y + p2·(r + 2x²),   y_d = y·d + 2·p2·x·y + p1·(r + 2y²).
 * For fisheye cameras the undistorted plane radius is the angle from the axis, which makes this OpenCV's fisheye model.
 */
import type { Camera } from './camera.ts';

export type Distortion = Camera['distortion'];

export const noDistortion: Distortion = [0, 0, 0, 0, 0, 0];

export const isDistorted = (distortion: Distortion): boolean => distortion.some((value) => value !== 0);

/** Undistorted to distorted; writes [x, y] into `target`. */
export function distort(distortion: Distortion, x: number, y: number, target: Float64Array): void {
  const [k1, k2, k3, k4, p1, p2] = distortion;
  const r = x * x + y * y;
  const d = 1 + r * (k1 + r * (k2 + r * (k3 + r * k4)));
  target[0] = x * d + 2 * p1 * x * y + p2 * (r + 2 * x * x);
  target[1] = y * d + 2 * p2 * x * y + p1 * (r + 2 * y * y);
}

const newtonSteps = 10;
/** Steps where the Jacobian's determinant is this small would throw the point far away; they are left out. */
const smallestDeterminant = 1e-3;

/**
 * Distorted to undistorted by 10 Newton steps from the distorted point; writes [x, y] into `target`. It stops early
 * once a step no longer changes the result in float64. Outside the range where the lens model is one-to-one the
 * result is whatever Newton reached, as in nerfstudio.
 */
export function undistort(distortion: Distortion, xd: number, yd: number, target: Float64Array): void {
  const [k1, k2, k3, k4, p1, p2] = distortion;
  let x = xd;
  let y = yd;
  for (let step = 0; step < newtonSteps; step++) {
    const r = x * x + y * y;
    const d = 1 + r * (k1 + r * (k2 + r * (k3 + r * k4)));
    const slope = k1 + r * (2 * k2 + r * (3 * k3 + r * 4 * k4));
    const fx = x * d + 2 * p1 * x * y + p2 * (r + 2 * x * x) - xd;
    const fy = y * d + 2 * p2 * x * y + p1 * (r + 2 * y * y) - yd;
    const xx = d + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x;
    const xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y;
    const yy = d + 2 * y * y * slope + 2 * p2 * x + 6 * p1 * y;
    const determinant = xx * yy - xy * xy;
    if (!(Math.abs(determinant) > smallestDeterminant)) break;
    const dx = (xy * fy - yy * fx) / determinant;
    const dy = (xy * fx - xx * fy) / determinant;
    x += dx;
    y += dy;
    if (Math.abs(dx) + Math.abs(dy) < 1e-14) break;
  }
  target[0] = x;
  target[1] = y;
}
