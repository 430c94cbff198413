/** The kitchen shelf: stuff that things stand on. */
import { join, type Point, roundedBox } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { curveThrough } from '../forms/outlines.ts';
import { shaded } from '../forms/paints.ts';
import { smoothSlab } from '../forms/solids.ts';
import { finish, type ThingKind, woodGrain } from '../thing-kind.ts';

/** Where the three boards' top surfaces are, cm. */
const shelfLevels = [0, 32, 64] as const;

export const shelf: ThingKind = {
  noun: 'shelf',
  synonyms: ['shelves', 'kitchen shelf'],
  parts: [],
  stuff: true,
  colours: ['brown', 'beige', 'white', 'grey', 'beige', 'blue'],
  make(draw, colour) {
    const [width, depth, top] = [110, 26, 94];
    const wooden = colour === 'brown' || colour === 'beige';
    const look = wooden
      ? { ...woodGrain(draw, colour), period: draw.between(2, 3) }
      : finish(paintOf(colour, draw), { material: 'wooden', gloss: 0.3, grain: 0.08 });
    const boards = shelfLevels.map((level) => roundedBox(width - 1, depth, 2.4, 0.4).translate(0, 0, level - 2.4));
    const profile: Point[] = [
      [-depth / 2, -4],
      [depth / 2 + 1.5, -4],
      [depth / 2 + 1.5, top],
      [2, top],
      ...curveThrough(
        [
          [-2, top - 0.6],
          [-9, top - 5],
          [-depth / 2 + 0.6, top - 14],
          [-depth / 2, top - 20],
        ],
        10,
      ),
    ];
    const side = (x: number) =>
      smoothSlab(profile, 2.2, 0.3)
        .rotateX(Math.PI / 2)
        .rotateZ(Math.PI / 2)
        .translate(x, 0, 0);
    const planks = Array.from({ length: 10 }, (_, index) =>
      roundedBox(width / 10 - 0.15, 1.5, top + 2, 0.35).translate((index - 4.5) * (width / 10), depth / 2 + 0.75, -3),
    );
    const backLook = { ...look, paint: shaded(look.paint, draw.between(0.78, 0.95)) };
    const gaps = roundedBox(width - 2, 0.6, top, 0.1).translate(0, depth / 2 + 0.9, -2);
    return {
      colours: [colour],
      material: 'wooden',
      parts: [
        { geometry: join(boards), finish: look },
        { geometry: join([side(-width / 2), side(width / 2 - 2.2)]), finish: look },
        { geometry: join(planks), finish: backLook },
        { geometry: gaps, finish: { ...look, paint: shaded(look.paint, 0.3), accent: undefined } },
      ],
    };
  },
};
