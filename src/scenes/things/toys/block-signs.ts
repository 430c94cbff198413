/** Letters and shapes that are printed on toy blocks. */
import { BoxGeometry, type BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join, type Point } from '../../meshes.ts';
import { polygon } from '../forms/outlines.ts';
import { upright } from '../forms/placing.ts';
import { flatShape } from '../forms/solids.ts';

/** Letters of straight strokes, in a box of ±1 by ±1. */
const letters: readonly (readonly [Point, Point][])[] = [
  [
    [
      [-0.8, -1],
      [0, 1],
    ],
    [
      [0.8, -1],
      [0, 1],
    ],
    [
      [-0.45, -0.25],
      [0.45, -0.25],
    ],
  ],
  [
    [
      [-0.6, -1],
      [-0.6, 1],
    ],
    [
      [-0.6, 1],
      [0.6, 1],
    ],
    [
      [-0.6, 0],
      [0.4, 0],
    ],
    [
      [-0.6, -1],
      [0.6, -1],
    ],
  ],
  [
    [
      [-0.7, -1],
      [-0.7, 1],
    ],
    [
      [0.7, -1],
      [0.7, 1],
    ],
    [
      [-0.7, 0],
      [0.7, 0],
    ],
  ],
  [
    [
      [-0.6, -1],
      [-0.6, 1],
    ],
    [
      [-0.6, -0.1],
      [0.7, 1],
    ],
    [
      [-0.3, 0.15],
      [0.7, -1],
    ],
  ],
  [
    [
      [-0.6, -1],
      [-0.6, 1],
    ],
    [
      [-0.6, -1],
      [0.6, -1],
    ],
  ],
  [
    [
      [0, -1],
      [0, 1],
    ],
    [
      [-0.8, 1],
      [0.8, 1],
    ],
  ],
  [
    [
      [-0.8, 1],
      [0.8, 1],
    ],
    [
      [0.8, 1],
      [-0.8, -1],
    ],
    [
      [-0.8, -1],
      [0.8, -1],
    ],
  ],
  [
    [
      [-0.8, 1],
      [0.8, -1],
    ],
    [
      [-0.8, -1],
      [0.8, 1],
    ],
  ],
];

const heart: Point[] = Array.from({ length: 32 }, (_, index): Point => {
  const t = (2 * Math.PI * index) / 32;
  return [Math.sin(t) ** 3, (13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t)) / 16];
});

/** A sign of half size 1 in the xz plane, facing -y. */
export function blockSign(draw: Draw): BufferGeometry {
  if (draw.chance(0.5)) {
    const strokes = draw.pick(letters).map(([a, b]) => {
      const [dx, dz] = [b[0] - a[0], b[1] - a[1]];
      const bar = new BoxGeometry(Math.hypot(dx, dz) + 0.3, 0.1, 0.38).rotateY(-Math.atan2(dz, dx));
      return bar.translate((a[0] + b[0]) / 2, -0.05, (a[1] + b[1]) / 2);
    });
    return join(strokes);
  }
  const outline = draw.pick([
    polygon(28, 0.95),
    polygon(5, 1.1, 0.45),
    polygon(3, 1.1),
    heart,
    polygon(4, 1.1, 1.1, Math.PI / 4),
  ]);
  return upright(flatShape(outline, 0.1));
}
