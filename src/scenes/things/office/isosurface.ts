/** The mesh of a body that is given by its distance function. */
import { BufferAttribute, BufferGeometry } from 'three';
import type { Vec3 } from '../../scene.ts';

export type Distance = (x: number, y: number, z: number) => number;

function netFaces(strides: readonly number[], values: Float32Array, vertexOf: ReadonlyMap<number, number>): number[] {
  const index: number[] = [];
  for (const cell of vertexOf.keys())
    for (let axis = 0; axis < 3; axis++) {
      if (values[cell] < 0 === values[cell + strides[axis]] < 0) continue;
      const [u, v] = [strides[(axis + 1) % 3], strides[(axis + 2) % 3]];
      const [a, b, c, d] = [cell, cell - u, cell - u - v, cell - v].map((near) => vertexOf.get(near));
      if (a !== undefined && b !== undefined && c !== undefined && d !== undefined) index.push(a, b, c, a, c, d);
    }
  return index;
}

/** Surface nets: the mesh where `distance` is zero within the box, about `step` fine, with the normals of `distance`. */
export function isosurface(distance: Distance, low: Vec3, high: Vec3, step: number): BufferGeometry {
  const size = low.map((from, axis) => Math.ceil((high[axis] - from) / step) + 1);
  const strides = [1, size[0], size[0] * size[1]];
  const at = (axis: number, cell: number) => low[axis] + step * (Math.floor(cell / strides[axis]) % size[axis]);
  const values = new Float32Array(strides[2] * size[2]).map((_, cell) =>
    distance(at(0, cell), at(1, cell), at(2, cell)),
  );
  const corners = Array.from({ length: 8 }, (_, bits) => [bits & 1, (bits >> 1) & 1, bits >> 2]);
  const offsets = corners.map(([x, y, z]) => x * strides[0] + y * strides[1] + z * strides[2]);
  const vertexOf = new Map<number, number>();
  const positions: number[] = [];
  const normals: number[] = [];
  for (let cell = 0; cell < values.length - offsets[7]; cell++) {
    const inside = offsets.filter((offset) => values[cell + offset] < 0).length;
    if (inside === 0 || inside === 8) continue;
    vertexOf.set(cell, positions.length / 3);
    const point = [0, 1, 2].map((axis) => at(axis, cell) + step / 2);
    const slope = [0, 0, 0];
    // Newton's method towards the surface, within the cell's neighbourhood.
    for (let round = 0; round < 4; round++) {
      const [x, y, z] = point;
      const here = distance(x, y, z);
      const e = 0.03;
      slope[0] = distance(x + e, y, z) - distance(x - e, y, z);
      slope[1] = distance(x, y + e, z) - distance(x, y - e, z);
      slope[2] = distance(x, y, z + e) - distance(x, y, z - e);
      const length = Math.hypot(...slope) || 1;
      for (let axis = 0; axis < 3 && round < 3; axis++) point[axis] -= (slope[axis] / length) * here * 0.9;
      for (let axis = 0; axis < 3; axis++) slope[axis] /= length;
    }
    positions.push(...point);
    normals.push(...slope);
  }
  const index = netFaces(strides, values, vertexOf);
  return new BufferGeometry()
    .setAttribute('position', new BufferAttribute(Float32Array.from(positions), 3))
    .setAttribute('normal', new BufferAttribute(Float32Array.from(normals), 3))
    .setIndex(index);
}

/** The triangles of a mesh by the name that `nameAt` gives to their centres. */
export function splitByName<Name extends string>(
  geometry: BufferGeometry,
  nameAt: (x: number, y: number, z: number) => Name,
) {
  const { position } = geometry.attributes;
  const index = geometry.index!.array;
  const byName = new Map<Name, number[]>();
  for (let face = 0; face < index.length; face += 3) {
    const [a, b, c] = [index[face], index[face + 1], index[face + 2]];
    const name = nameAt(
      (position.getX(a) + position.getX(b) + position.getX(c)) / 3,
      (position.getY(a) + position.getY(b) + position.getY(c)) / 3,
      (position.getZ(a) + position.getZ(b) + position.getZ(c)) / 3,
    );
    if (!byName.has(name)) byName.set(name, []);
    byName.get(name)!.push(a, b, c);
  }
  return [...byName].map(([name, triangles]) => ({ name, geometry: geometry.clone().setIndex(triangles) }));
}
