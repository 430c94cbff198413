/** Leaves of house plants, and how they grow. */
import { BufferAttribute, BufferGeometry, CatmullRomCurve3, TubeGeometry, Vector3 } from 'three';
import type { Draw } from '../../draw.ts';
import type { Vec3 } from '../../scene.ts';

/** How a leaf grows: it starts at `rise` above the ground and comes down by `bend` on its way, radians. */
interface Leaf {
  long: number;
  wide: number;
  rise: number;
  bend: number;
  /** How far its edges are folded up, in widths. */
  fold: number;
  /** Half its width (0..1) along it (0..1). */
  shape(t: number): number;
  /** Makes it as thick as this in the middle, in widths. */
  thick?: number;
}

const oval = (t: number) => Math.sin(Math.PI * t ** 0.85) ** 0.8;

const lance = (t: number) => Math.min(1, 0.55 + 1.4 * t) * (1 - t) ** 0.55;

/** Grows from the origin towards +x. */
function leafMesh({ long, wide, rise, bend, fold, shape, thick = 0 }: Leaf): BufferGeometry {
  const [steps, across] = [9, 4];
  const positions: number[] = [];
  const index: number[] = [];
  let [x, z] = [0, 0];
  for (let step = 0; step <= steps; step++) {
    const angle = rise - (bend * step) / steps;
    const half = (wide / 2) * Math.max(0.03, shape(step / steps));
    for (let side = 0; side < 2; side++)
      for (let column = 0; column <= across; column++) {
        const v = (column / across) * 2 - 1;
        const up = fold * Math.abs(v) ** 1.5 * half - (side * 2 - 1) * -thick * (1 - v * v) * half;
        positions.push(x - Math.sin(angle) * up, v * half, z + Math.cos(angle) * up);
      }
    x += (Math.cos(angle) * long) / steps;
    z += (Math.sin(angle) * long) / steps;
  }
  const row = 2 * (across + 1);
  for (let step = 0; step < steps; step++)
    for (let side = 0; side < (thick > 0 ? 2 : 1); side++)
      for (let column = 0; column < across; column++) {
        const a = step * row + side * (across + 1) + column;
        index.push(a, a + 1, a + row, a + 1, a + row + 1, a + row);
      }
  const leaf = new BufferGeometry()
    .setAttribute('position', new BufferAttribute(Float32Array.from(positions), 3))
    .setIndex(index);
  leaf.computeVertexNormals();
  return leaf;
}

type Foliage = (draw: Draw, size: number) => { leaves: BufferGeometry[]; stems: BufferGeometry[] };

/** All from the middle: an aloe or an agave. */
export const rosette: Foliage = (draw, size) => {
  const leaves = Array.from({ length: 26 }, (_, which) => {
    const inner = which / 26;
    const leaf = leafMesh({
      long: size * (0.75 + 0.35 * inner) * draw.between(0.9, 1.1),
      wide: size * 0.22,
      rise: 0.35 + 1.15 * inner,
      bend: -0.25,
      fold: 0.25,
      thick: 0.22,
      shape: lance,
    });
    return leaf.translate(size * 0.04, 0, 0).rotateZ(which * 2.4);
  });
  return { leaves, stems: [] };
};

/** Swords that stand: a snake plant. */
export const swords: Foliage = (draw, size) => {
  const leaves = Array.from({ length: draw.integer(9, 13) }, (_, which) => {
    const out = 0.06 * Math.sqrt(which);
    const leaf = leafMesh({
      long: size * draw.between(0.9, 1.75),
      wide: size * 0.24,
      rise: 1.5 - 2 * out,
      bend: draw.between(-0.1, 0.15),
      fold: 0.45,
      shape: lance,
    });
    return leaf.translate(size * out, 0, 0).rotateZ(which * 2.4);
  });
  return { leaves, stems: [] };
};

/** Broad leaves, each on its stem. */
export const bush: Foliage = (draw, size) => {
  const [leaves, stems]: [BufferGeometry[], BufferGeometry[]] = [[], []];
  const count = draw.integer(15, 20);
  const wide = draw.between(0.38, 0.55);
  for (let which = 0; which < count; which++) {
    const inner = which / count;
    const angle = which * 2.4 + draw.between(-0.2, 0.2);
    const [out, up] = [size * (0.42 - 0.34 * inner), size * (0.2 + 0.75 * inner)];
    const end: Vec3 = [out * Math.cos(angle), out * Math.sin(angle), up];
    const way = [[0, 0, -0.5], [end[0] * 0.35, end[1] * 0.35, up * 0.6], end].map(([x, y, z]) => new Vector3(x, y, z));
    stems.push(new TubeGeometry(new CatmullRomCurve3(way), 8, 0.16, 6));
    const leaf = leafMesh({
      long: size * draw.between(0.6, 0.75),
      wide: size * wide,
      rise: 0.35 + 0.7 * inner,
      bend: 1.1,
      fold: 0.22,
      shape: oval,
    });
    leaves.push(leaf.rotateZ(angle).translate(...end));
  }
  return { leaves, stems };
};
