/** Leaves and twigs that come with fruit. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { paintOf } from '../../palette.ts';
import type { Finish } from '../../scene.ts';
import { weldedSurface } from '../forms/surfaces.ts';
import { finish } from '../thing-kind.ts';

export const leafFinish = (draw: Draw): Finish => finish(paintOf('green', draw), { grain: 0.3, gloss: 0.25 });

/** A leaf from the origin along +y, folded along its midrib and bent by `bend` cm at its tip. */
export function leaf(length: number, width: number, bend: number): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const side = 2 * u - 1;
      const half = (width / 2) * Math.sin(Math.PI * v ** 0.8) ** 0.8;
      return [half * side, length * v, Math.abs(half * side) * 0.35 + bend * v * v];
    },
    8,
    14,
  );
}
