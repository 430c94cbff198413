/** A computer keyboard. */
import { join, roundedBox, slab } from '../../meshes.ts';
import type { ColourWord } from '../../palette.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { moulded, type ThingKind } from '../thing-kind.ts';
import { otherColour } from './colours.ts';
import { keyRows, letterRows } from './keys.ts';

// Widths of the keys in key pitches; negative: a gap.
const functionRow = [1, -1, 1, 1, 1, 1, -0.5, 1, 1, 1, 1, -0.5, 1, 1, 1, 1];

const withPad = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row, -0.4, 1, 1, 1]);

export const keyboard: ThingKind = {
  noun: 'keyboard',
  synonyms: ['computer keyboard'],
  parts: ['key'],
  colours: ['black', 'black', 'white', 'grey', 'pink', 'teal', 'beige'],
  make(draw, colour) {
    const rows = draw.pick([
      letterRows,
      withPad(letterRows),
      [functionRow, ...letterRows],
      withPad([functionRow, ...letterRows]),
    ]);
    const pitch = draw.between(1.8, 1.95);
    const wide = pitch * rows[1].reduce((sum, width) => sum + Math.abs(width), 0) + 1.4;
    const deep = pitch * rows.length + draw.pick([1.4, 2, 3]);
    const [inner, outer] = keyRows(pitch, rows, draw.between(0.5, 0.9));
    const keyColour: ColourWord =
      colour === 'black'
        ? draw.pick(['black', 'grey', 'white'])
        : draw.pick(colour === 'white' ? ['white', 'grey'] : ['white', 'black', colour]);
    const keys = moulded(draw, keyColour);
    const marked = draw.chance(0.4)
      ? moulded(draw, otherColour(draw, colour, ['orange', 'grey', 'teal', 'red', 'pink']))
      : keys;
    const tilt = draw.between(0.05, 0.1);
    const body = slab(roundedOutline(wide, deep, draw.between(0.5, 1.2)), draw.between(1.1, 1.6), 0.2);
    body.computeBoundingBox();
    const top = body.boundingBox!.max.z - 0.08;
    const lift = (deep / 2) * Math.sin(tilt);
    const feet = [-1, 1].map((side) =>
      roundedBox(2, 0.8, 2 * lift + 0.2, 0.2).translate(side * wide * 0.4, deep * 0.44, 0),
    );
    for (const part of [body, inner, outer])
      part
        .translate(0, part === body ? 0 : (pitch * rows.length + 1.4 - deep) / 2, part === body ? 0 : top)
        .rotateX(tilt)
        .translate(0, 0, lift);
    return {
      colours: keyColour === colour ? [colour] : [colour, keyColour],
      material: 'plastic',
      parts: [
        { geometry: join([body, ...feet]), finish: moulded(draw, colour) },
        { name: 'key', geometry: inner, finish: keys },
        { name: 'key', geometry: outer, finish: marked },
      ],
    };
  },
};
