/**
 * Shapes of the built-in scenes: ellipsoids, boxes and upright cylinders, each turned about the vertical (+z) axis.
 * A shape answers two questions: where does a ray enter it, and which way does its surface face. It knows nothing of
 * colour or light. Ray directions need not have unit length; distances are in units of the direction.
 */

export type Vec3 = readonly [number, number, number];

/** Where a ray meets a shape, in the shape's own frame (centred, unturned; scene units) and the world's. */
export interface Surface {
  /** Point in the shape's frame. */
  local: [number, number, number];
  /** Outward unit normal in the world frame. */
  normal: [number, number, number];
}

export interface Shape {
  centre: Vec3;
  /** Radius of a sphere about `centre` that holds the shape. */
  reach: number;
  /** Smallest distance above `from` at which the ray meets the surface from outside; Infinity when it misses. */
  enter(origin: Vec3, direction: Vec3, from: number): number;
  surfaceAt(point: Vec3): Surface;
}

/** World to shape frame for a turn of `yaw` radians about +z. */
function frame(centre: Vec3, yaw: number) {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  return {
    turnIn: ([x, y, z]: Vec3): [number, number, number] => [cos * x + sin * y, cos * y - sin * x, z],
    turnOut: ([x, y, z]: Vec3): [number, number, number] => [cos * x - sin * y, sin * x + cos * y, z],
    shift: ([x, y, z]: Vec3): [number, number, number] => [x - centre[0], y - centre[1], z - centre[2]],
  };
}

export function ellipsoid(centre: Vec3, radii: Vec3, yaw = 0): Shape {
  const { turnIn, turnOut, shift } = frame(centre, yaw);
  return {
    centre,
    reach: Math.max(...radii),
    enter(origin, direction, from) {
      const o = turnIn(shift(origin));
      const d = turnIn(direction);
      let [a, b, c] = [0, 0, -1];
      for (let axis = 0; axis < 3; axis++) {
        const [p, v] = [o[axis] / radii[axis], d[axis] / radii[axis]];
        a += v * v;
        b += p * v;
        c += p * p;
      }
      const discriminant = b * b - a * c;
      if (discriminant < 0) return Number.POSITIVE_INFINITY;
      const distance = (-b - Math.sqrt(discriminant)) / a;
      return distance > from ? distance : Number.POSITIVE_INFINITY;
    },
    surfaceAt(point) {
      const local = turnIn(shift(point));
      const gradient = local.map((value, axis) => value / radii[axis] ** 2);
      return { local, normal: turnOut(unit(gradient as [number, number, number])) };
    },
  };
}

export const sphere = (centre: Vec3, radius: number): Shape => ellipsoid(centre, [radius, radius, radius]);

export function box(centre: Vec3, half: Vec3, yaw = 0): Shape {
  const { turnIn, turnOut, shift } = frame(centre, yaw);
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const [hx, hy, hz] = half;
  return {
    centre,
    reach: Math.hypot(...half),
    // In plain scalars: walls, floor and table are boxes, and every ray asks them.
    enter(origin, direction, from) {
      const px = origin[0] - centre[0];
      const py = origin[1] - centre[1];
      const pz = origin[2] - centre[2];
      const ox = cos * px + sin * py;
      const oy = cos * py - sin * px;
      const ix = 1 / (cos * direction[0] + sin * direction[1]);
      const iy = 1 / (cos * direction[1] - sin * direction[0]);
      const iz = 1 / direction[2];
      // Where the ray crosses the two planes of each slab; an unmoving coordinate gives -∞ and ∞.
      const [x0, x1] = [(-hx - ox) * ix, (hx - ox) * ix];
      const [y0, y1] = [(-hy - oy) * iy, (hy - oy) * iy];
      const [z0, z1] = [(-hz - pz) * iz, (hz - pz) * iz];
      const near = Math.max(Math.min(x0, x1), Math.min(y0, y1), Math.min(z0, z1));
      const far = Math.min(Math.max(x0, x1), Math.max(y0, y1), Math.max(z0, z1));
      return near <= far && near > from ? near : Number.POSITIVE_INFINITY;
    },
    surfaceAt(point) {
      const local = turnIn(shift(point));
      const depths = local.map((value, axis) => Math.abs(value) / half[axis]);
      const face = depths.indexOf(Math.max(...depths));
      const normal: [number, number, number] = [0, 0, 0];
      normal[face] = Math.sign(local[face]);
      return { local, normal: turnOut(normal) };
    },
  };
}

/** Upright, closed at both ends. */
export function cylinder(centre: Vec3, radius: number, halfHeight: number): Shape {
  const { shift } = frame(centre, 0);
  return {
    centre,
    reach: Math.hypot(radius, halfHeight),
    enter(origin, direction, from) {
      const [ox, oy, oz] = shift(origin);
      const [dx, dy, dz] = direction;
      const a = dx * dx + dy * dy;
      const b = ox * dx + oy * dy;
      const c = ox * ox + oy * oy - radius * radius;
      const discriminant = b * b - a * c;
      if (discriminant < 0 || (a === 0 && c > 0)) return Number.POSITIVE_INFINITY;
      const root = Math.sqrt(discriminant);
      const [in0, in1] =
        a === 0 ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [(-b - root) / a, (-b + root) / a];
      const [z0, z1] = [(-halfHeight - oz) / dz, (halfHeight - oz) / dz];
      const near = Math.max(in0, Math.min(z0, z1));
      const far = Math.min(in1, Math.max(z0, z1));
      return near <= far && near > from ? near : Number.POSITIVE_INFINITY;
    },
    surfaceAt(point) {
      const local = shift(point);
      const cap = Math.abs(local[2]) / halfHeight > Math.hypot(local[0], local[1]) / radius;
      return { local, normal: cap ? [0, 0, Math.sign(local[2])] : unit([local[0], local[1], 0]) };
    },
  };
}

export function unit([x, y, z]: Vec3): [number, number, number] {
  // Not Math.hypot: it is several times slower, and this runs for every ray.
  const length = Math.sqrt(x * x + y * y + z * z);
  return [x / length, y / length, z / length];
}

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vec3, b: Vec3): [number, number, number] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** origin + distance · direction */
export function along(origin: Vec3, direction: Vec3, distance: number): [number, number, number] {
  return [
    origin[0] + distance * direction[0],
    origin[1] + distance * direction[1],
    origin[2] + distance * direction[2],
  ];
}
