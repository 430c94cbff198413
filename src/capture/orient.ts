/**
 * Orientation, centring and scaling of a capture (spec §4.9, as nerfstudio does it): turns the world so that "up" is
 * +z, moves the chosen centre to the origin, and scales so that every camera lies in [−1, 1]³. nerfstudio's "pca" is
 * left out: its own implementation contradicts itself.
 */
import { apply3, identity3, inverse3, type Matrix3, rotationBetween, symmetricEigen3 } from '../math/matrices.ts';
import { composePoses, type Pose, poseColumn, poseFrom } from '../math/poses.ts';
import { add, dot, meanOf, normalise, scale, subtract, type Vector3 } from '../math/vectors.ts';
import type { Orientation } from './listing.ts';

export type Centre = 'poses' | 'focus' | 'none';

/**
 * The direction that is vertical in all photos: least squares over the cameras' x axes, which level cameras have
 * perpendicular to it. When the x axes hardly vary (photos taken in one row) it is only known up to a turn about
 * them, and the mean of the y axes decides.
 */
function verticalDirection(poses: readonly Pose[], up: Vector3): Vector3 {
  const scatter: Matrix3 = new Array<number>(9).fill(0);
  for (const pose of poses) {
    const right = poseColumn(pose, 0);
    for (let i = 0; i < 9; i++) scatter[i] += right[Math.floor(i / 3)] * right[i % 3];
  }
  const { values, vectors } = symmetricEigen3(scatter);
  // 0.17 = cos 80°: the second principal spread is less than 10°.
  if (Math.sqrt(Math.max(0, values[1])) > 0.17 * Math.sqrt(poses.length))
    return dot(vectors[2], up) > 0 ? vectors[2] : scale(vectors[2], -1);
  return normalise(subtract(up, scale(vectors[0], dot(up, vectors[0]))));
}

/** The point nearest to the optical axes of the cameras that have it in front of them; `start` when there is none. */
export function focusOfAttention(poses: readonly Pose[], start: Vector3): Vector3 {
  let axes = poses.map((pose) => ({ origin: poseColumn(pose, 3), direction: scale(poseColumn(pose, 2), -1) }));
  let focus = start;
  const inFront = () => axes.filter(({ origin, direction }) => dot(direction, subtract(focus, origin)) > 0);
  let active = inFront();
  while (active.length > 1) {
    axes = active;
    const sum: Matrix3 = new Array<number>(9).fill(0);
    let right: Vector3 = [0, 0, 0];
    for (const { origin, direction } of axes) {
      // I − d dᵀ measures the distance from the axis.
      const across = identity3().map((value, i) => value - direction[Math.floor(i / 3)] * direction[i % 3]);
      for (let i = 0; i < 9; i++) sum[i] += across[i];
      right = add(right, apply3(across, origin));
    }
    const inverse = inverse3(sum);
    if (inverse === undefined) break;
    focus = apply3(inverse, right);
    active = inFront();
    if (active.length === axes.length) break;
  }
  return focus;
}

/** The rigid map [3, 4] from the capture's world to the oriented and centred one. */
export function orientingTransform(poses: readonly Pose[], orientation: Orientation, centre: Centre): Pose {
  const mean = meanOf(poses.map((pose) => poseColumn(pose, 3)));
  const middle = centre === 'poses' ? mean : centre === 'focus' ? focusOfAttention(poses, mean) : [0, 0, 0];
  const rotation = orientation === 'none' ? identity3() : rotationToUp(poses, orientation);
  const [x, y, z] = apply3(rotation, middle as Vector3);
  return poseFrom(rotation, [-x, -y, -z]);
}

function rotationToUp(poses: readonly Pose[], orientation: 'up' | 'vertical'): Matrix3 {
  const up = normalise(meanOf(poses.map((pose) => poseColumn(pose, 1))));
  // Cameras whose y axes cancel out agree on no direction.
  if (dot(up, up) === 0) return identity3();
  return rotationBetween(orientation === 'vertical' ? verticalDirection(poses, up) : up, [0, 0, 1]);
}

/** 1 / the largest coordinate of any camera position; 1 when all cameras stand at the origin. */
export function automaticScale(poses: readonly Pose[]): number {
  const largest = Math.max(0, ...poses.flatMap((pose) => poseColumn(pose, 3).map(Math.abs)));
  return largest > 0 ? 1 / largest : 1;
}

/** transform · pose, with the position scaled: the pose in the scene frame. */
export function scenePose(transform: Pose, factor: number, pose: Pose): Pose {
  const result = composePoses(transform, pose);
  for (const i of [3, 7, 11]) result[i] *= factor;
  return result;
}
