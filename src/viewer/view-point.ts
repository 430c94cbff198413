/**
 * Where a visitor looks from, and how it moves. A view point is a whole pose and the distance to what it turns around,
 * so that a photo's exact pose – roll included – is a view point like any other. Turning keeps the roll: left and
 * right go around the scene's vertical, up and down around the camera's own horizontal axis.
 */
import { axisAngle, type Matrix3, multiply3 } from '../math/matrices.ts';
import { linearPart, type Pose, poseColumn, poseFrom } from '../math/poses.ts';
import {
  add,
  cross,
  dot,
  length,
  normalise,
  type ReadonlyVector3,
  scale,
  subtract,
  type Vector3,
} from '../math/vectors.ts';

export interface ViewPoint {
  /** Camera-to-world in the scene frame. */
  pose: Pose;
  /** Distance along the viewing direction of the point that orbiting turns around, scene units. */
  pivot: number;
  /** Vertical, degrees. */
  fov: number;
}

export const fovRange = { least: 10, most: 110 } as const;

/**
 * Vertical field of view, degrees, with which a stage shows at least what a photo does: the photo's own, or more on a stage
 * that is narrower than the photo, such as a phone's.
 */
export function fovThatShows(
  { horizontal, vertical }: { horizontal: number; vertical: number },
  { width, height }: { width: number; height: number },
): number {
  const half = Math.PI / 360;
  const across = width > 0 && horizontal < 180 ? Math.atan((Math.tan(horizontal * half) * height) / width) / half : 0;
  return Math.min(fovRange.most, Math.max(fovRange.least, vertical, across));
}

const up: Vector3 = [0, 0, 1];
/** Nearer than this to the vertical, orbiting would turn over. */
const steepest = Math.cos((4 * Math.PI) / 180);
const leastPivot = 0.02;

export const forward = (pose: Pose): Vector3 => scale(poseColumn(pose, 2), -1);

export const pivotPoint = ({ pose, pivot }: ViewPoint): Vector3 =>
  add(poseColumn(pose, 3), scale(forward(pose), pivot));

/** Around the pivot: `right` and `up` are angles in radians by which the camera travels. */
export function orbit(point: ViewPoint, right: number, upward: number): ViewPoint {
  const centre = pivotPoint(point);
  const turned = turn(point.pose, right, upward);
  return { ...point, pose: poseFrom(turned, subtract(centre, scale(forwardOf(turned), point.pivot))) };
}

/** In place: by so many radians to the right and up. */
export function look(point: ViewPoint, right: number, upward: number): ViewPoint {
  return { ...point, pose: poseFrom(turn(point.pose, -right, -upward), poseColumn(point.pose, 3)) };
}

/** Sideways and up, in heights of the view at the pivot's distance. */
export function pan(point: ViewPoint, right: number, upward: number): ViewPoint {
  const height = 2 * point.pivot * Math.tan((point.fov * Math.PI) / 360);
  return fly(point, { right: right * height, up: upward * height, forward: 0 });
}

/** By scene units along the camera's own axes; the pivot comes along. */
export function fly(point: ViewPoint, by: { right: number; up: number; forward: number }): ViewPoint {
  const { pose } = point;
  const move = add(
    add(scale(poseColumn(pose, 0), by.right), scale(poseColumn(pose, 1), by.up)),
    scale(forward(pose), by.forward),
  );
  return { ...point, pose: poseFrom(linearPart(pose), add(poseColumn(pose, 3), move)) };
}

/** Towards the pivot (factor below 1) or away from it; the pivot stays. */
export function dolly(point: ViewPoint, factor: number): ViewPoint {
  const pivot = Math.max(leastPivot, point.pivot * factor);
  const moved = fly(point, { right: 0, up: 0, forward: point.pivot - pivot });
  return { ...moved, pivot };
}

