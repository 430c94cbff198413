/** Toy cars of several shapes. */
import { type BufferGeometry, TorusGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, lathe, type Point, rod, roundedBox } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { bothSides, sideways, sized } from '../forms/placing.ts';
import { plump } from '../forms/solids.ts';
import { finish, metallic, moulded, type ThingKind } from '../thing-kind.ts';

/** A wheel about the x axis. */
function wheel(radius: number, width: number): BufferGeometry {
  const half = width / 2;
  const profile: Point[] = [
    [0, -half * 0.7],
    [radius * 0.72, -half],
    [radius * 0.9, -half],
    [radius, -half * 0.6],
    [radius, half * 0.6],
    [radius * 0.9, half],
    [radius * 0.72, half],
    [0, half * 0.7],
  ];
  return lathe(profile, 28).rotateY(Math.PI / 2);
}

/** Side views of cars, front at negative y: [y, z] outlines in units of length and cm. */
interface CarShape {
  body: readonly Point[];
  /** Bottom front, top front, top back, bottom back of the windows. */
  cabin: readonly [Point, Point, Point, Point];
}

const carShapes: readonly CarShape[] = [
  {
    body: [
      [-0.5, 1],
      [-0.5, 2.5],
      [-0.44, 3],
      [-0.2, 3.4],
      [0.4, 3.4],
      [0.49, 3.1],
      [0.5, 1],
    ],
    cabin: [
      [-0.22, 3.2],
      [-0.08, 5.5],
      [0.24, 5.5],
      [0.38, 3.2],
    ],
  },
  {
    body: [
      [-0.5, 1],
      [-0.5, 2.6],
      [-0.43, 3.2],
      [-0.24, 3.6],
      [0.46, 3.6],
      [0.5, 3.2],
      [0.5, 1],
    ],
    cabin: [
      [-0.27, 3.4],
      [-0.12, 5.8],
      [0.38, 5.8],
      [0.47, 3.4],
    ],
  },
  {
    body: [
      [-0.5, 1],
      [-0.5, 3],
      [-0.47, 3.7],
      [-0.4, 4],
      [0.48, 4],
      [0.5, 3.6],
      [0.5, 1],
    ],
    cabin: [
      [-0.42, 3.8],
      [-0.3, 6.3],
      [0.44, 6.3],
      [0.47, 3.8],
    ],
  },
  {
    body: [
      [-0.5, 1],
      [-0.5, 2.2],
      [-0.42, 3.1],
      [-0.2, 3.6],
      [0.3, 3.7],
      [0.46, 3],
      [0.5, 2.2],
      [0.5, 1],
    ],
    cabin: [
      [-0.22, 3.3],
      [-0.04, 5.6],
      [0.16, 5.6],
      [0.36, 3.3],
    ],
  },
];

/** Roof and posts about the windows, in the colour of the car. */
function carRoof([a, b, c, d]: CarShape['cabin'], width: number): BufferGeometry[] {
  const posts = ([from, to]: [Point, Point]) =>
    bothSides((side) => rod([side * width * 0.46, from[0], from[1]], [side * width * 0.4, to[0], to[1]], 0.24));
  const middle = (b[0] + c[0]) / 2;
  const roof = roundedBox(width * 0.86, c[0] - b[0] + 0.7, 0.6, 0.28).translate(0, middle, b[1] - 0.35);
  return [
    roof,
    ...(
      [
        [a, b],
        [d, c],
        [
          [middle, a[1]],
          [middle, b[1]],
        ],
      ] as [Point, Point][]
    ).map(posts),
  ];
}

function wheelArches(width: number, radius: number, axles: readonly number[]): BufferGeometry {
  return join(
    axles.map((y) =>
      bothSides((side) =>
        new TorusGeometry(radius + 0.22, 0.3, 8, 14, Math.PI)
          .rotateX(Math.PI / 2)
          .rotateZ(Math.PI / 2)
          .translate(side * (width / 2 - 0.15), y, radius),
      ),
    ),
  );
}

