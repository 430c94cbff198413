/** A ruler with its marks. */
import { cylinder, join, slab } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { finish, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';

export const ruler: ThingKind = {
  noun: 'ruler',
  synonyms: [],
  parts: [],
  colours: ['yellow', 'brown', 'beige', 'grey', 'blue', 'red', 'green', 'pink', 'white'],
  make(draw, colour) {
    const centimetres = draw.pick([15, 20, 30]);
    const [long, wide, thick] = [centimetres + 1.2, draw.between(2.8, 3.8), draw.between(0.3, 0.45)];
    const look =
      colour === 'brown' || colour === 'beige'
        ? woodGrain(draw, colour)
        : colour === 'grey'
          ? metallic(draw)
          : moulded(draw, colour);
    const body = slab(roundedOutline(long - 0.12, wide - 0.12, 0.2, 3), thick, 0.06);
    const edge = wide / 2 - 0.05;
    const marks = Array.from({ length: centimetres * 2 + 1 }, (_, half) => {
      const tall = half % 10 === 0 ? 1.25 : half % 2 === 0 ? 0.85 : 0.45;
      return cylinder(0.5, 0.5, 1, 4)
        .rotateZ(Math.PI / 4)
        .scale(half % 2 === 0 ? 0.14 : 0.1, tall * 1.41, 0.03)
        .translate(half / 2 - centimetres / 2, edge - tall / 2, thick - 0.005);
    });
    const hole = cylinder(0.35, 0.35, 0.03, 20).translate(long / 2 - 0.8, -wide * 0.22, thick - 0.005);
    const light = colour === 'blue' || colour === 'brown' || colour === 'red' || colour === 'green';
    const ink = finish(paintOf(light ? 'white' : 'black', draw), { gloss: 0.1, grain: 0 });
    return {
      colours: [colour],
      material: look.material,
      parts: [
        { geometry: body, finish: look },
        { geometry: join([...marks, hole]), finish: ink },
      ],
    };
  },
};
