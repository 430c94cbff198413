/** A bowl on a foot. */
import type { Draw } from '../../draw.ts';
import { join, lathe, type Point } from '../../meshes.ts';
import { split } from '../forms/cutting.ts';
import { glazed, type ThingKind } from '../thing-kind.ts';
import { hollow, patterned, withPointAt } from './vessels.ts';

function bowlProfile(draw: Draw, radius: number, height: number, foot: number, belly: number): Point[] {
  return [
    [0, 0.3],
    [foot * 0.85, 0.3],
    [foot * 0.88, 0],
    [foot, 0],
    [foot, 0],
    [foot, 0.8],
    [foot, 0.8],
    [radius * belly, height * 0.32],
    [radius * 0.95, height * 0.68],
    [radius * draw.between(0.99, 1.06), height],
  ];
}

export const bowl: ThingKind = {
  noun: 'bowl',
  synonyms: ['soup bowl'],
  parts: ['rim'],
  colours: ['white', 'blue', 'red', 'green', 'yellow', 'teal', 'black', 'beige', 'pink'],
  make(draw, colour) {
    const radius = draw.between(6.5, 9);
    const height = radius * draw.between(0.7, 0.9);
    const foot = radius * draw.between(0.4, 0.5);
    const belly = draw.between(0.72, 0.84);
    const outer = bowlProfile(draw, radius, height, foot, belly);
    const { outside, inside } = hollow(outer, 0.5);
    const body = patterned(draw, colour, 0.3);
    const inner =
      draw.chance(0.5) && colour !== 'white'
        ? glazed(draw, draw.pick(['white', 'beige'] as const))
        : { ...body, accent: undefined };
    const rimHeight = height - radius * 0.1;
    const [shell, rimOutside] = split(lathe(withPointAt(outside, rimHeight), 48), (_x, _y, z) => z > rimHeight);
    const rimFinish = draw.chance(0.5)
      ? glazed(
          draw,
          colour === 'white' ? draw.pick(['blue', 'red', 'brown'] as const) : draw.pick(['white', 'brown'] as const),
        )
      : { ...body, accent: undefined };
    const [well, rimInside] = split(lathe(withPointAt(inside, rimHeight), 48), (_x, _y, z) => z > rimHeight);
    return {
      colours: [colour],
      material: 'ceramic',
      parts: [
        { geometry: shell, finish: body },
        { geometry: well, finish: inner },
        { name: 'rim', geometry: join([rimOutside, rimInside]), finish: rimFinish },
      ],
    };
  },
};
