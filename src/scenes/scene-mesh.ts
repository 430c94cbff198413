/**
 * A scene as one triangle mesh with a bounding-volume hierarchy (three-mesh-bvh): which part a ray hits first, where and
 * with which normal.
 */
import { BufferAttribute, BufferGeometry, Matrix4 } from 'three';
import { MeshBVH, SAH } from 'three-mesh-bvh';
import { join } from './meshes.ts';
import { RayCaster } from './ray-cast.ts';
import type { Finish, PlacedThing, SceneDescription } from './scene.ts';
import { type ScenePart, sceneParts } from './scene-parts.ts';

/** One mesh of a part, with its own finish. */
export interface Surface {
  part: ScenePart;
  finish: Finish;
  /** [12] row-major scene → thing. */
  toThing: Float64Array;
}

export interface Hit {
  distance: number;
  surface: Surface;
  /** Unit normal, on the side that the ray came from. */
  nx: number;
  ny: number;
  nz: number;
}

export function placement({ at, yaw, pitch = 0, size = 1 }: PlacedThing): Matrix4 {
  return new Matrix4()
    .makeTranslation(...at)
    .multiply(new Matrix4().makeRotationX(pitch))
    .multiply(new Matrix4().makeRotationZ(yaw))
    .multiply(new Matrix4().makeScale(size, size, size));
}

export class SceneMesh {
  readonly parts: ScenePart[];
  readonly surfaces: Surface[] = [];
  private readonly caster: RayCaster;
  /** [vertices] index into `surfaces`. */
  private readonly surfaceOfVertex: Uint16Array;
  private readonly normals: Float32Array;
  private readonly positions: Float32Array;
  private readonly index: ArrayLike<number>;

  constructor({ things }: Pick<SceneDescription, 'things'>) {
    this.parts = sceneParts(things);
    const geometries: BufferGeometry[] = [];
    const counts: number[] = [];
    for (const [index, placed] of things.entries()) {
      const matrix = placement(placed);
      for (const [geometry, surface] of this.surfacesOf(placed, index + 1, matrix)) {
        const plain = join([geometry]).applyMatrix4(matrix);
        geometries.push(plain);
        counts.push(plain.attributes.position.count);
        this.surfaces.push(surface);
      }
    }
    this.positions = concatenated(geometries, 'position');
    this.normals = concatenated(geometries, 'normal');
    this.surfaceOfVertex = new Uint16Array(this.positions.length / 3);
    let start = 0;
    for (const [surface, count] of counts.entries()) {
      this.surfaceOfVertex.fill(surface, start, start + count);
      start += count;
    }
    const whole = new BufferGeometry().setAttribute('position', new BufferAttribute(this.positions, 3));
    // Reorders the triangles; vertices stay where they are.
    const bvh = new MeshBVH(whole, { strategy: SAH, targetLeafSize: 2, setBoundingBox: false });
    this.caster = new RayCaster(bvh, this.positions);
    this.index = whole.index!.array;
  }

  private surfacesOf({ thing }: PlacedThing, instance: number, matrix: Matrix4): [BufferGeometry, Surface][] {
    const e = matrix.clone().invert().elements;
    const toThing = Float64Array.from([0, 1, 2].flatMap((row) => [e[row], e[row + 4], e[row + 8], e[row + 12]]));
    return thing.parts.map(({ name, geometry, finish }) => {
      const part = this.parts.find((other) => other.instance === instance && other.name === name)!;
      return [geometry, { part, finish, toThing }];
    });
  }

  /** First surface along the unit direction; undefined when there is none. */
  hit(origin: ArrayLike<number>, dx: number, dy: number, dz: number): Hit | undefined {
    const distance = this.caster.cast(origin, dx, dy, dz, 0, Infinity);
    if (distance === Infinity) return undefined;
    const face = this.caster.triangle * 3;
    const surface = this.surfaces[this.surfaceOfVertex[this.index[face]]];
    const hit: Hit = { distance, surface, nx: 0, ny: 0, nz: 0 };
    this.interpolateNormal(face, hit);
    if (hit.nx * dx + hit.ny * dy + hit.nz * dz > 0) [hit.nx, hit.ny, hit.nz] = [-hit.nx, -hit.ny, -hit.nz];
    return hit;
  }

  /** Points of the surface of an instance, about `count` of its vertices in even steps: [points, 3], scene cm. */
  pointsOf(instance: number, count: number): Float32Array {
    const own: number[] = [];
    for (const [vertex, surface] of this.surfaceOfVertex.entries())
      if (this.surfaces[surface].part.instance === instance) own.push(vertex);
    const step = Math.max(1, own.length / count);
    const points: number[] = [];
    for (let at = 0; at < own.length; at += step)
      for (let axis = 0; axis < 3; axis++) points.push(this.positions[own[Math.floor(at)] * 3 + axis]);
    return Float32Array.from(points);
  }

  /** Distance to the first thing between `from` and `reach` along the unit direction; `reach` when there is none. */
  free(origin: ArrayLike<number>, dx: number, dy: number, dz: number, from: number, reach: number): number {
    return Math.min(reach, this.caster.cast(origin, dx, dy, dz, from, reach));
  }

  /** Is something between `from` and `reach` along the unit direction? */
  blocked(origin: ArrayLike<number>, dx: number, dy: number, dz: number, from: number, reach: number): boolean {
    return this.caster.cast(origin, dx, dy, dz, from, reach, true) < Infinity;
  }

  private interpolateNormal(face: number, hit: Hit): void {
    const { normals: n, index } = this;
    const [a, b, c] = [index[face] * 3, index[face + 1] * 3, index[face + 2] * 3];
    const { second: s, third: t } = this.caster;
    const r = 1 - s - t;
    const x = r * n[a] + s * n[b] + t * n[c];
    const y = r * n[a + 1] + s * n[b + 1] + t * n[c + 1];
    const z = r * n[a + 2] + s * n[b + 2] + t * n[c + 2];
    const length = Math.sqrt(x * x + y * y + z * z) || 1;
    hit.nx = x / length;
    hit.ny = y / length;
    hit.nz = z / length;
  }
}

/** All vertices of one attribute, one mesh after the other. */
function concatenated(geometries: readonly BufferGeometry[], attribute: 'position' | 'normal'): Float32Array {
  const arrays = geometries.map((geometry) => geometry.attributes[attribute].array);
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const array of arrays) {
    all.set(array, start);
    start += array.length;
  }
  return all;
}