/** Looks at a point from the present direction, from `distance` away. */
export function lookAt(point: ViewPoint, target: ReadonlyVector3, distance: number): ViewPoint {
  const ahead = normalise(subtract(target, poseColumn(point.pose, 3)));
  const rotation = rotationTowards(ahead, poseColumn(point.pose, 1));
  return { ...point, pivot: distance, pose: poseFrom(rotation, subtract(target, scale(ahead, distance))) };
}

/** A share of the way from one view point to another; 0 is the first. */
export function between(from: ViewPoint, to: ViewPoint, share: number): ViewPoint {
  const mix = (a: number, b: number) => a + (b - a) * share;
  const column = (index: 0 | 1 | 2 | 3): Vector3 => {
    const [a, b] = [poseColumn(from.pose, index), poseColumn(to.pose, index)];
    return [mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2])];
  };
  const backward = column(2);
  // Opposite directions have no middle; the nearer end will do.
  const ahead = length(backward) < 1e-6 ? forward((share < 0.5 ? from : to).pose) : normalise(scale(backward, -1));
  const rotation = rotationTowards(ahead, column(1));
  return { pose: poseFrom(rotation, column(3)), pivot: mix(from.pivot, to.pivot), fov: mix(from.fov, to.fov) };
}

/** Farther from a rotation than this, a pose is mended; rounding to six digits comes to less than a fifth of it. */
const rotationTolerance = 1e-5;

/**
 * The numbers themselves where they are a pose, the nearest pose otherwise; undefined for twelve numbers that are none.
 * A rotation may be inexact by what rounding leaves: mended, it would no longer be the pose that was written down.
 */
export function properPose(numbers: ArrayLike<number>): Pose | undefined {
  if (numbers.length !== 12 || !Array.from(numbers).every(Number.isFinite)) return undefined;
  const pose = Float64Array.from(numbers);
  if (isRotation(pose)) return pose.map((value) => value + 0);
  const [ahead, upward] = [forward(pose), poseColumn(pose, 1)];
  if (length(ahead) < 0.1 || length(cross(ahead, upward)) < 0.1) return undefined;
  // Adding 0 leaves no negative zeros.
  return poseFrom(rotationTowards(normalise(ahead), upward), poseColumn(pose, 3)).map((value) => value + 0);
}

function isRotation(pose: Pose): boolean {
  const [x, y, z] = [poseColumn(pose, 0), poseColumn(pose, 1), poseColumn(pose, 2)];
  const errors = [dot(x, x) - 1, dot(y, y) - 1, dot(z, z) - 1, dot(x, y), dot(y, z), dot(z, x)];
  return dot(cross(x, y), z) > 0 && errors.every((error) => Math.abs(error) < rotationTolerance);
}

/** Rotation after the camera has travelled around: the roll stays as it is. */
function turn(pose: Pose, right: number, upward: number): Matrix3 {
  const yawed = multiply3(axisAngle(up, right), linearPart(pose));
  const pitched = multiply3(axisAngle([yawed[0], yawed[3], yawed[6]], -upward), yawed);
  return Math.abs(dot(forwardOf(pitched), up)) > Math.max(steepest, Math.abs(dot(forwardOf(yawed), up)))
    ? yawed
    : pitched;
}

const forwardOf = (m: Matrix3): Vector3 => [-m[2], -m[5], -m[8]];

/** Columns right, up, back; `upward` need not be perpendicular. */
function rotationTowards(ahead: ReadonlyVector3, upward: ReadonlyVector3): Matrix3 {
  let right = cross(ahead, upward);
  if (length(right) < 1e-6) right = cross(ahead, Math.abs(ahead[2]) < 0.9 ? up : [0, 1, 0]);
  right = normalise(right);
  const upright = cross(right, ahead);
  return [right[0], upright[0], -ahead[0], right[1], upright[1], -ahead[1], right[2], upright[2], -ahead[2]];
}

/** Distance of a point from the camera. */
export const distanceTo = ({ pose }: ViewPoint, target: ReadonlyVector3): number =>
  length(subtract(target, poseColumn(pose, 3)));
