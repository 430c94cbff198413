/** A desk lamp with two arms, or a table lamp with a drum of cloth. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, join, lathe, type Point, rod } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';
import { pointing } from '../forms/placing.ts';
import { finish, glazed, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';

/** The glowing part of a lamp, about the origin, its socket up. */
const bulb = (draw: Draw): ThingPart => ({
  geometry: lathe(
    [
      [0, -2.6],
      [1.3, -2.3],
      [2.2, -1.2],
      [2.4, 0],
      [1.9, 1.4],
      [1.1, 2.6],
      [1, 4.5],
    ],
    24,
  ),
  finish: finish(paintOf(draw.pick(['white', 'yellow']), draw), { gloss: 0.6, grain: 0 }),
});

function lampFoot(foot: number): BufferGeometry {
  return lathe(
    [
      [0, 0],
      [foot, 0],
      [foot + 0.1, 0.3],
      [foot, 1.1],
      [foot - 0.5, 1.6],
      [2.2, 1.9],
      [1.6, 2.8],
      [0, 2.8],
    ],
    48,
  ).translate(0, 2, 0);
}

function armLampshade(draw: Draw, wide: number, deep: number): BufferGeometry {
  const outline = draw.pick([
    [
      [1.6, 0],
      [2.1, 0.4],
      [2.2, 3],
      [3.2, 4.2],
      [wide, deep],
    ],
    [
      [0.8, 0],
      [2.4, 0.3],
      [4.6, 1.8],
      [wide * 0.9, deep * 0.45],
      [wide, deep * 0.85],
    ],
  ] as const);
  const inner = outline.map(([r, z]): Point => [Math.max(r - 0.25, 0), z]).reverse();
  return lathe([[0, 0], ...outline, ...inner], 48).translate(0, 0, -1);
}

/** With two arms; looks down to the front. */
function armLamp(draw: Draw, colour: ColourWord): ThingPart[] {
  const look = draw.chance(0.6) ? metallic(draw, colour) : moulded(draw, colour);
  const steel = draw.chance(0.5) ? metallic(draw) : look;
  const foot = draw.between(7, 9);
  const elbow: Vec3 = [0, draw.between(6, 10), draw.between(18, 23)];
  const head: Vec3 = [0, draw.between(-6, -2), elbow[2] + draw.between(10, 14)];
  const start: Vec3 = [0, 3, 2.6];
  const base = lampFoot(foot);
  const arms = [-0.7, 0.7].flatMap((x) => [
    rod([x, start[1], start[2]], [x, elbow[1], elbow[2]], 0.4),
    rod([x, elbow[1], elbow[2]], [x, head[1], head[2]], 0.4),
  ]);
  const pin = (at: Vec3) => rod([-1.3, at[1], at[2]], [1.3, at[1], at[2]], 0.75);
  const down: Vec3 = [0, -draw.between(0.35, 0.8), -1];
  const [wide, deep] = [draw.between(6.5, 8.5), draw.between(9, 12)];
  const shade = armLampshade(draw, wide, deep);
  const light = bulb(draw);
  light.geometry.rotateX(Math.PI).translate(0, 0, deep * 0.62);
  for (const geometry of [shade, light.geometry]) pointing(geometry, head, down);
  return [
    { name: 'base', geometry: base, finish: look },
    { geometry: join(arms), finish: steel },
    {
      geometry: join([pin(start), pin(elbow), pin(head)]),
      finish: finish(paintOf(draw.pick(['black', 'grey']), draw), { material: 'plastic' }),
    },
    { name: 'lampshade', geometry: shade, finish: look },
    light,
  ];
}

function drumShade(high: number, low: number, top: number, tall: number) {
  const shade = lathe(
    [
      [low, 0],
      [top, tall],
      [top - 0.2, tall],
      [low - 0.2, 0],
      [low, 0],
    ],
    56,
  ).translate(0, 0, high + 1.5);
  const hoops = [
    lathe(
      [
        [low + 0.08, 0],
        [low - 0.05, 0.7],
      ],
      56,
    ).translate(0, 0, high + 1.45),
    lathe(
      [
        [top + 0.12, 0],
        [top + 0.06, 0.6],
      ],
      56,
    ).translate(0, 0, high + 0.95 + tall),
  ];
  return { shade, hoops };
}

/** Outlines of turned lamp bases, in units of their radius and height. */
const standProfiles: readonly (readonly Point[])[] = [
  [
    [0, 0],
    [0.75, 0],
    [0.78, 0.03],
    [0.6, 0.07],
    [0.75, 0.16],
    [1, 0.34],
    [1.02, 0.46],
    [0.85, 0.66],
    [0.45, 0.85],
    [0.28, 0.94],
    [0.3, 1],
  ],
  [
    [0, 0],
    [1.05, 0],
    [1.08, 0.04],
    [0.95, 0.08],
    [0.4, 0.13],
    [0.3, 0.25],
    [0.5, 0.38],
    [0.55, 0.5],
    [0.4, 0.66],
    [0.24, 0.78],
    [0.24, 1],
  ],
  [
    [0, 0],
    [0.95, 0],
    [1, 0.03],
    [1, 0.3],
    [0.96, 0.45],
    [0.6, 0.72],
    [0.3, 0.9],
    [0.26, 1],
  ],
];

/** With a turned base under a drum of cloth. */
function standLamp(draw: Draw, colour: ColourWord, shadeColour: ColourWord): ThingPart[] {
  const high = draw.between(15, 20);
  const r = draw.between(5, 6.5);
  const look = draw.chance(0.7) ? glazed(draw, colour) : woodGrain(draw, colour);
  const profile = draw.pick(standProfiles);
  const base = lathe(
    profile.map(([x, z]): Point => [x * r, z * high]),
    48,
  );
  const neck = cylinder(0.7, 0.7, 9, 16).translate(0, 0, high - 1);
  const [low, top, tall] = [draw.between(9.5, 12), draw.between(6, 9), draw.between(12, 15)];
  const { shade, hoops } = drumShade(high, low, top, tall);
  const cloth = finish(paintOf(shadeColour, draw), {
    material: 'fabric',
    pattern: 'weave',
    accent: paintOf(shadeColour, draw),
    period: 0.5,
    gloss: 0,
    grain: 0.1,
  });
  const light = bulb(draw);
  light.geometry.rotateX(Math.PI).translate(0, 0, high + 5.5);
  return [
    { name: 'base', geometry: base, finish: look },
    { geometry: neck, finish: metallic(draw, draw.pick(['yellow', 'grey'])) },
    { name: 'lampshade', geometry: shade, finish: cloth },
    { name: 'lampshade', geometry: join(hoops), finish: draw.pick([cloth, look]) },
    light,
  ];
}

export const lamp: ThingKind = {
  noun: 'lamp',
  synonyms: ['desk lamp', 'table lamp'],
  parts: ['lampshade', 'base'],
  colours: ['black', 'white', 'red', 'green', 'blue', 'yellow', 'teal', 'orange', 'pink'],
  make(draw, colour) {
    if (draw.chance(0.65)) {
      const parts = armLamp(draw, colour);
      return { colours: [colour], material: parts[0].finish.material, parts };
    }
    const shadeColour = draw.pick(['white', 'beige', colour] as const);
    const parts = standLamp(draw, colour, shadeColour);
    return {
      colours: shadeColour === colour ? [colour] : [shadeColour, colour],
      material: parts[0].finish.material,
      parts,
    };
  },
};
