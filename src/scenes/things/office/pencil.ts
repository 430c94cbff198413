/** A pencil, sharpened. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { cylinder, lathe, type Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { finish, metallic, type ThingKind } from '../thing-kind.ts';

/** Flat faces. */
export function faceted(geometry: BufferGeometry): BufferGeometry {
  const flat = geometry.toNonIndexed();
  flat.computeVertexNormals();
  return flat;
}

function sharpenedEnd(long: number, radius: number, neck: number) {
  const cone = lathe(
    [
      [radius * 0.93, neck - 0.02],
      [radius * 0.9, neck],
      [radius * 0.32, long - radius * 1.35],
    ],
    24,
  );
  const point = lathe(
    [
      [radius * 0.32, long - radius * 1.35],
      [radius * 0.1, long - 0.1],
      [0, long],
    ],
    16,
  );
  return { cone, point };
}

function ferruleOf(radius: number): BufferGeometry {
  const r = radius * 0.96;
  return lathe(
    [
      [r, radius * 1.2],
      ...[0, 1, 2, 3].flatMap((fold): Point[] => [
        [r * 1.06, radius * (1.3 + 0.45 * fold)],
        [r * 0.97, radius * (1.5 + 0.45 * fold)],
      ]),
      [r, radius * 3.2],
    ],
    20,
  );
}

function eraserEnd(radius: number): BufferGeometry {
  return lathe(
    [
      [0, 0],
      [radius * 0.7, 0],
      [radius * 0.95, radius * 0.3],
      [radius * 0.95, radius * 1.4],
    ],
    20,
  );
}

/** Along +z from the end of its rubber at 0 to its point. */
export function uprightPencil(draw: Draw, colour: ColourWord, long: number, radius: number): ThingPart[] {
  const neck = long - radius * 4.2;
  const eraser = draw.chance(0.7);
  const wood = finish(paintOf('beige', draw), { material: 'wooden', grain: 0.3 });
  const lead = draw.chance(0.6) ? 'black' : colour;
  const shaft = faceted(cylinder(radius, radius, neck - (eraser ? radius * 3 : 0), 6)).translate(
    0,
    0,
    eraser ? radius * 3 : 0,
  );
  const { cone, point } = sharpenedEnd(long, radius, neck);
  const parts: ThingPart[] = [
    { geometry: shaft, finish: finish(paintOf(colour, draw), { material: 'wooden', gloss: 0.6, grain: 0.03 }) },
    { name: 'tip', geometry: cone, finish: wood },
    { name: 'tip', geometry: point, finish: finish(paintOf(lead, draw), { gloss: 0.3 }) },
  ];
  if (!eraser) return parts;
  const ferrule = ferruleOf(radius);
  const rubber = eraserEnd(radius);
  parts.push({ geometry: ferrule, finish: metallic(draw, draw.pick(['grey', 'yellow'])) });
  parts.push({
    geometry: rubber,
    finish: finish(paintOf(draw.pick(['pink', 'white', 'red']), draw), { material: 'rubber', gloss: 0 }),
  });
  return parts;
}

export const pencil: ThingKind = {
  noun: 'pencil',
  synonyms: [],
  parts: ['tip'],
  colours: ['yellow', 'yellow', 'red', 'blue', 'green', 'orange', 'purple', 'teal', 'black', 'pink'],
  make(draw, colour) {
    const long = draw.between(10, 16);
    const radius = draw.between(0.42, 0.58);
    const parts = uprightPencil(draw, colour, long, radius);
    for (const { geometry } of parts)
      geometry
        .rotateZ(Math.PI / 6)
        .translate(0, 0, -long / 2)
        .rotateY(Math.PI / 2)
        .translate(0, 0, radius * 0.95);
    return { colours: [colour], material: 'wooden', parts };
  },
};
