/** A paper shopping bag. */
import type { BufferGeometry } from 'three';
import { noise } from '../../finish.ts';
import { join, type Point, roundedBox, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { polygon } from '../forms/outlines.ts';
import { tinted } from '../forms/paints.ts';
import { bothSides, upright } from '../forms/placing.ts';
import { flatShape } from '../forms/solids.ts';
import { uvSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { contrast } from './fabric.ts';

/** Print on the front of a bag, in units of half its width. */
const prints: readonly (readonly Point[][])[] = [
  [polygon(32, 0.5)],
  [polygon(5, 0.62, 0.27)],
  [polygon(32, 0.56), polygon(32, 0.4), polygon(32, 0.22)],
  [
    [
      [-0.98, -0.3],
      [0.98, -0.3],
      [0.98, 0.3],
      [-0.98, 0.3],
    ],
  ],
  [
    [
      [-0.6, -0.35],
      [0.6, -0.35],
      [0.6, 0.35],
      [-0.6, 0.35],
    ],
    [
      [-0.5, -0.25],
      [0.5, -0.25],
      [0.5, 0.25],
      [-0.5, 0.25],
    ],
  ],
  [8, 0, -8].map((lift) => polygon(4, 0.3).map(([x, y]): Point => [x + lift / 14, y])),
];

/** Front and back, the folded flanks, a cuff below the mouth, and the bottom. */
function bagBody(
  width: number,
  depth: number,
  height: number,
  gusset: number,
  narrow: (v: number) => number,
): BufferGeometry {
  const dent = (x: number, z: number) => 0.7 * (noise(x * 0.2, z * 0.2, gusset) - 0.5);
  const wall = (side: number) =>
    uvSurface(16, 20, (u, v) => [
      (u - 0.5) * width,
      side * (narrow(v) + dent(u * width, v * height) * Math.sin(Math.PI * u)),
      v * height,
    ]);
  const flank = (side: number, half: number) =>
    uvSurface(6, 20, (u, v) => [side * (width / 2 - gusset * u * v ** 1.3), half * narrow(v) * (1 - u), v * height]);
  const cuff = (side: number) =>
    roundedBox(width + 0.06, 0.12, 0.12, 0.05).translate(0, side * (narrow(0.86) + 0.05), height * 0.86);
  return join([
    wall(-1),
    wall(1),
    ...[-1, 1].flatMap((side) => [flank(side, -1), flank(side, 1)]),
    cuff(-1),
    cuff(1),
    roundedBox(width, depth, 0.2, 0.05),
  ]);
}

function bagHandles(height: number, narrow: (v: number) => number, rise: number, x: number): BufferGeometry {
  const loop = (side: number) => {
    const y = side * (narrow(1) - 0.15);
    return tube(
      [
        [-x, y, height - 2.4],
        [-x, y, height + rise * 0.5],
        [-x * 0.62, y + side * 0.4, height + rise * 0.94],
        [0, y + side * 0.5, height + rise],
        [x * 0.62, y + side * 0.4, height + rise * 0.94],
        [x, y, height + rise * 0.5],
        [x, y, height - 2.4],
      ],
      0.38,
      36,
    );
  };
  return join([loop(-1), loop(1)]);
}

/** The print on the front and the back. */
function printedOn(
  width: number,
  depth: number,
  height: number,
  narrow: (v: number) => number,
  ink: readonly Finish[],
  print: readonly (readonly Point[])[],
): ThingPart[] {
  const lean = Math.atan2(0.16 * depth * 0.5, height);
  return print.map((outline, index): ThingPart => {
    const flat = () =>
      upright(
        flatShape(
          outline.map(([px, py]): Point => [(px * width) / 2, (py * width) / 2]),
          0.5,
        ),
      )
        .translate(0, 0.02 - 0.06 * index, 0)
        .rotateX(-lean);
    const geometry = bothSides((side) =>
      flat()
        .translate(0, -narrow(0.46), height * 0.46)
        .rotateZ(side < 0 ? 0 : Math.PI),
    );
    return { geometry, finish: ink[print.length > 2 && print[0].length === 4 ? 0 : index] };
  });
}

/** Paper that looks out of the mouth. */
function crumpledTissue(width: number, height: number, gusset: number, narrow: (v: number) => number): BufferGeometry {
  return uvSurface(56, 6, (u, v) => {
    const turn = 2 * Math.PI * u;
    const crumple = Math.sin(7 * turn) + 0.6 * Math.sin(11 * turn + 1);
    const reach = 0.2 + 0.74 * v * (1 + 0.08 * crumple);
    return [
      (reach * (width - 2 * gusset) * Math.cos(turn)) / 2,
      reach * narrow(1) * Math.sin(turn),
      height - 3 + v * (4.2 + 1.1 * crumple),
    ];
  });
}

export const bag: ThingKind = {
  noun: 'bag',
  synonyms: ['paper bag', 'shopping bag'],
  parts: ['handle'],
  colours: ['brown', 'brown', 'white', 'red', 'blue', 'green', 'pink', 'yellow', 'black', 'purple'],
  make(draw, colour) {
    const [width, depth, height] = [draw.between(15, 20), draw.between(7.5, 10), draw.between(17, 25)];
    const kraft = { word: 'brown', rgb: [0.44 + draw.between(-0.06, 0.08), 0.27, 0.14] } as const;
    const paint = colour === 'brown' ? kraft : paintOf(colour, draw);
    const look = finish(paint, { material: 'paper', gloss: colour === 'brown' ? 0.05 : 0.3, grain: 0.08 });
    const gusset = draw.between(1, 2.4);
    const narrow = (v: number) => (depth / 2) * (1 - 0.16 * v);
    const body = bagBody(width, depth, height, gusset, narrow);
    const rise = draw.between(5, 7.5);
    const x = width * draw.between(0.18, 0.24);
    const tabs = bothSides((side) =>
      roundedBox(2 * x + 2.2, 0.15, 3, 0.05).translate(0, side * (narrow(1) - 0.4), height - 3.3),
    );
    const accent = contrast(draw, colour);
    const ink = [accent, paint, accent].map((tone) => finish(tone, { material: 'paper', gloss: 0.3, grain: 0.04 }));
    const handleLook = finish(draw.chance(0.5) ? tinted(paint, -0.35) : accent, {
      material: 'paper',
      grain: 0.3,
      gloss: 0.05,
    });
    const print = draw.pick(prints);
    const printed = printedOn(width, depth, height, narrow, ink, print);
    const parts: ThingPart[] = [
      { geometry: join([body, tabs]), finish: look },
      { name: 'handle', geometry: bagHandles(height, narrow, rise, x), finish: handleLook },
      ...(draw.chance(0.8) ? printed : []),
    ];
    if (draw.chance(0.35)) {
      parts.push({
        geometry: crumpledTissue(width, height, gusset, narrow),
        finish: finish(paintOf(colour === 'white' ? 'pink' : 'white', draw), { material: 'paper', gloss: 0.1 }),
      });
    }
    return { colours: [colour], material: 'paper', parts };
  },
};
