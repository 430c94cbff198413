/** Kettles, for the stove or electric. */
import { moulded, type ThingKind, woodGrain } from '../thing-kind.ts';
import { electricKettle } from './electric-kettle.ts';
import { enamelled } from './pan-wall.ts';
import { stoveKettle } from './stove-kettle.ts';

export const kettle: ThingKind = {
  noun: 'kettle',
  synonyms: [],
  parts: ['spout', 'handle', 'lid'],
  colours: ['red', 'grey', 'teal', 'white', 'blue', 'yellow', 'green', 'black', 'orange'],
  make(draw, colour) {
    const look = enamelled(draw, colour);
    const grip =
      draw.chance(0.3) && colour !== 'black' ? woodGrain(draw) : moulded(draw, colour === 'black' ? 'grey' : 'black');
    const parts = draw.chance(0.65)
      ? stoveKettle(draw, look, grip)
      : electricKettle(draw, look, moulded(draw, colour === 'black' ? 'grey' : 'black'));
    return { colours: [colour], material: 'metal', parts };
  },
};
