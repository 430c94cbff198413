/** A soft elephant. */
import type { BufferGeometry } from 'three';
import { ellipsoid, join } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';
import { bothSides, sized } from '../forms/placing.ts';
import { fuzzy } from '../forms/surfaces.ts';
import { taperedTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { buttonFinish, clothesFinish, otherClothesColour, plushFinish } from './plush.ts';

/** Curves that the trunk may follow, from the face. */
const trunks: readonly (readonly Vec3[])[] = [
  [
    [0, -8.2, 10],
    [0, -10.6, 8.4],
    [0, -11.1, 5],
    [0, -12.4, 3.2],
    [0, -13.8, 4],
  ],
  [
    [0, -8.2, 9.8],
    [0, -11, 8.2],
    [0, -13.4, 9.6],
    [0, -13.6, 12.6],
    [0, -12.4, 14.2],
  ],
  [
    [0, -8.2, 10],
    [0, -10.4, 8.2],
    [0, -10.8, 5],
    [0, -9.9, 2.6],
  ],
];

function elephantLegs() {
  const places = [
    [-2.5, -2.6],
    [2.5, -2.6],
    [-2.5, 4.4],
    [2.5, 4.4],
  ];
  const legs = places.map(([x, y]) =>
    fuzzy(
      taperedTube(
        [
          [x, y, 1],
          [x, y, 6.5],
        ],
        () => 1.95,
        6,
      ),
      0.15,
    ).translate(0, 0, 0.9),
  );
  const nails = places.flatMap(([x, y]) =>
    [-0.9, 0, 0.9].map((turn) =>
      ellipsoid(0.5, 0.35, 0.5, 10).translate(x + 1.75 * Math.sin(turn), y - 1.75 * Math.cos(turn), 0.7),
    ),
  );
  return { legs, nails };
}

function elephantTail(): BufferGeometry {
  return taperedTube(
    [
      [0, 6.8, 9],
      [0, 8.2, 7.4],
      [0, 8.4, 5.4],
    ],
    (t) => 0.35 + 0.35 * t ** 4,
    10,
    10,
  );
}

function elephantTusks(): BufferGeometry {
  return bothSides((side) =>
    taperedTube(
      [
        [side * 1.7, -8.2, 9.2],
        [side * 2, -9.8, 8.4],
        [side * 2, -10.8, 8.7],
      ],
      (t) => 0.45 - 0.25 * t,
      8,
      10,
    ),
  );
}

export const toyElephant: ThingKind = {
  noun: 'toy elephant',
  synonyms: ['elephant'],
  parts: ['trunk', 'ear', 'leg'],
  colours: ['grey', 'grey', 'blue', 'pink', 'purple', 'teal', 'white'],
  make(draw, colour) {
    const paint = paintOf(colour, draw);
    const skin = plushFinish(paint, { grain: 0.22 });
    const inside = plushFinish(colour === 'pink' ? paintOf('white', draw) : paintOf('pink', draw), { grain: 0.2 });
    const girth = draw.between(0.92, 1.1);
    const ear = draw.between(0.95, 1.25);
    const { legs, nails } = elephantLegs();
    const flap = (side: -1 | 1, size: number, forward: number) =>
      ellipsoid(3 * size, 0.55, 3.6 * size, 24)
        .translate(side * 2.3 * size, -forward, -0.4)
        .rotateZ(side * 0.4)
        .translate(side * 3, -5, 11.2);
    const head = fuzzy(ellipsoid(3.7, 3.6, 3.9, 28).translate(0, -5.6, 10.6), 0.2);
    const tail = elephantTail();
    const tusks = elephantTusks();
    const parts: ThingPart[] = [
      {
        geometry: join([fuzzy(ellipsoid(4.6 * girth, 6, 4.6, 28).translate(0, 1.2, 8.4), 0.2), head, tail]),
        finish: skin,
      },
      {
        geometry: bothSides((side) => ellipsoid(0.5, 0.4, 0.55, 12).translate(side * 1.9, -8.7, 11.5)),
        finish: buttonFinish(draw),
      },
      { name: 'trunk', geometry: taperedTube(draw.pick(trunks), (t) => 1.7 - 0.75 * t, 26), finish: skin },
      { name: 'ear', geometry: bothSides((side) => fuzzy(flap(side, ear, 0), 0.15)), finish: skin },
      { name: 'ear', geometry: bothSides((side) => flap(side, ear * 0.78, 0.3)), finish: inside },
      { name: 'leg', geometry: join(legs), finish: skin },
      { name: 'leg', geometry: join(nails), finish: finish(paintOf('white', draw), { material: 'fabric' }) },
    ];
    if (draw.chance(0.5))
      parts.push({ geometry: tusks, finish: finish(paintOf('white', draw), { material: 'fabric' }) });
    if (draw.chance(0.5))
      parts.push({
        geometry: ellipsoid(4.95 * girth, 2.9, 4.95, 28).translate(0, 1.8, 8.4),
        finish: clothesFinish(draw, otherClothesColour(draw, colour)),
      });
    return { colours: [colour], material: 'plush', parts: sized(parts, draw.between(0.8, 1.2)) };
  },
};
