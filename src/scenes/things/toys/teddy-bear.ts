/** A teddy bear, sitting, sometimes dressed. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, ring, tube } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { tinted } from '../forms/paints.ts';
import { bothSides, sized } from '../forms/placing.ts';
import { fuzzy } from '../forms/surfaces.ts';
import { taperedTube } from '../forms/tubes.ts';
import type { ThingKind } from '../thing-kind.ts';
import { buttonFinish, clothesFinish, otherClothesColour, plushFinish } from './plush.ts';

/** What a bear wears about its neck or body. */
function bearClothes(draw: Draw, colour: ColourWord, girth: number): ThingPart[] {
  const look = clothesFinish(draw, otherClothesColour(draw, colour));
  const neck = ring(3.5, 0.75, 28).scale(1.05, 0.95, 1).translate(0, -0.4, 10.9);
  switch (draw.pick(['nothing', 'bow', 'bow', 'scarf', 'vest'])) {
    case 'bow': {
      const wings = bothSides((side) =>
        fuzzy(ellipsoid(1.7, 0.7, 1.25, 18), 0.2)
          .rotateY(side * -0.25)
          .translate(side * 1.75, -4.9, 10.7),
      );
      return [{ geometry: join([wings, ellipsoid(0.7, 0.7, 0.75, 12).translate(0, -5.2, 10.7)]), finish: look }];
    }
    case 'scarf': {
      const tail = ellipsoid(1.1, 0.5, 2.8, 16).rotateY(0.2).translate(-1.6, -4.7, 8.6);
      return [{ geometry: join([neck, tail]), finish: look }];
    }
    case 'vest':
      return [{ geometry: ellipsoid(5.3 * girth, 4.95 * girth, 4.5, 28).translate(0, -0.1, 7.4), finish: look }];
    default:
      return [];
  }
}

function bearBody(girth: number, head: number): BufferGeometry[] {
  return [
    fuzzy(ellipsoid(5 * girth, 4.5 * girth, 6.2, 28).translate(0, 0, 6.1)),
    fuzzy(ellipsoid(4.9 * head, 4.4 * head, 4.4 * head, 28).translate(0, -0.6, 14.6)),
    bothSides((side) =>
      taperedTube(
        [
          [side * 4.2, -0.5, 10],
          [side * 6.6, -1.8, 7.8],
          [side * 6.3, -4.6, 5.6],
        ],
        (t) => 1.65 + 0.4 * t,
        10,
      ),
    ),
    bothSides((side) =>
      taperedTube(
        [
          [side * 2.8, -1, 2.6],
          [side * 4.2, -7, 2.5],
        ],
        () => 2.4,
        6,
      ),
    ),
  ];
}

function bearMouth(): BufferGeometry {
  return join([
    tube(
      [
        [0, -6.35, 13.9],
        [0, -6.3, 13.2],
      ],
      0.13,
      4,
    ),
    tube(
      [
        [-0.9, -5.9, 12.9],
        [-0.4, -6.2, 12.75],
        [0, -6.3, 13.2],
        [0.4, -6.2, 12.75],
        [0.9, -5.9, 12.9],
      ],
      0.13,
      14,
    ),
  ]);
}

export const teddyBear: ThingKind = {
  noun: 'teddy bear',
  synonyms: ['teddy', 'toy bear', 'stuffed bear'],
  parts: ['ear', 'nose', 'foot'],
  colours: ['brown', 'brown', 'beige', 'white', 'pink', 'grey', 'blue'],
  make(draw, colour) {
    const paint = paintOf(colour, draw);
    const fur = plushFinish(paint);
    const pale = plushFinish(
      colour === 'beige' || colour === 'white' ? tinted(paintOf('brown', draw), 0.35) : tinted(paint, 0.55),
    );
    const girth = draw.between(0.92, 1.12);
    const head = draw.between(0.95, 1.1);
    const body = bearBody(girth, head);
    const eyes = bothSides((side) => ellipsoid(0.6, 0.45, 0.65, 14).translate(side * 1.8 * head, -4.55 * head, 15.6));
    const mouth = bearMouth();
    const ear = draw.between(1.8, 2.3);
    const ears = bothSides((side) =>
      fuzzy(ellipsoid(ear, 1.1, ear, 20).translate(side * 3.8 * head, 0, 17.8 * head ** 0.3)),
    );
    const innerEars = bothSides((side) =>
      ellipsoid(ear * 0.62, 0.5, ear * 0.62, 16).translate(side * 3.8 * head, -0.85, 17.8 * head ** 0.3),
    );
    const feet = bothSides((side) => fuzzy(ellipsoid(2.4, 1.6, 3, 22).translate(side * 4.4, -8, 3)));
    const pads = bothSides((side) => ellipsoid(1.5, 0.5, 1.9, 16).translate(side * 4.4, -9.3, 3));
    const parts: ThingPart[] = [
      { geometry: join(body), finish: fur },
      { geometry: fuzzy(ellipsoid(3.5 * girth, 1.6, 4.2, 24).translate(0, -3.3 * girth, 5.9), 0.25), finish: pale },
      { geometry: fuzzy(ellipsoid(2.4, 2, 1.8, 24).translate(0, -4.4, 13.5), 0.2), finish: pale },
      { geometry: eyes, finish: buttonFinish(draw) },
      { geometry: mouth, finish: buttonFinish(draw) },
      { name: 'ear', geometry: ears, finish: fur },
      { name: 'ear', geometry: innerEars, finish: pale },
      {
        name: 'nose',
        geometry: ellipsoid(1.05, 0.65, 0.75, 16).translate(0, -6.15, 14.4),
        finish: buttonFinish(draw, draw.pick(['black', 'black', 'brown'])),
      },
      { name: 'foot', geometry: feet, finish: fur },
      { name: 'foot', geometry: pads, finish: pale },
      ...bearClothes(draw, colour, girth),
    ];
    return { colours: [colour], material: 'plush', parts: sized(parts, draw.between(0.85, 1.35)) };
  },
};
