/** A soft sheep. */
import { type BufferGeometry, SphereGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { bothSides, pointing, sized } from '../forms/placing.ts';
import { taperedTube } from '../forms/tubes.ts';
import { moulded, type ThingKind } from '../thing-kind.ts';
import { buttonFinish, plushFinish } from './plush.ts';

/** Locks of wool all over an ellipsoid, evenly by the golden angle. */
function wool(draw: Draw, centre: Vec3, radii: Vec3, count: number, lock: number) {
  const locks = Array.from({ length: count }, (_, index) => {
    const z = 1 - (2 * index + 1) / count;
    const turn = index * 2.39996;
    const level = Math.sqrt(1 - z * z);
    const size = lock * draw.between(0.85, 1.2);
    return new SphereGeometry(size, 10, 7).translate(
      centre[0] + radii[0] * level * Math.cos(turn),
      centre[1] + radii[1] * level * Math.sin(turn),
      centre[2] + radii[2] * z,
    );
  });
  return join([ellipsoid(...radii, 18).translate(...centre), ...locks]);
}

function sheepLegs(long: number, leg: number): BufferGeometry {
  const legs = [-1, 1].flatMap((side) =>
    [-0.55, 0.6].map((along) =>
      taperedTube(
        [
          [side * 2.1, along * long, 0.85],
          [side * 2.1, along * long, leg + 1],
        ],
        (t) => 0.85 + 0.25 * t,
        5,
        14,
      ),
    ),
  );
  return join(legs);
}

function sheepSkin(draw: Draw, colour: ColourWord): Finish {
  return plushFinish(
    paintOf(
      colour === 'white' || colour === 'pink'
        ? draw.pick(['black', 'brown', 'beige'])
        : colour === 'black'
          ? 'beige'
          : 'black',
      draw,
    ),
    { grain: 0.15 },
  );
}

export const toySheep: ThingKind = {
  noun: 'toy sheep',
  synonyms: ['sheep', 'toy lamb', 'lamb'],
  parts: ['ear', 'leg'],
  colours: ['white', 'white', 'white', 'beige', 'grey', 'black', 'pink'],
  make(draw, colour) {
    const fleece = plushFinish(paintOf(colour, draw), { grain: 0.2 });
    const skin = sheepSkin(draw, colour);
    const long = draw.between(4.4, 5.6);
    const leg = draw.between(3.2, 4.6);
    const up = leg + 3.4;
    const face = -long - 2.4;
    const ears = bothSides((side) =>
      pointing(
        ellipsoid(1.05, 0.45, 1.9, 16).translate(0, 0, 1.5),
        [side * 1.3, face + 0.6, up + 3.2],
        [side, 0.05, -0.3],
      ),
    );
    const parts: ThingPart[] = [
      { geometry: wool(draw, [0, 0, up], [3.5, long, 3.3], 46, 1.45), finish: fleece },
      { geometry: wool(draw, [0, face + 1, up + 4], [1.5, 1.4, 0.9], 9, 0.85), finish: fleece },
      { geometry: ellipsoid(1.2, 1.2, 1.3, 12).translate(0, long + 1.4, up + 0.8), finish: fleece },
      {
        geometry: ellipsoid(1.85, 2.1, 2.7, 24)
          .rotateX(-0.55)
          .translate(0, face, up + 2.1),
        finish: skin,
      },
      {
        geometry: bothSides((side) => ellipsoid(0.62, 0.4, 0.68, 12).translate(side * 1.05, face - 1.35, up + 3)),
        finish: moulded(draw, 'white'),
      },
      {
        geometry: bothSides((side) => ellipsoid(0.34, 0.3, 0.38, 10).translate(side * 1.05, face - 1.65, up + 3)),
        finish: buttonFinish(draw),
      },
      { name: 'ear', geometry: ears, finish: skin },
      { name: 'leg', geometry: sheepLegs(long, leg), finish: skin },
    ];
    return { colours: [colour], material: 'plush', parts: sized(parts, draw.between(0.8, 1.2)) };
  },
};
