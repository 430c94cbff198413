/** An open laptop. */
import type { BufferGeometry } from 'three';
import { join, rod, slab } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { finish, metallic, moulded, type ThingKind } from '../thing-kind.ts';
import { keyRows, letterRows } from './keys.ts';
import { screenParts } from './screen.ts';

export const laptop: ThingKind = {
  noun: 'laptop',
  synonyms: ['notebook computer'],
  parts: ['screen', 'keyboard'],
  colours: ['grey', 'grey', 'black', 'white', 'pink', 'blue'],
  make(draw, colour) {
    const wide = draw.between(29, 35);
    const deep = wide * draw.between(0.66, 0.72);
    const high = draw.between(1.1, 1.7);
    const body = draw.chance(0.6) && colour !== 'white' ? metallic(draw, colour) : moulded(draw, colour);
    const lean = draw.between(0.15, 0.4);
    const up = (geometry: BufferGeometry) =>
      geometry
        .translate(0, deep / 2, 0)
        .rotateX(Math.PI / 2 - lean)
        .translate(0, deep / 2 - 0.4, high + 0.1);
    const base = slab(roundedOutline(wide, deep, 1.2), high, 0.2);
    const lid = up(slab(roundedOutline(wide, deep, 1.2), 0.8, 0.15).translate(0, 0, -0.5));
    const bezel = up(slab(roundedOutline(wide - 0.5, deep - 0.5, 1), 0.06, 0.02).translate(0, 0, 0.28));
    const hinge = rod([-wide * 0.36, deep / 2 - 0.4, high + 0.1], [wide * 0.36, deep / 2 - 0.4, high + 0.1], 0.5);
    const pitch = (wide * 0.92) / 15;
    const [inner, outer] = keyRows(pitch, letterRows, 0.2);
    const well = slab(roundedOutline(wide * 0.95, pitch * 5.3, 0.4), 0.05, 0.01);
    const dark = colour !== 'white' || draw.chance(0.4);
    const keysAt = (geometry: BufferGeometry) => geometry.translate(0, deep * 0.14, high - 0.02);
    const keys = moulded(draw, dark ? 'black' : 'white');
    const wellLook = moulded(draw, dark && colour !== 'black' ? colour : 'grey');
    const pad = slab(roundedOutline(wide * 0.34, deep * 0.25, 0.4), 0.05, 0.01).translate(0, -deep * 0.33, high - 0.01);
    return {
      colours: [colour],
      material: body.material,
      parts: [
        { geometry: join([base, lid, hinge]), finish: body },
        { geometry: bezel, finish: finish(paintOf('black', draw), { gloss: 0.7, grain: 0 }) },
        { geometry: pad, finish: wellLook },
        { name: 'keyboard', geometry: keysAt(well), finish: wellLook },
        { name: 'keyboard', geometry: keysAt(join([inner, outer])), finish: keys },
        ...screenParts(draw, wide - 2, deep - 2.6, 0.2, (geometry) => up(geometry.translate(0, 0.2, 0.33))),
      ],
    };
  },
};
