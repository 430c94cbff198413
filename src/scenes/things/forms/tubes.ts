/** Tubes along curves whose radius changes on the way. */
import { type BufferGeometry, CatmullRomCurve3, SphereGeometry, TubeGeometry, Vector3 } from 'three';
import { join } from '../../meshes.ts';
import type { Vec3 } from '../../scene.ts';
import { uvSurface, weldedSurface } from './surfaces.ts';

/** A round tube along a curve whose radius runs through `radii`; its ends are closed with balls. */
export function radiiTube(
  points: readonly Vec3[],
  radii: readonly number[],
  segments = 28,
  sides = 12,
): BufferGeometry {
  const curve = new CatmullRomCurve3(points.map((point) => new Vector3(...point)));
  const body = new TubeGeometry(curve, segments, 1, sides);
  const at = body.attributes.position;
  const vertex = new Vector3();
  for (let ring = 0; ring <= segments; ring++) {
    const centre = curve.getPointAt(ring / segments);
    const place = (ring / segments) * (radii.length - 1);
    const low = Math.max(0, Math.min(Math.floor(place), radii.length - 2));
    const radius = radii.length === 1 ? radii[0] : radii[low] + (place - low) * (radii[low + 1] - radii[low]);
    for (let side = 0; side <= sides; side++) {
      const index = ring * (sides + 1) + side;
      vertex.fromBufferAttribute(at, index).sub(centre).multiplyScalar(radius).add(centre);
      at.setXYZ(index, vertex.x, vertex.y, vertex.z);
    }
  }
  const caps = [
    { point: points[0], radius: radii[0] },
    { point: points[points.length - 1], radius: radii[radii.length - 1] },
  ].map(({ point, radius }) => new SphereGeometry(radius, sides, Math.ceil(sides / 2)).translate(...point));
  return join([body, ...caps]);
}

/** A tube along a smooth curve, of a radius that changes from end to end (`t` = 0..1), closed with balls. */
export function taperedTube(
  points: readonly Vec3[],
  radius: (t: number) => number,
  segments = 20,
  around = 16,
): BufferGeometry {
  const curve = new CatmullRomCurve3(points.map((point) => new Vector3(...point)));
  const { normals, binormals } = curve.computeFrenetFrames(segments);
  const side = uvSurface(around, segments, (u, v) => {
    const index = Math.round(v * segments);
    const turn = (2 * Math.PI * (Math.round(u * around) % around)) / around;
    const at = curve.getPointAt(v).addScaledVector(normals[index], radius(v) * Math.cos(turn));
    return at.addScaledVector(binormals[index], radius(v) * Math.sin(turn)).toArray();
  });
  const caps = [0, 1].map((end) =>
    new SphereGeometry(radius(end), around, 6).translate(...curve.getPointAt(end).toArray()),
  );
  return join([side, ...caps]);
}

interface PlanarTubeShape {
  /** Factors of the radius across the curve's plane and in it. */
  wide?: number;
  thick?: number;
  sides?: number;
  /** Cells along the curve. */
  cells?: number;
  /** Factor of the radius at a turn 0..1 about the curve. */
  section?: (turn: number) => number;
}

/** A closed tube of changing radius along a smooth curve in a plane; t runs from 0 to 1 along it. */
export function planarTube(
  points: readonly Vec3[],
  radiusAt: (t: number) => number,
  options: PlanarTubeShape = {},
): BufferGeometry {
  const { wide = 1, thick = 1, sides = 16, cells = 24, section = () => 1 } = options;
  const curve = new CatmullRomCurve3(
    points.map((point) => new Vector3(...point)),
    false,
    'centripetal',
  );
  const frames = curve.computeFrenetFrames(cells);
  return weldedSurface(
    (u, v) => {
      // The first and the last row shrink to the middle of the end.
      const row = Math.round(v * (cells + 2)) - 1;
      const at = Math.min(Math.max(row, 0), cells);
      const radius = row === at ? radiusAt(at / cells) * section(u) : 0;
      const [across, along] = [frames.normals[at], frames.binormals[at]];
      const point = curve.getPointAt(at / cells);
      point.addScaledVector(across, radius * wide * Math.cos(2 * Math.PI * u));
      point.addScaledVector(along, radius * thick * Math.sin(2 * Math.PI * u));
      return [point.x, point.y, point.z];
    },
    sides,
    cells + 2,
    1.1,
  );
}
