/** Wall and floor. */
import { roundedBox } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** Half the side of a floor and the height of a wall, cm. */
const roomSize = 400;

export const wall: ThingKind = {
  noun: 'wall',
  synonyms: ['wallpaper'],
  parts: [],
  stuff: true,
  colours: ['beige', 'white', 'grey', 'green', 'blue', 'pink', 'yellow'],
  make(draw, colour) {
    // Faces -y, in the plane y = 0.
    const geometry = roundedBox(2 * roomSize, 4, roomSize, 0.1).translate(0, 2, -100);
    const paint = paintOf(colour, draw);
    const accent = {
      word: colour,
      rgb: paint.rgb.map((value) => value * draw.between(0.8, 0.92)) as unknown as typeof paint.rgb,
    };
    const pattern = draw.pick(['plain', 'stripes', 'tiles', 'dots', 'marble'] as const);
    return {
      colours: [colour],
      parts: [
        { geometry, finish: finish(paint, { accent, pattern, period: draw.between(8, 24), grain: 0.1, gloss: 0 }) },
      ],
    };
  },
};

export const floor: ThingKind = {
  noun: 'floor',
  synonyms: ['ground'],
  parts: [],
  stuff: true,
  colours: ['brown', 'grey', 'beige'],
  make(draw, colour) {
    const geometry = roundedBox(2 * roomSize, 2 * roomSize, 2, 0.1).translate(0, 0, -2);
    const paint = paintOf(colour, draw);
    const accent = { word: colour, rgb: paint.rgb.map((value) => value * 0.6) as unknown as typeof paint.rgb };
    return {
      colours: [colour],
      parts: [
        {
          geometry,
          finish: finish(paint, {
            accent,
            pattern: draw.pick(['tiles', 'wood', 'weave'] as const),
            period: draw.between(10, 30),
            grain: 0.2,
            gloss: 0.1,
          }),
        },
      ],
    };
  },
};
