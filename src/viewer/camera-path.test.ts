import { describe, expect, it } from 'vitest';
import { axisAngle, identity3, multiply3, transpose3 } from '../math/matrices.ts';
import { linearPart, poseColumn, poseFrom } from '../math/poses.ts';
import { length, subtract, type Vector3 } from '../math/vectors.ts';
import { pathLength, placeOfPicture, pointOnPath } from './camera-path.ts';
import type { ViewPoint } from './view-point.ts';

const view = (axis: Vector3, angle: number, place: Vector3, fov = 50, pivot = 1): ViewPoint => ({
  pose: poseFrom(axisAngle(axis, angle), place),
  fov,
  pivot,
});
const views = [
  view([0, 0, 1], 0.2, [0, 0, 1]),
  view([0, 0, 1], 1.4, [1, 0.5, 1], 40, 2),
  view([0.6, 0, 0.8], 3.3, [1.5, 2, 0.5], 60),
  view([0, 1, 0], -1.2, [0, 3, 2], 60),
];
const angleBetween = (a: ViewPoint, b: ViewPoint): number => {
  const [x, y] = [linearPart(a.pose), linearPart(b.pose)];
  const trace = x.reduce((sum, value, i) => sum + value * y[i], 0);
  return Math.acos(Math.min(1, Math.max(-1, (trace - 1) / 2)));
};

describe('a camera path', () => {
  it('passes through its views, and begins and ends with them', () => {
    views.forEach((each, i) => {
      expect(pointOnPath(views, i)).toEqual(each);
    });
    expect(pointOnPath(views, -1)).toEqual(views[0]);
    expect(pointOnPath(views, 9)).toEqual(views[3]);
    expect(pointOnPath([views[1]], 0.4)).toEqual(views[1]);
  });

  it('moves and turns without a jump or a jolt', () => {
    const h = 1e-4;
    const speed = (at: number) => {
      const [a, b] = [pointOnPath(views, at), pointOnPath(views, at + h)];
      const way = length(subtract(poseColumn(b.pose, 3), poseColumn(a.pose, 3)));
      return [way / h, angleBetween(a, b) / h, (b.fov - a.fov) / h];
    };
    for (const key of [1, 2])
      speed(key - h).forEach((before, i) => {
        expect(Math.abs(speed(key)[i] - before), `value ${i} at ${key}`).toBeLessThan(0.02);
      });
    for (let at = 0; at < 3; at += 0.01) {
      expect(angleBetween(pointOnPath(views, at), pointOnPath(views, at + 0.01))).toBeLessThan(0.1);
      const turned = linearPart(pointOnPath(views, at).pose);
      multiply3(transpose3(turned), turned).forEach((value, i) => {
        expect(value).toBeCloseTo(identity3()[i], 9);
      });
    }
  });

  it('turns the shorter way between two views, at an even pace', () => {
    const two = [view([0, 0, 1], 3, [0, 0, 0]), view([0, 0, 1], -3, [2, 0, 0])];
    const middle = pointOnPath(two, 0.5);
    expect(angleBetween(middle, view([0, 0, 1], Math.PI, [0, 0, 0]))).toBeLessThan(1e-6);
    poseColumn(middle.pose, 3).forEach((value, axis) => {
      expect(value).toBeCloseTo([1, 0, 0][axis], 9);
    });
  });

  it('is cut into pictures that begin and end on a view', () => {
    const count = pathLength(3, 2, 24);
    expect(count).toBe(97);
    expect([0, 48, 96].map((picture) => placeOfPicture(picture, count, 3))).toEqual([0, 1, 2]);
    expect(placeOfPicture(0, pathLength(1, 2, 24), 1)).toBe(0);
  });
});
