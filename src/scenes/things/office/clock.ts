/** An alarm clock with two bells. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, ellipsoid, join, lathe, type Point, rod, slab, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { pointing } from '../forms/placing.ts';
import { finish, metallic, moulded, type ThingKind } from '../thing-kind.ts';

function hourMarks(r: number, bold: boolean): BufferGeometry[] {
  const bar = (wide: number, long: number): Point[] => [
    [-wide / 2, -long / 2],
    [wide / 2, -long / 2],
    [wide / 2, long / 2],
    [-wide / 2, long / 2],
  ];
  return Array.from({ length: 12 }, (_, hour) => {
    const main = hour % 3 === 0;
    const mark =
      bold && !main
        ? cylinder(0.2, 0.2, 0.08, 12)
        : slab(bar(main ? 0.45 : 0.22, main ? r * 0.2 : r * 0.13), 0.08, 0.02);
    return mark.translate(0, r * 0.82, 0.03).rotateZ((-hour * Math.PI) / 6);
  });
}

/** Pieces of a clock's face about the origin, facing +z, the 12 towards +y. */
function clockFace(draw: Draw, r: number, dark: boolean): ThingPart[] {
  const ink = finish(paintOf(dark ? 'white' : 'black', draw), { gloss: 0.2, grain: 0 });
  const dial = finish(paintOf(dark ? 'black' : draw.pick(['white', 'white', 'beige']), draw), { gloss: 0.3, grain: 0 });
  const bold = draw.chance(0.5);
  const marks = hourMarks(r, bold);
  const pointer = (wide: number, long: number, turn: number, level: number) =>
    slab(
      [
        [-wide / 2, -r * 0.12],
        [wide / 2, -r * 0.12],
        [wide / 2, long * 0.75],
        [0, long],
        [-wide / 2, long * 0.75],
      ],
      0.1,
      0.02,
    )
      .translate(0, 0, level)
      .rotateZ(-turn);
  const minutes = draw.integer(0, 59);
  const hours = draw.integer(0, 11) + minutes / 60;
  const hands = [
    pointer(0.55, r * 0.5, (hours * Math.PI) / 6, 0.1),
    pointer(0.38, r * 0.76, (minutes * Math.PI) / 30, 0.2),
  ];
  const second = [pointer(0.14, r * 0.8, draw.between(0, 6.28), 0.3), cylinder(0.32, 0.32, 0.45, 16)];
  return [
    { name: 'face', geometry: cylinder(r, r, 0.05, 48), finish: dial },
    { name: 'face', geometry: join([...marks, ...hands]), finish: ink },
    {
      name: 'face',
      geometry: join(second),
      finish: finish(paintOf(draw.pick(['red', 'orange']), draw), { gloss: 0.4, grain: 0 }),
    },
  ];
}

function clockDrum(r: number, deep: number): BufferGeometry {
  return lathe(
    [
      [0, 0],
      [r * 0.8, 0],
      [r * 0.95, 0.2],
      [r, 0.7],
      [r, deep - 0.1],
      [r * 1.02, deep],
      [r * 1.02, deep + 0.4],
      [r * 0.95, deep + 0.6],
      [r * 0.9, deep + 0.45],
      [r * 0.88, deep - 0.05],
    ],
    56,
  );
}

function clockBells(r: number, centre: number, bellRadius: number): BufferGeometry {
  const bells = [-0.62, 0.62].map((angle) => {
    const b = bellRadius;
    const bell = lathe(
      [
        [b * 0.95, 0],
        [b, 0.1],
        [b * 0.97, b * 0.3],
        [b * 0.8, b * 0.62],
        [b * 0.45, b * 0.86],
        [b * 0.16, b * 0.92],
        [b * 0.16, b * 1.12],
        [0, b * 1.15],
      ],
      32,
    );
    return pointing(
      bell,
      [Math.sin(angle) * (r + 0.6), 0, centre + Math.cos(angle) * (r + 0.6)],
      [Math.sin(angle), 0, Math.cos(angle)],
    );
  });
  return join(bells);
}

function bellPosts(r: number, centre: number): BufferGeometry[] {
  return [-0.62, 0.62].map((angle) =>
    rod(
      [Math.sin(angle) * r * 0.95, 0, centre + Math.cos(angle) * r * 0.95],
      [Math.sin(angle) * (r + 1.5), 0, centre + Math.cos(angle) * (r + 1.5)],
      0.3,
    ),
  );
}

function clockGrip(r: number, centre: number, bellRadius: number): BufferGeometry {
  const [reach, peak] = [Math.sin(0.62) * (r + 0.9 + bellRadius), centre + r + bellRadius * 1.15 + 1.6];
  return tube(
    [
      [-reach, 0, centre + r * 0.72 + bellRadius * 0.9],
      [-reach * 0.8, 0, peak - 0.9],
      [0, 0, peak],
      [reach * 0.8, 0, peak - 0.9],
      [reach, 0, centre + r * 0.72 + bellRadius * 0.9],
    ],
    0.26,
  );
}

function clockFeet(r: number, centre: number): BufferGeometry[] {
  return [-1, 1].flatMap((side) => [
    rod([side * r * 0.55, 0, centre - r * 0.8], [side * r * 0.82, 0, 0.45], 0.34),
    ellipsoid(0.55, 0.55, 0.45, 16).translate(side * r * 0.82, 0, 0.45),
  ]);
}

export const clock: ThingKind = {
  noun: 'clock',
  synonyms: ['alarm clock'],
  parts: ['face'],
  colours: ['red', 'yellow', 'teal', 'blue', 'black', 'white', 'pink', 'green', 'orange'],
  make(draw, colour) {
    const r = draw.between(4.6, 6);
    const deep = draw.between(3.6, 4.8);
    const centre = r + 1.2;
    const look = draw.chance(0.6) ? metallic(draw, colour) : moulded(draw, colour);
    const trim = draw.chance(0.6) ? metallic(draw, draw.pick(['grey', 'yellow'])) : look;
    const drum = clockDrum(r, deep);
    const front = clockFace(draw, r * 0.9, draw.chance(0.2));
    for (const { geometry } of front) geometry.translate(0, 0, deep - 0.05);
    const stand = (geometry: BufferGeometry) =>
      geometry
        .translate(0, 0, -deep / 2)
        .rotateX(Math.PI / 2)
        .translate(0, 0, centre);
    const bellRadius = r * draw.between(0.42, 0.5);
    const posts = bellPosts(r, centre);
    const hammer = [
      rod([0, 0, centre + r], [0, 0, centre + r + 1.6], 0.18),
      ellipsoid(0.75, 0.4, 0.4, 16).translate(0, 0, centre + r + 1.7),
    ];
    const grip = clockGrip(r, centre, bellRadius);
    const feet = clockFeet(r, centre);
    return {
      colours: [colour],
      material: look.material,
      parts: [
        { geometry: stand(drum), finish: look },
        ...front.map((part) => ({ ...part, geometry: stand(part.geometry) })),
        { geometry: clockBells(r, centre, bellRadius), finish: trim },
        { geometry: join([...posts, ...hammer, ...feet, ...(draw.chance(0.6) ? [grip] : [])]), finish: metallic(draw) },
      ],
    };
  },
};
