/** A mound of noodles. */
import type { Draw } from '../../draw.ts';
import { join, lathe, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Vec3 } from '../../scene.ts';
import { mixed, shaded } from '../forms/paints.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** How high a mound of noodles is at a distance from its middle. */
const moundHeight = (top: number, distance: number) => top * Math.max(0, 1 - (distance / 7.3) ** 2) ** 0.75;

/** Parallel strands along a path over the mound, given as [x, y] along 0..1 for a sideways offset. */
function strandsAlong(
  draw: Draw,
  count: number,
  radius: number,
  top: number,
  path: (along: number, offset: number) => Point,
) {
  const lift = draw.between(0, 0.35);
  const phase = draw.between(0, 6);
  return Array.from({ length: count }, (_, strand) => {
    const offset = (strand - (count - 1) / 2) * radius * 2.05;
    const [start, end] = [draw.between(0, 0.12), draw.between(0.9, 1)];
    const points = Array.from({ length: 9 }, (_, step): Vec3 => {
      const along = start + (end - start) * (step / 8);
      const [x, y] = path(along, offset + 0.16 * Math.sin(along * 19 + phase + strand * 0.4));
      const z =
        moundHeight(top, Math.hypot(x, y)) + lift + 0.14 * Math.sin(along * 15 + phase) + draw.between(-0.07, 0.07);
      return [x, y, Math.max(radius, z)];
    });
    return radiiTube(points, [radius, radius], 17, 5);
  });
}

/** Strands that run around the mound, `distance` from its middle. */
function coil(draw: Draw, count: number, radius: number, top: number, distance: number, from: number) {
  const span = draw.between(2.9, 3.6);
  return strandsAlong(draw, count, radius, top, (along, offset) => {
    const r = Math.min(6.9, distance + offset + 0.45 * Math.sin(along * 5 + from));
    const turn = from + span * along;
    return [r * Math.cos(turn), r * Math.sin(turn)];
  });
}

/** Strands that run across the mound with a bend. */
function crossing(draw: Draw, count: number, radius: number, top: number) {
  const [turn, sideways, bend] = [draw.between(0, 2 * Math.PI), draw.between(-2.6, 2.6), draw.between(-2.2, 2.2)];
  return strandsAlong(draw, count, radius, top, (along, offset) => {
    const x = (2 * along - 1) * 5.6;
    const y = sideways + offset + bend * Math.cos(x * 0.5) - 0.3 * bend;
    const shrink = Math.min(1, 6.8 / Math.hypot(x, y));
    const [cos, sin] = [shrink * Math.cos(turn), shrink * Math.sin(turn)];
    return [x * cos - y * sin, x * sin + y * cos];
  });
}

export const noodles: ThingKind = {
  noun: 'noodles',
  synonyms: ['ramen noodles', 'noodle'],
  parts: [],
  colours: ['yellow', 'yellow', 'beige', 'beige', 'white'],
  make(draw, colour) {
    const paint = mixed(paintOf(colour, draw), [0.9, 0.72, 0.36], { white: 0.1, beige: 0.2 }[colour as string] ?? 0.4);
    const radius = draw.between(0.27, 0.36);
    const top = draw.between(2.2, 3.2);
    const heap = lathe([
      [6.4, 0],
      ...[6, 5, 4, 3, 2, 1, 0].map((r): Point => [r, Math.max(0.05, moundHeight(top, r) - 0.25)]),
    ]);
    const look = (factor: number) => finish(shaded(paint, factor), { gloss: 0.55, grain: 0.06 });
    const bundles = [
      ...[6.4, 5.5, 4.5, 3.5, 2.3].flatMap((distance) => {
        const from = draw.between(0, 2 * Math.PI);
        return [from, from + Math.PI].map((start) => coil(draw, 3, radius, top, distance, start));
      }),
      ...[0, 1, 2, 3].map((level) => crossing(draw, 3, radius, top + 0.15 * level)),
    ];
    return {
      colours: [colour],
      parts: [
        { geometry: heap, finish: look(0.7) },
        ...bundles.map((strands) => ({ geometry: join(strands), finish: look(draw.between(0.86, 1.04)) })),
      ],
    };
  },
};
