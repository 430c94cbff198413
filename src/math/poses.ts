/**
 * Poses and other affine maps as [3, 4] row-major arrays (the last row 0 0 0 1 is understood). A camera pose is
 * camera-to-world in the OpenGL convention of camera.ts: its columns are right, up, back and origin.
 */
import { apply3, inverse3, type Matrix3 } from './matrices.ts';
import type { ReadonlyVector3, Vector3 } from './vectors.ts';

/** [3, 4] row-major. */
export type Pose = Float64Array;

export const identityPose = (): Pose => Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

export const linearPart = (pose: Pose): Matrix3 => [
  pose[0],
  pose[1],
  pose[2],
  pose[4],
  pose[5],
  pose[6],
  pose[8],
  pose[9],
  pose[10],
];

/** Column 0 right, 1 up, 2 back, 3 origin. */
export const poseColumn = (pose: Pose, column: 0 | 1 | 2 | 3): Vector3 => [
  pose[column],
  pose[column + 4],
  pose[column + 8],
];

export const poseFrom = (m: Matrix3, origin: ReadonlyVector3): Pose =>
  Float64Array.of(m[0], m[1], m[2], origin[0], m[3], m[4], m[5], origin[1], m[6], m[7], m[8], origin[2]);

/** first `b`, then `a`. */
export function composePoses(a: Pose, b: Pose): Pose {
  const result = new Float64Array(12);
  for (let i = 0; i < 12; i += 4) {
    for (let j = 0; j < 4; j++) {
      result[i + j] = a[i] * b[j] + a[i + 1] * b[j + 4] + a[i + 2] * b[j + 8] + (j === 3 ? a[i + 3] : 0);
    }
  }
  return result;
}

export const transformPoint = (pose: Pose, p: ReadonlyVector3): Vector3 => [
  pose[0] * p[0] + pose[1] * p[1] + pose[2] * p[2] + pose[3],
  pose[4] * p[0] + pose[5] * p[1] + pose[6] * p[2] + pose[7],
  pose[8] * p[0] + pose[9] * p[1] + pose[10] * p[2] + pose[11],
];

/** The opposite map; undefined when the linear part is singular. */
export function invertPose(pose: Pose): Pose | undefined {
  const inverse = inverse3(linearPart(pose));
  if (inverse === undefined) return undefined;
  const [x, y, z] = apply3(inverse, poseColumn(pose, 3));
  return poseFrom(inverse, [-x, -y, -z]);
}