function roofStripe(width: number, cabin: CarShape['cabin']): BufferGeometry {
  const [, b, c] = cabin;
  return roundedBox(width * 0.26, c[0] - b[0] + 0.5, 0.3, 0.1).translate(0, (b[0] + c[0]) / 2, b[1] + 0.03);
}

function carBumpers(length: number, width: number): BufferGeometry[] {
  return [-1, 1].map((end) => roundedBox(width * 0.96, 0.9, 0.7, 0.3).translate(0, end * (length / 2 + 0.05), 1.15));
}

function carFinish(draw: Draw, colour: ColourWord): Finish {
  return draw.chance(0.4) ? { ...moulded(draw, colour), material: 'metal', gloss: 0.8 } : moulded(draw, colour);
}

/** A pair at the front (-1) or the back (1), at the height of the bonnet. */
const carLamps = (end: -1 | 1, width: number, length: number, bonnet: number) =>
  bothSides((side) =>
    ellipsoid(0.55, 0.3, 0.5, 14).translate(side * width * 0.33, end * (length / 2 + 0.02), bonnet + 0.2),
  );

export const toyCar: ThingKind = {
  noun: 'toy car',
  synonyms: ['car', 'model car'],
  parts: ['wheel', 'window'],
  colours: ['red', 'blue', 'green', 'yellow', 'orange', 'teal', 'white', 'pink', 'purple'],
  make(draw, colour) {
    const length = draw.between(9.6, 12);
    const width = draw.between(4.8, 5.6);
    const shape = draw.pick(carShapes);
    const along = ([y, z]: Point): Point => [y * length, z];
    const cabin = shape.cabin.map(along) as [Point, Point, Point, Point];
    const paint = carFinish(draw, colour);
    const body = sideways(plump(shape.body.map(along), width, 0.6, 5, 0.9), width);
    const [radius, thick] = [draw.between(1.25, 1.55), draw.between(0.9, 1.2)];
    const axles = [-0.29, 0.3].map((y) => y * length);
    const wheels = (mesh: () => BufferGeometry, out: number) =>
      join(axles.flatMap((y) => [-1, 1].map((side) => mesh().translate(side * (width / 2 + out), y, radius))));
    const arches = wheelArches(width, radius, axles);
    const trim = metallic(draw);
    const bumpers = carBumpers(length, width);
    const front = shape.body[1][1] * 0.5 + 1;
    const parts: ThingPart[] = [
      { geometry: join([body, ...carRoof(cabin, width), arches]), finish: paint },
      {
        geometry: join([...bumpers, roundedBox(width * 0.36, 0.3, 0.55, 0.1).translate(0, -length / 2, front)]),
        finish: trim,
      },
      {
        geometry: carLamps(-1, width, length, front),
        finish: finish(paintOf(draw.pick(['yellow', 'white']), draw), { material: 'plastic', gloss: 0.9 }),
      },
      { geometry: carLamps(1, width, length, front), finish: moulded(draw, colour === 'red' ? 'orange' : 'red') },
      {
        name: 'window',
        geometry: sideways(plump(cabin, width * 0.86, 0.15, 2), width * 0.86),
        finish: { ...moulded(draw, draw.pick(['black', 'black', 'teal'])), gloss: 1 },
      },
      {
        name: 'wheel',
        geometry: wheels(() => wheel(radius, thick), -0.1),
        finish: finish(paintOf('black', draw), { material: 'rubber', gloss: 0.1 }),
      },
      {
        name: 'wheel',
        geometry: wheels(() => ellipsoid(thick * 0.62, radius * 0.55, radius * 0.55, 16), -0.1),
        finish: draw.chance(0.5) ? trim : moulded(draw, 'yellow'),
      },
    ];
    if (draw.chance(0.4))
      parts.push({ geometry: roofStripe(width, cabin), finish: moulded(draw, colour === 'white' ? 'red' : 'white') });
    return { colours: [colour], material: paint.material, parts: sized(parts, draw.between(0.85, 1.15)) };
  },
};
