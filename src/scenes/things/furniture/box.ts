/** A gift box with a ribbon, or a cardboard box. */
import { type BufferGeometry, Matrix4 } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, roundedBox, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { tinted } from '../forms/paints.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** Loops and ends of a ribbon bow, lying on a lid of height z. */
function ribbonBow(size: number, z: number): BufferGeometry {
  const band = (points: readonly Vec3[]) =>
    tube(points, size * 0.13, 24).applyMatrix4(new Matrix4().makeScale(1, 2.6, 1));
  const loop = (side: number) =>
    band([
      [0, 0, 0.1],
      [side * size * 0.5, -0.06, size * 0.55],
      [side * size * 1.15, 0, size * 0.55],
      [side * size * 1.1, 0.05, size * 0.14],
      [0, 0, 0.1],
    ]);
  const end = (side: number) =>
    band([
      [0, -0.1, 0.15],
      [side * size * 0.5, -size * 0.22, 0.3],
      [side * size * 1.05, -size * 0.36, 0.05],
    ]);
  return join([
    loop(-1),
    loop(1),
    end(-1),
    end(1),
    ellipsoid(size * 0.28, size * 0.36, size * 0.3, 14).translate(0, 0, size * 0.2),
  ]).translate(0, 0, z);
}

const ribbonColours = ['red', 'yellow', 'white', 'blue', 'green', 'pink', 'purple'] as const;

export const box: ThingKind = {
  noun: 'box',
  synonyms: [],
  parts: ['lid'],
  colours: ['brown', 'beige', 'red', 'blue', 'green', 'white', 'purple', 'yellow', 'pink', 'teal'],
  make(draw, colour) {
    const [width, depth, height] = [draw.between(11, 17), draw.between(9, 14), draw.between(6, 12)];
    const plainCard = colour === 'brown' || colour === 'beige';
    const paper = plainCard
      ? ({ word: colour, rgb: [0.42 + draw.between(-0.08, 0.12), 0.26 + draw.between(-0.04, 0.07), 0.14] } as const)
      : paintOf(colour, draw);
    const pattern = plainCard ? 'plain' : draw.pick(['plain', 'plain', 'dots', 'stripes'] as const);
    const word = draw.pick(ribbonColours.filter((other) => other !== colour));
    const accent = paintOf(word, draw);
    const look = finish(paper, {
      material: 'paper',
      pattern,
      accent: pattern === 'dots' ? paintOf(colour === 'white' ? word : 'white', draw) : tinted(paper, 0.5),
      period: draw.between(1.8, 2.8),
      gloss: 0.1,
      grain: 0.1,
    });
    if (plainCard && draw.chance(0.6))
      return { colours: [colour], material: 'paper', parts: carton(draw, [width, depth, height], look) };
    const lidHeight = Math.min(height * 0.32, 3);
    const total = height + 0.3;
    const lid = roundedBox(width + 0.7, depth + 0.7, lidHeight, 0.2).translate(0, 0, total - lidHeight);
    const ribbon = finish(accent, { material: 'fabric', gloss: 0.5, grain: 0.03 });
    const strip = draw.between(1.4, 2.2);
    const wraps = [roundedBox(strip, depth + 0.12, height, 0.05), roundedBox(width + 0.12, strip, height, 0.05)];
    const over = [
      roundedBox(strip, depth + 0.86, lidHeight + 0.1, 0.1),
      roundedBox(width + 0.86, strip, lidHeight + 0.1, 0.1),
    ].map((mesh) => mesh.translate(0, 0, total - lidHeight + 0.02));
    const bow = ribbonBow(draw.between(2.6, 3.6), total).rotateZ(draw.between(-0.6, 0.6));
    return {
      colours: [colour],
      material: 'paper',
      parts: [
        { geometry: roundedBox(width, depth, height, 0.15), finish: look },
        {
          name: 'lid',
          geometry: lid,
          finish: draw.chance(0.3) ? { ...look, paint: tinted(paper, 0.5), pattern: 'plain' } : look,
        },
        { geometry: join([...wraps, ...over, bow]), finish: ribbon },
      ],
    };
  },
};

/** A cardboard box with its flaps open, or closed with tape. */
function carton(draw: Draw, [width, depth, height]: Vec3, look: Finish): ThingPart[] {
  const label = {
    geometry: roundedBox(width * 0.36, 0.2, height * 0.34, 0.04).translate(width * 0.2, -depth / 2, height * 0.36),
    finish: finish(paintOf('white', draw), { material: 'paper' }),
  } as const;
  const tape = finish(tinted(look.paint, 0.35), { material: 'plastic', gloss: 0.6 });
  if (draw.chance(0.4)) {
    const strip = join([
      roundedBox(width + 0.1, 2, 0.1, 0.04).translate(0, 0, height),
      ...[-1, 1].map((side) => roundedBox(0.1, 2, height * 0.3, 0.04).translate((side * width) / 2, 0, height * 0.7)),
    ]);
    return [
      { geometry: roundedBox(width, depth, height, 0.15), finish: look },
      { geometry: strip, finish: tape },
      label,
    ];
  }
  const wall = 0.35;
  const walls = [-1, 1].flatMap((side) => [
    roundedBox(width, wall, height, 0.1).translate(0, (side * (depth - wall)) / 2, 0),
    roundedBox(wall, depth, height, 0.1).translate((side * (width - wall)) / 2, 0, 0),
  ]);
  const flap = (long: number, reach: number, out: number, turn: number) =>
    roundedBox(long, wall * 0.7, reach, 0.1)
      .rotateX(draw.between(0.75, 1.35))
      .translate(0, -out / 2 + 0.1, height - 0.1)
      .rotateZ(turn);
  const flaps = [
    flap(width, depth * 0.45, depth, 0),
    flap(width, depth * 0.45, depth, Math.PI),
    flap(depth, depth * 0.45, width, Math.PI / 2),
    flap(depth, depth * 0.45, width, -Math.PI / 2),
  ];
  const floor = roundedBox(width, depth, 0.4, 0.1);
  return [
    { geometry: join([...walls, floor]), finish: look },
    { name: 'lid', geometry: join(flaps), finish: { ...look, paint: tinted(look.paint, 0.12) } },
    label,
  ];
}
