/** The wall and the enamel that pots, pans and kettles share. */
import type { Draw } from '../../draw.ts';
import type { Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { creasedLathe } from '../forms/solids.ts';
import { finish, metallic } from '../thing-kind.ts';

/** Bare steel where grey, else enamel. */
export const enamelled = (draw: Draw, colour: ColourWord): Finish =>
  colour === 'grey'
    ? metallic(draw)
    : finish(paintOf(colour, draw), { material: 'metal', gloss: draw.between(0.7, 0.95), grain: 0.03 });

/** A round pan's wall with a rounded bottom edge, outside and inside, open at the top. */
export function panWall(bottom: number, top: number, height: number, wall: number) {
  const outside: Point[] = [
    [0, 0],
    ...curveThrough(
      [
        [bottom - 1.4, 0],
        [bottom - 0.4, 0.35],
        [bottom, 1.4],
        [top, height],
      ],
      12,
    ),
  ];
  const inside: Point[] = [
    [top, height],
    [top - wall, height],
    ...curveThrough(
      [
        [bottom - wall, 1.6],
        [bottom - wall - 0.5, wall + 0.3],
        [bottom - wall - 1.6, wall],
      ],
      8,
    ),
    [0, wall],
  ];
  return { outside: creasedLathe(outside, 56), inside: creasedLathe(inside, 56) };
}
