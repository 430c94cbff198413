/** Scissors, somewhat open. */
import { join, lathe, type Point, slab, tube } from '../../meshes.ts';
import type { Vec3 } from '../../scene.ts';
import { metallic, moulded, type ThingKind } from '../thing-kind.ts';

/** One half of a pair, cutting edge on the y axis, pivot at the origin; `side` is that of its handle. */
function scissorHalf(long: number, side: number, big: number) {
  const outline: Point[] = [
    [-0.35, -1.6],
    [0.5, -1.6],
    [0.75, -0.6],
    [0.72, 1],
    [0.55, long * 0.55],
    [0.18, long - 0.2],
    [-0.05, long],
    [-0.12, long - 0.3],
    [-0.15, 0.9],
    [-0.5, 0.4],
    [-0.55, -0.6],
  ];
  const blade = slab(
    outline.map(([x, y]): Point => [-side * x, y]),
    0.26,
    0.05,
  );
  const [rx, ry] = [1.5 * big, 2.1 * big];
  const centre: Point = [side * 2.05 * big, -4.1 - ry];
  const loop = Array.from({ length: 16 }, (_, step): Vec3 => {
    const angle = (step / 16) * 2 * Math.PI;
    const [x, y] = [rx * Math.cos(angle), ry * Math.sin(angle)];
    return [centre[0] + x - side * 0.22 * y, centre[1] + y, 0];
  });
  const shank = tube(
    [
      [side * 0.1, -1.2, 0],
      [side * 0.35, -2.4, 0],
      [centre[0] - side * 0.75 * rx, centre[1] + ry * 0.95, 0],
    ],
    0.5,
    16,
  );
  return { blade, handle: join([tube(loop, 0.5, 48, true), shank]).scale(1, 1, 0.8) };
}

export const scissors: ThingKind = {
  noun: 'scissors',
  synonyms: ['pair of scissors'],
  parts: ['handle', 'blade'],
  colours: ['red', 'orange', 'blue', 'green', 'black', 'purple', 'yellow', 'teal', 'pink'],
  make(draw, colour) {
    const long = draw.between(7.5, 10.5);
    const open = draw.between(0.12, 0.42);
    const big = draw.between(0.95, 1.15);
    const halves = [1, -1].map((side, which) => {
      const half = scissorHalf(long, side, which === 0 ? big : big * draw.between(1, 1.2));
      half.blade.translate(0, 0, which === 0 ? 0.28 : 0.54);
      half.handle.translate(0, 0, 0.42);
      for (const geometry of [half.blade, half.handle])
        geometry.rotateZ((side * open) / 2).translate(0, (8.5 - long) / 2, 0);
      return half;
    });
    const screw = lathe(
      [
        [0.42, 0],
        [0.42, 0.1],
        [0.3, 0.18],
        [0, 0.2],
      ],
      20,
    ).translate(0, (8.5 - long) / 2, 0.78);
    return {
      colours: [colour],
      material: 'metal',
      parts: [
        { name: 'handle', geometry: join(halves.map(({ handle }) => handle)), finish: moulded(draw, colour) },
        { name: 'blade', geometry: join(halves.map(({ blade }) => blade)), finish: metallic(draw) },
        { geometry: screw, finish: metallic(draw) },
      ],
    };
  },
};
