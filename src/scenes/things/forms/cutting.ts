/** A mesh cut into meshes by where its triangles are. */
import { BufferAttribute, BufferGeometry } from 'three';
import { join } from '../../meshes.ts';

/** Sorts the triangles of a surface by their middle, into `count` meshes. */
export function panels(
  geometry: BufferGeometry,
  count: number,
  which: (middle: { u: number; v: number; x: number; y: number; z: number }) => number,
): BufferGeometry[] {
  const { position, normal, uv } = geometry.index ? geometry.toNonIndexed().attributes : geometry.attributes;
  const picked: number[][] = Array.from({ length: count }, () => []);
  for (let first = 0; first < position.count; first += 3) {
    const middle = (get: (index: number) => number) => (get(first) + get(first + 1) + get(first + 2)) / 3;
    const panel = which({
      u: middle((index) => uv.getX(index)),
      v: middle((index) => uv.getY(index)),
      x: middle((index) => position.getX(index)),
      y: middle((index) => position.getY(index)),
      z: middle((index) => position.getZ(index)),
    });
    picked[panel].push(first, first + 1, first + 2);
  }
  return picked.map((indices) => {
    const of = (source: typeof position) =>
      new BufferAttribute(
        Float32Array.from(indices.flatMap((index) => [source.getX(index), source.getY(index), source.getZ(index)])),
        3,
      );
    return new BufferGeometry().setAttribute('position', of(position)).setAttribute('normal', of(normal));
  });
}

/**
 * The triangles whose middle is not, and those whose middle is, where `there` says; where they were in `before`, the
 * same triangles before they were moved.
 */
export function split(
  geometry: BufferGeometry,
  there: (x: number, y: number, z: number) => boolean,
  before = geometry,
): [BufferGeometry, BufferGeometry] {
  const { position, normal } = join([geometry]).attributes;
  const place = join([before]).attributes.position;
  const halves = [false, true].map((side) => {
    const [positions, normals]: number[][] = [[], []];
    for (let i = 0; i < position.count; i += 3) {
      const middle = [0, 1, 2].map((axis) => {
        const [a, b, c] = [0, 1, 2].map((corner) => place.getComponent(i + corner, axis));
        return (a + b + c) / 3;
      });
      if (there(middle[0], middle[1], middle[2]) !== side) continue;
      positions.push(...Array.from(position.array.slice(i * 3, i * 3 + 9)));
      normals.push(...Array.from(normal.array.slice(i * 3, i * 3 + 9)));
    }
    return new BufferGeometry()
      .setAttribute('position', new BufferAttribute(new Float32Array(positions), 3))
      .setAttribute('normal', new BufferAttribute(new Float32Array(normals), 3));
  });
  return [halves[0], halves[1]];
}
