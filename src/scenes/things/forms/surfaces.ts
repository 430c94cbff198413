/**
 * Surfaces given by a function of u and v, and ways to bend a mesh afterwards. They differ in their normals at seams and
 * poles: a grid is smooth over the seam it closes, a welded surface wherever vertices meet, a uv surface likewise but with
 * its u and v kept for cutting.
 */
import { BufferAttribute, BufferGeometry, PlaneGeometry, Vector3 } from 'three';
import { mergeVertices, toCreasedNormals } from 'three/addons/utils/BufferGeometryUtils.js';
import { noise } from '../../finish.ts';
import type { Vec3 } from '../../scene.ts';

/** A surface over u and v in 0..1, as a grid of `columns` × `rows`; `closed` joins u = 1 to u = 0. */
export function gridSurface(
  columns: number,
  rows: number,
  place: (u: number, v: number) => Vec3,
  closed = false,
): BufferGeometry {
  const stride = closed ? columns : columns + 1;
  const positions: number[] = [];
  for (let row = 0; row <= rows; row++)
    for (let column = 0; column < stride; column++) positions.push(...place(column / columns, row / rows));
  const index: number[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const next = (column + 1) % stride;
      const [a, b] = [row * stride + column, row * stride + next];
      index.push(a, b, a + stride, b, b + stride, a + stride);
    }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(Float32Array.from(positions), 3));
  geometry.setIndex(index);
  geometry.computeVertexNormals();
  return geometry;
}

/** Gives vertices at the same place the same normal, whatever triangles they belong to. */
function smoothed(geometry: BufferGeometry): BufferGeometry {
  geometry.computeVertexNormals();
  const { position, normal } = geometry.attributes;
  const sums = new Map<string, Vector3>();
  const keyOf = (index: number) =>
    [position.getX(index), position.getY(index), position.getZ(index)].map((value) => Math.round(value * 2000)).join();
  for (let index = 0; index < position.count; index++) {
    const sum = sums.get(keyOf(index)) ?? new Vector3();
    sums.set(keyOf(index), sum.add(new Vector3().fromBufferAttribute(normal, index)));
  }
  for (let index = 0; index < position.count; index++) {
    const { x, y, z } = sums.get(keyOf(index))!.clone().normalize();
    normal.setXYZ(index, x, y, z);
  }
  return geometry;
}

/** Moves every vertex, and makes the surface smooth again, its u and v kept. */
export function sculpted(geometry: BufferGeometry, move: (point: Vector3) => void): BufferGeometry {
  const { position } = geometry.attributes;
  for (let index = 0; index < position.count; index++) {
    const point = new Vector3().fromBufferAttribute(position, index);
    move(point);
    position.setXYZ(index, point.x, point.y, point.z);
  }
  return smoothed(geometry);
}

/** Roughens a surface like fur, by up to `amount` cm. */
export function fuzzy(geometry: BufferGeometry, amount = 0.35, frequency = 1.1): BufferGeometry {
  geometry.computeBoundingSphere();
  const { center } = geometry.boundingSphere!;
  return sculpted(geometry, (point) => {
    const { x, y, z } = point.clone().multiplyScalar(frequency);
    const out = point.clone().sub(center).normalize();
    point.addScaledVector(out, amount * (noise(x, y, z) + 0.7 * noise(2.7 * x, 2.7 * y, 2.7 * z) - 0.85));
  });
}

/** The surface that `at` draws for u and v in 0..1; it may close on itself. */
export function uvSurface(columns: number, rows: number, at: (u: number, v: number) => Vec3): BufferGeometry {
  const geometry = new PlaneGeometry(1, 1, columns, rows);
  const { position, uv } = geometry.attributes;
  for (let index = 0; index < position.count; index++) position.setXYZ(index, ...at(uv.getX(index), uv.getY(index)));
  return smoothed(geometry);
}

/**
 * The surface of `point` over the unit square, `nu` by `nv` cells; seams and poles are welded, so it is smooth there,
 * and sharp only where neighbours turn by more than `crease` radians.
 */
export function weldedSurface(
  point: (u: number, v: number) => Vec3,
  nu: number,
  nv: number,
  crease?: number,
): BufferGeometry {
  const positions = new Float32Array((nu + 1) * (nv + 1) * 3);
  const index: number[] = [];
  for (let row = 0; row <= nv; row++)
    for (let col = 0; col <= nu; col++) {
      const here = row * (nu + 1) + col;
      positions.set(point(col / nu, row / nv), here * 3);
      if (row < nv && col < nu) index.push(here, here + 1, here + nu + 1, here + 1, here + nu + 2, here + nu + 1);
    }
  const grid = new BufferGeometry().setAttribute('position', new BufferAttribute(positions, 3)).setIndex(index);
  return welded(grid, crease);
}

/** Welds equal vertices and makes normals anew. */
export function welded(geometry: BufferGeometry, crease?: number): BufferGeometry {
  const bare = new BufferGeometry()
    .setAttribute('position', geometry.attributes.position)
    .setIndex(geometry.index ?? null);
  const welded = mergeVertices(bare, 1e-4);
  if (crease !== undefined) return toCreasedNormals(welded, crease);
  welded.computeVertexNormals();
  return welded;
}

/** Moves every vertex, and welds the surface. */
export function warp(geometry: BufferGeometry, move: (x: number, y: number, z: number) => Vec3): BufferGeometry {
  const copy = geometry.clone();
  const { position } = copy.attributes;
  for (let i = 0; i < position.count; i++)
    position.setXYZ(i, ...move(position.getX(i), position.getY(i), position.getZ(i)));
  return welded(copy);
}
