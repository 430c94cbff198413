/** The surface of a soup. */
import { TorusGeometry } from 'three';
import { ellipsoid, join, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { mixed, shaded } from '../forms/paints.ts';
import { creasedLathe } from '../forms/solids.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

export const soup: ThingKind = {
  noun: 'soup',
  synonyms: ['broth'],
  parts: [],
  colours: ['brown', 'orange', 'brown', 'beige'],
  make(draw, colour) {
    const radius = draw.between(8.3, 8.7);
    const level = 0.4;
    const paint = colour === 'brown' ? mixed(paintOf(colour, draw), [0.45, 0.18, 0.04], 0.35) : paintOf(colour, draw);
    const swirl = {
      accent: shaded(paint, colour === 'beige' ? 0.9 : 1.22),
      pattern: 'marble' as const,
      period: draw.between(5, 8),
    };
    const disc = creasedLathe(
      [
        [0, 0],
        [radius, 0],
        [radius, level + 0.08],
        [radius - 0.25, level],
        [0, level],
      ],
      56,
    );
    const anywhere = (): Point => {
      const [r, turn] = [radius * 0.92 * Math.sqrt(draw.next()), draw.between(0, 2 * Math.PI)];
      return [r * Math.cos(turn), r * Math.sin(turn)];
    };
    const oil = Array.from({ length: draw.integer(24, 36) }, () => {
      const size = draw.between(0.25, 1) * draw.between(0.5, 1);
      return ellipsoid(size, size, 0.05, 10).translate(...anywhere(), level);
    });
    const onions = Array.from({ length: draw.integer(9, 16) }, () =>
      new TorusGeometry(draw.between(0.3, 0.42), 0.12, 6, 12)
        .rotateX(draw.between(-0.3, 0.3))
        .translate(...anywhere(), level + 0.06),
    );
    const green = finish(mixed(paintOf('green', draw), [0.5, 0.75, 0.3], 0.25), { gloss: 0.4 });
    const oily = mixed(paint, [0.95, 0.62, 0.16], 0.5);
    return {
      colours: [colour],
      parts: [
        { geometry: disc, finish: finish(paint, { ...swirl, gloss: 0.9, grain: 0.05 }) },
        { geometry: join(oil), finish: finish(oily, { gloss: 1, grain: 0 }) },
        ...(draw.chance(0.65) ? [{ geometry: join(onions), finish: green }] : []),
      ],
    };
  },
};
