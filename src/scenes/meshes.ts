/**
 * Meshes that things are built from, all by three.js: bodies of revolution, tubes along curves, rounded boxes, squashed
 * balls, extruded outlines. In centimetres, +z up, standing on z = 0 about the z axis unless said otherwise.
 */
import {
  type BufferGeometry,
  CapsuleGeometry,
  CatmullRomCurve3,
  CylinderGeometry,
  ExtrudeGeometry,
  LatheGeometry,
  Matrix4,
  Shape,
  SphereGeometry,
  TorusGeometry,
  TubeGeometry,
  Vector2,
  Vector3,
} from 'three';
import { RoundedBoxGeometry } from 'three/addons/geometries/RoundedBoxGeometry.js';
import { mergeGeometries } from 'three/addons/utils/BufferGeometryUtils.js';
import type { Vec3 } from './scene.ts';

export type Point = readonly [number, number];

/** Turned on a lathe: `profile` is a list of [radius, height] from the bottom to the top, smoothed where `smooth`. */
export function lathe(profile: readonly Point[], segments = 40): BufferGeometry {
  const points = profile.map(([radius, height]) => new Vector2(Math.max(radius, 0), height));
  // LatheGeometry turns about +y.
  return new LatheGeometry(points, segments).rotateX(Math.PI / 2);
}

/**
 * An open vessel with a wall: the outer profile from the middle of the foot up to the rim, then down again inside at
 * `wall` cm distance.
 */
export function vessel(outer: readonly Point[], wall = 0.4, segments = 40): BufferGeometry {
  const inner = outer
    .slice(1)
    .reverse()
    .map(
      ([radius, height], index): Point => [Math.max(radius - wall, 0), index === 0 ? height : Math.max(height, wall)],
    );
  return lathe([...outer, ...inner, [0, wall]], segments);
}

/** A ball with three radii, centred at the origin. */
export function ellipsoid(rx: number, ry: number, rz: number, segments = 28): BufferGeometry {
  return new SphereGeometry(1, segments, Math.ceil(segments * 0.7)).rotateX(Math.PI / 2).scale(rx, ry, rz);
}

/** A box with rounded edges, standing on z = 0, centred in x and y. */
export function roundedBox(width: number, depth: number, height: number, radius = 0.3): BufferGeometry {
  const rounding = Math.min(radius, width / 2, depth / 2, height / 2) * 0.999;
  return new RoundedBoxGeometry(width, depth, height, 3, rounding).translate(0, 0, height / 2);
}

/** A cylinder or cone frustum with flat ends, standing on z = 0. */
export function cylinder(bottom: number, top: number, height: number, segments = 32): BufferGeometry {
  return new CylinderGeometry(top, bottom, height, segments).rotateX(Math.PI / 2).translate(0, 0, height / 2);
}

/** A rod with round ends from one point to another. */
export function rod(from: Vec3, to: Vec3, radius: number): BufferGeometry {
  const [a, b] = [new Vector3(...from), new Vector3(...to)];
  const axis = b.clone().sub(a);
  const turn = new Matrix4().lookAt(
    new Vector3(),
    axis,
    Math.abs(axis.x) + Math.abs(axis.y) < 1e-6 ? new Vector3(0, 1, 0) : new Vector3(0, 0, 1),
  );
  // CapsuleGeometry lies along y; lookAt points +z backwards along the axis.
  return new CapsuleGeometry(radius, axis.length(), 6, 14)
    .rotateX(Math.PI / 2)
    .applyMatrix4(turn)
    .translate((a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2);
}

/** A tube along a smooth curve through the points; its ends are closed with balls. */
export function tube(points: readonly Vec3[], radius: number, segments = 32, closed = false): BufferGeometry {
  const curve = new CatmullRomCurve3(
    points.map((point) => new Vector3(...point)),
    closed,
  );
  const body = new TubeGeometry(curve, segments, radius, 12, closed);
  if (closed) return body;
  const caps = [points[0], points[points.length - 1]].map((point) =>
    new SphereGeometry(radius, 12, 8).translate(point[0], point[1], point[2]),
  );
  return join([body, ...caps]);
}

/** A ring lying in the xy plane, centred at the origin. */
export function ring(radius: number, thickness: number, segments = 40): BufferGeometry {
  return new TorusGeometry(radius, thickness, 16, segments);
}

/** An outline in the xy plane, extruded from z = 0 to `height`, its edges rounded by `bevel`. */
export function slab(outline: readonly Point[], height: number, bevel = 0.1): BufferGeometry {
  const shape = new Shape(outline.map(([x, y]) => new Vector2(x, y)));
  const depth = Math.max(height - 2 * bevel, 0.01);
  return new ExtrudeGeometry(shape, {
    depth,
    bevelSize: bevel,
    bevelThickness: bevel,
    bevelSegments: 2,
    curveSegments: 16,
  }).translate(0, 0, bevel);
}

/** A flat rectangle facing +z at z = 0, or with `facing` -y standing on z = 0. */
export function sheet(width: number, height: number, thickness = 0.2): BufferGeometry {
  return roundedBox(width, height, thickness, 0.05);
}

/** Several meshes as one part. */
export function join(geometries: readonly BufferGeometry[]): BufferGeometry {
  const plain = geometries.map((geometry) => {
    const copy = geometry.index ? geometry.toNonIndexed() : geometry.clone();
    for (const name of Object.keys(copy.attributes))
      if (name !== 'position' && name !== 'normal') copy.deleteAttribute(name);
    return copy;
  });
  return mergeGeometries(plain);
}
