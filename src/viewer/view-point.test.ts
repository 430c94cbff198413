import { describe, expect, it } from 'vitest';
import { poseColumn } from '../math/poses.ts';
import { dot, length, subtract, type Vector3 } from '../math/vectors.ts';
import {
  between,
  dolly,
  fly,
  forward,
  fovThatShows,
  look,
  lookAt,
  orbit,
  pan,
  pivotPoint,
  properPose,
  type ViewPoint,
} from './view-point.ts';

/** At (0, −2, 1), looking along +y, upright. */
const start: ViewPoint = { pose: Float64Array.of(1, 0, 0, 0, 0, 0, -1, -2, 0, 1, 0, 1), pivot: 2, fov: 50 };
const near = (actual: readonly number[], expected: readonly number[]) => {
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 9);
  });
};
const expectProper = ({ pose }: ViewPoint) => {
  const [x, y, z] = [poseColumn(pose, 0), poseColumn(pose, 1), poseColumn(pose, 2)];
  near([dot(x, x), dot(y, y), dot(z, z), dot(x, y), dot(y, z), dot(x, z)], [1, 1, 1, 0, 0, 0]);
};
const position = ({ pose }: ViewPoint) => poseColumn(pose, 3);

describe('moving a view point', () => {
  it('orbits around the pivot: a quarter to the right ends at its right', () => {
    const moved = orbit(start, Math.PI / 2, 0);
    near(pivotPoint(moved), [0, 0, 1]);
    near(position(moved), [2, 0, 1]);
    near(forward(moved.pose), [-1, 0, 0]);
    near(position(orbit(start, 0, Math.PI / 6)), [0, -2 * Math.cos(Math.PI / 6), 2]);
    expectProper(orbit(moved, 0.3, 0.2));
  });

  it('does not orbit over the pole', () => {
    let point = start;
    for (let i = 0; i < 100; i++) point = orbit(point, 0.01, 0.1);
    expect(poseColumn(point.pose, 1)[2]).toBeGreaterThan(0);
    expect(position(point)[2]).toBeGreaterThan(2.9);
    expectProper(point);
    // … and comes back down.
    expect(position(orbit(point, 0, -0.5))[2]).toBeLessThan(position(point)[2]);
  });

  it('looks around in place, pans, flies and dollies', () => {
    const looking = look(start, Math.PI / 2, 0);
    near(position(looking), [0, -2, 1]);
    near(forward(looking.pose), [1, 0, 0]);
    const height = 4 * Math.tan((25 * Math.PI) / 180);
    near(position(pan(start, 0.5, -0.25)), [height / 2, -2, 1 - height / 4]);
    near(position(fly(start, { right: 1, up: 2, forward: 3 })), [1, 1, 3]);
    const closer = dolly(start, 0.5);
    near(position(closer), [0, -1, 1]);
    near(pivotPoint(closer), pivotPoint(start));
    expect(dolly(start, 0).pivot).toBeGreaterThan(0);
  });

  it('looks at a point from a distance', () => {
    const target: Vector3 = [1, 1, 0.5];
    const moved = lookAt(start, target, 0.8);
    near(pivotPoint(moved), target);
    expect(length(subtract(target, position(moved)))).toBeCloseTo(0.8, 9);
    expectProper(moved);
  });

  it('goes from one to another over proper poses', () => {
    const end = { ...orbit(start, 2, 0.4), fov: 30 };
    near(Array.from(between(start, end, 0).pose), Array.from(start.pose));
    near(Array.from(between(start, end, 1).pose), Array.from(end.pose));
    expect(between(start, end, 0.5).fov).toBe(40);
    for (const share of [0.25, 0.5, 0.75]) expectProper(between(start, end, share));
    expectProper(between(start, look(start, Math.PI, 0), 0.5));
  });
});

it('mends a pose that was rounded, and refuses what is none', () => {
  const rounded = Array.from(orbit(start, 0.7, 0.3).pose, (value) => Math.round(value * 1000) / 1000);
  expectProper({ ...start, pose: properPose(rounded)! });
  expect(properPose(new Array(12).fill(0))).toBeUndefined();
  expect(properPose([1, 2, 3])).toBeUndefined();
  expect(properPose(rounded.with(5, Number.NaN))).toBeUndefined();
});

describe('the field of view', () => {
  const photo = { horizontal: 60, vertical: 46.8 };
  it('is that of a photo on a stage as wide, and larger on a narrower one', () => {
    expect(fovThatShows(photo, { width: 800, height: 600 })).toBeCloseTo(46.8, 1);
    expect(fovThatShows(photo, { width: 1600, height: 600 })).toBe(46.8);
    // A square shows as much down as across.
    expect(fovThatShows(photo, { width: 390, height: 390 })).toBeCloseTo(60, 6);
    expect(fovThatShows(photo, { width: 100, height: 900 })).toBe(110);
    expect(fovThatShows({ horizontal: 200, vertical: 190 }, { width: 390, height: 500 })).toBe(110);
    expect(fovThatShows(photo, { width: 0, height: 0 })).toBe(46.8);
  });
});
