/** A mug, mostly full. */
import type { Draw } from '../../draw.ts';
import { cylinder, lathe, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { finish, glazed, type ThingKind } from '../thing-kind.ts';
import { ear, hollow, patterned, radiusAt } from './vessels.ts';

function mugProfile(draw: Draw, radius: number, height: number): Point[] {
  const foot: Point[] = [
    [0, 0.15],
    [radius * 0.6, 0.15],
    [radius * 0.63, 0],
  ];
  const form = draw.pick(['straight', 'tapered', 'round', 'waisted'] as const);
  if (form === 'straight')
    return [
      ...foot,
      [radius * 0.86, 0],
      [radius * 0.97, 0.35],
      [radius, 0.9],
      [radius, height * 0.5],
      [radius, height],
    ];
  if (form === 'tapered')
    return [...foot, [radius * 0.66, 0], [radius * 0.74, 0.4], [radius * 0.86, height * 0.45], [radius * 1.03, height]];
  if (form === 'round')
    return [
      ...foot,
      [radius * 0.68, 0],
      [radius * 0.85, height * 0.1],
      [radius * 1.05, height * 0.36],
      [radius * 1.04, height * 0.6],
      [radius * 0.95, height * 0.86],
      [radius * 0.97, height],
    ];
  return [
    ...foot,
    [radius * 0.84, 0],
    [radius * 0.96, height * 0.08],
    [radius * 0.9, height * 0.5],
    [radius * 0.95, height * 0.82],
    [radius * 1.04, height],
  ];
}

export const mug: ThingKind = {
  noun: 'mug',
  synonyms: ['cup', 'coffee mug'],
  parts: ['handle'],
  colours: ['red', 'blue', 'green', 'yellow', 'white', 'orange', 'teal', 'purple', 'pink', 'black'],
  make(draw, colour) {
    const height = draw.between(8, 10.5);
    const { outside, inside } = hollow(mugProfile(draw, draw.between(3.7, 4.4), height), 0.4);
    const body = patterned(draw, colour, 0.35);
    const inner = draw.chance(0.5) ? glazed(draw, 'white') : { ...body, accent: undefined };
    const handle = ear(
      [radiusAt(outside, height * 0.84), height * 0.84],
      [radiusAt(outside, height * 0.24), height * 0.24],
      draw.between(2.6, 3.4),
      draw.between(0.55, 0.72),
      draw.chance(0.6),
    );
    const parts: ThingPart[] = [
      { geometry: lathe(outside, 44), finish: body },
      { geometry: lathe(inside, 44), finish: inner },
      { name: 'handle', geometry: handle, finish: { ...body, accent: undefined } },
    ];
    const level = height * draw.between(0.72, 0.86);
    if (draw.chance(0.65)) {
      const drink = finish(paintOf('brown', draw), { gloss: 0.7, grain: 0.02 });
      const radius = radiusAt(outside, level) - 0.35;
      parts.push({ geometry: cylinder(radius, radius, 0.1).translate(0, 0, level), finish: drink });
    }
    return { colours: [colour], material: 'ceramic', parts };
  },
};
