/**
 * A camera path through view points: Catmull-Rom splines, which pass through every point without a jolt – through the
 * places, the fields of view, and the orientations as quaternions on their shorter ways.
 */
import { quaternionToRotation, rotationToQuaternion } from '../math/matrices.ts';
import { linearPart, poseColumn, poseFrom } from '../math/poses.ts';
import { fovRange, type ViewPoint } from './view-point.ts';

/** @param at 0 = the first view, 1 = the second …; fractions lie between, what is outside is the first or the last */
export function pointOnPath(views: readonly ViewPoint[], at: number): ViewPoint {
  const last = views.length - 1;
  const within = Math.min(last, Math.max(0, at));
  const segment = Math.min(Math.max(0, last - 1), Math.floor(within));
  if (within === segment) return views[segment];
  if (within === segment + 1) return views[segment + 1];
  const share = within - segment;
  const along = (numbers: readonly (readonly number[])[]) => catmullRom(numbers, segment, share);
  const [w, x, y, z] = along(alignedQuaternions(views));
  const [px, py, pz] = along(views.map(({ pose }) => poseColumn(pose, 3)));
  const [pivot, fov] = along(views.map((view) => [Math.log(view.pivot), view.fov]));
  return {
    pose: poseFrom(quaternionToRotation(w, x, y, z), [px, py, pz]),
    pivot: Math.exp(pivot),
    fov: Math.min(fovRange.most, Math.max(fovRange.least, fov)),
  };
}

/** How many pictures a path of `views` views has; the last view is one of them. */
export const pathLength = (views: number, secondsBetween: number, framesPerSecond: number): number =>
  Math.round((views - 1) * secondsBetween * framesPerSecond) + 1;

/** Place on the path of each of `count` pictures. */
export const placeOfPicture = (picture: number, count: number, views: number): number =>
  count < 2 ? 0 : (picture / (count - 1)) * (views - 1);

/** Each with the sign that is nearer to the one before. */
function alignedQuaternions(views: readonly ViewPoint[]): number[][] {
  const aligned: number[][] = [];
  for (const { pose } of views) {
    const quaternion = rotationToQuaternion(linearPart(pose));
    const before = aligned.at(-1);
    const agreement = before ? quaternion.reduce((sum, value, i) => sum + value * before[i], 0) : 1;
    aligned.push(agreement < 0 ? quaternion.map((value) => -value) : quaternion);
  }
  return aligned;
}

/** Beyond the ends the path goes straight on. */
function catmullRom(points: readonly (readonly number[])[], segment: number, t: number): number[] {
  const [b, c] = [points[segment], points[segment + 1]];
  const a = points[segment - 1] ?? b.map((value, i) => 2 * value - c[i]);
  const d = points[segment + 2] ?? c.map((value, i) => 2 * value - b[i]);
  return b.map((p1, i) => {
    const [p0, p2, p3] = [a[i], c[i], d[i]];
    return (
      0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t + (3 * p1 - p0 - 3 * p2 + p3) * t * t * t)
    );
  });
}
