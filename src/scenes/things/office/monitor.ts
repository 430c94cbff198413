/** A monitor on its stand. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, lathe, slab, tube } from '../../meshes.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { metallic, moulded, type ThingKind } from '../thing-kind.ts';
import { screenParts } from './screen.ts';

function monitorStand(draw: Draw, wide: number, tall: number, lift: number): BufferGeometry[] {
  return draw.pick([
    () => [
      slab(roundedOutline(wide * 0.46, 18, 2), 1.2, 0.3).translate(0, 2, 0),
      slab(roundedOutline(6, 2.2, 0.9), lift + tall * 0.45, 0.2).translate(0, 5, 0.5),
    ],
    () => [
      lathe(
        [
          [0, 0],
          [11, 0],
          [11.2, 0.4],
          [10.8, 0.9],
          [3, 1.6],
          [0, 1.7],
        ],
        48,
      ).translate(0, 3, 0),
      cylinder(2, 1.7, lift + tall * 0.45).translate(0, 5, 0.5),
    ],
    () =>
      [-1, 1].map((side) =>
        tube(
          [
            [side * wide * 0.33, -6, 0.8],
            [side * wide * 0.2, 0, 0.9],
            [side * wide * 0.1, 4, 1.6],
            [side * 1.2, 5.5, lift * 0.8],
            [side * 1, 4.5, lift + tall * 0.4],
          ],
          0.8,
        ),
      ),
  ])();
}

export const monitor: ThingKind = {
  noun: 'monitor',
  synonyms: ['computer monitor', 'display'],
  parts: ['screen', 'stand'],
  colours: ['black', 'black', 'grey', 'white'],
  make(draw, colour) {
    const wide = draw.between(44, 56);
    const tall = wide * draw.between(0.56, 0.64);
    const lift = draw.between(9, 13);
    const chin = draw.pick([1.2, 2, 4]);
    const up = (geometry: BufferGeometry, y = 0, z = 0) =>
      geometry.rotateX(Math.PI / 2 - 0.06).translate(0, y, lift + tall / 2 + z);
    const case_ = slab(roundedOutline(wide, tall, 0.8), 1.6, 0.25);
    const back = slab(roundedOutline(wide * 0.6, tall * 0.55, 3), 2.6, 0.8).translate(0, 0, -2.4);
    const body = moulded(draw, colour);
    const standLook = draw.chance(0.5)
      ? metallic(draw, colour === 'black' ? draw.pick(['grey', 'black']) : 'grey')
      : body;
    const stand = monitorStand(draw, wide, tall, lift);
    return {
      colours: [colour],
      material: 'plastic',
      parts: [
        { geometry: join([up(case_), up(back)]), finish: body },
        { name: 'stand', geometry: join(stand), finish: standLook },
        ...screenParts(draw, wide - 1.6, tall - 0.8 - chin, 0.2, (geometry) =>
          up(geometry.translate(0, chin / 2 - 0.4, 1.6)),
        ),
      ],
    };
  },
};
