/** Bodies of revolution with sharp or smooth edges, extruded outlines, pieces of a cylinder. */
import { type BufferGeometry, CylinderGeometry, ExtrudeGeometry, Path, Shape, Vector2 } from 'three';
import { toCreasedNormals } from 'three/addons/utils/BufferGeometryUtils.js';
import { lathe, type Point } from '../../meshes.ts';
import { smoothProfile } from './outlines.ts';
import { welded } from './surfaces.ts';

/** Turned on a lathe, with sharp edges where the profile bends by more than about 35 degrees. */
export function creasedLathe(profile: readonly Point[], segments = 40): BufferGeometry {
  const heading = (from: Point, to: Point) => Math.atan2(to[1] - from[1], to[0] - from[0]);
  const creased = profile.flatMap((point, index): Point[] => {
    const [before, after] = [profile[index - 1], profile[index + 1]];
    if (!before || !after) return [point];
    const bend = Math.abs(heading(before, point) - heading(point, after));
    return Math.min(bend, 2 * Math.PI - bend) > 0.6 ? [point, point] : [point];
  });
  return lathe(creased, segments);
}

/** A plump outline, maybe with holes, rounded in three steps. */
export const smoothSlab = (
  outline: readonly Point[],
  height: number,
  bevel = 0.1,
  holes: readonly (readonly Point[])[] = [],
): BufferGeometry => plump(outline, height, bevel, 3, 0.7, holes);

/** A piece of a cylinder's wall about the z axis, `angle` wide about -y. */
export function wrap(radius: number, low: number, high: number, angle = 2 * Math.PI): BufferGeometry {
  const segments = Math.max(4, Math.ceil((angle / (2 * Math.PI)) * 44));
  return new CylinderGeometry(radius, radius, high - low, segments, 1, true, -angle / 2, angle)
    .rotateX(Math.PI / 2)
    .translate(0, 0, (low + high) / 2);
}

/** An outline extruded to `height`, exactly as wide as it, rounded inwards by `bevel` and smooth where it is. */
export function plump(
  outline: readonly Point[],
  height: number,
  bevel: number,
  steps = 4,
  crease = 0.7,
  holes: readonly (readonly Point[])[] = [],
): BufferGeometry {
  const vectors = (points: readonly Point[]) => points.map(([x, y]) => new Vector2(x, y));
  const shape = new Shape(vectors(outline));
  shape.holes.push(...holes.map((hole) => new Path(vectors(hole))));
  const options = {
    bevelSize: bevel,
    bevelOffset: -bevel,
    bevelThickness: bevel,
    bevelSegments: steps,
    curveSegments: 12,
  };
  const depth = Math.max(height - 2 * bevel, 0.01);
  return toCreasedNormals(new ExtrudeGeometry(shape, { depth, ...options }).translate(0, 0, bevel), crease);
}

/** A thin flat shape with sharp edges, from z = 0 to `height`. */
export function flatShape(outline: readonly Point[], height = 0.06): BufferGeometry {
  const shape = new Shape(outline.map(([x, y]) => new Vector2(x, y)));
  return new ExtrudeGeometry(shape, { depth: height, bevelEnabled: false });
}

/** A smooth body of revolution; corners of the profile (points given twice) stay sharp. */
export function smoothLathe(profile: readonly Point[], steps = 4, segments = 40): BufferGeometry {
  return welded(lathe(smoothProfile(profile, steps), segments), 0.7);
}
