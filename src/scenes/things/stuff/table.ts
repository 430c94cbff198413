/** The table that things stand on. */
import { roundedBox } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { finish, type ThingKind, woodGrain } from '../thing-kind.ts';

export const table: ThingKind = {
  noun: 'table',
  synonyms: ['desk', 'tabletop', 'table top'],
  parts: [],
  stuff: true,
  colours: ['brown', 'beige', 'white', 'grey', 'brown'],
  make(draw, colour) {
    // The top's surface is z = 0.
    const top = roundedBox(130, 90, 4, 0.8).translate(0, 0, -4);
    const look =
      colour === 'white' || colour === 'grey'
        ? finish(paintOf(colour, draw), { material: 'stone' })
        : woodGrain(draw, colour);
    return { colours: [colour], material: look.material, parts: [{ geometry: top, finish: look }] };
  },
};
