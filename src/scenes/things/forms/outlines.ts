/** Outlines and profiles: lists of points in a plane. */
import { CatmullRomCurve3, SplineCurve, Vector2, Vector3 } from 'three';
import type { Point } from '../../meshes.ts';

/** The outline of a rectangle with rounded corners, centred at the origin. */
export function roundedOutline(width: number, depth: number, radius: number, steps = 6): Point[] {
  const [x, y] = [width / 2 - radius, depth / 2 - radius];
  const corners: readonly Point[] = [
    [x, y],
    [-x, y],
    [-x, -y],
    [x, -y],
  ];
  return corners.flatMap(([cx, cy], corner) =>
    Array.from({ length: steps + 1 }, (_, step): Point => {
      const angle = ((corner + step / steps) * Math.PI) / 2;
      return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
    }),
  );
}

/** A smooth curve through points of the plane, sampled. */
export function curveThrough(points: readonly Point[], samples = 28): Point[] {
  return new SplineCurve(points.map(([x, y]) => new Vector2(x, y))).getPoints(samples).map(({ x, y }): Point => [x, y]);
}

/** The corners of a circle or regular polygon, or with `inner` of a star. */
export function polygon(corners: number, radius: number, inner = radius, start = Math.PI / 2): Point[] {
  const count = inner === radius ? corners : 2 * corners;
  return Array.from({ length: count }, (_, index): Point => {
    const turn = start + (2 * Math.PI * index) / count;
    const reach = index % 2 === 1 ? inner : radius;
    return [reach * Math.cos(turn), reach * Math.sin(turn)];
  });
}

/** A power that keeps the sign: makes a circle's outline squarer. */
export const signedPower = (value: number, power: number): number => Math.sign(value) * Math.abs(value) ** power;

/** A profile drawn smoothly through its points; a point given twice is a corner. */
export function smoothProfile(profile: readonly Point[], steps = 6): Point[] {
  const runs: Vector3[][] = [[]];
  for (const [index, [radius, height]] of profile.entries()) {
    const before = profile[index - 1];
    if (before && before[0] === radius && before[1] === height) runs.push([]);
    runs[runs.length - 1].push(new Vector3(radius, 0, height));
  }
  for (let run = 1; run < runs.length; run++) runs[run].unshift(runs[run - 1][runs[run - 1].length - 1]);
  return runs.flatMap((run) => {
    const points =
      run.length < 3 ? run : new CatmullRomCurve3(run, false, 'centripetal').getPoints((run.length - 1) * steps);
    return points.map(({ x, z }): Point => [x, z]);
  });
}
