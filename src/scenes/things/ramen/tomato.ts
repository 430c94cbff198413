/** A tomato with its stem. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { gridSurface } from '../forms/surfaces.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** A pointed leaf from the origin along x, rising by `rise`. */
const sepal = (length: number, width: number, rise: number) =>
  gridSurface(4, 8, (u, v) => {
    const half = width * Math.sin(Math.PI * (0.25 + 0.75 * v)) * (1 - 0.25 * v);
    const side = 2 * u - 1;
    return [v * length, side * half, 0.12 + rise * v ** 0.8 + 0.1 * side * side];
  });

function tomatoBody(draw: Draw, radius: number, flat: number): BufferGeometry {
  const lobes = draw.integer(4, 6);
  const depth = draw.between(0.01, 0.035);
  const phase = draw.between(0, 6);
  return gridSurface(
    48,
    32,
    (u, v) => {
      const [turn, rise] = [2 * Math.PI * u, Math.PI * (v - 0.5)];
      const fluted = 1 + depth * Math.cos(lobes * turn + phase) * Math.cos(rise) ** 0.5;
      const across = radius * Math.cos(rise) ** 0.9 * fluted;
      const dimple = 0.3 * Math.exp(-((across / radius / 0.32) ** 2));
      const z = radius * flat * (Math.sin(rise) - (rise > 0 ? dimple : -0.35 * dimple));
      return [across * Math.cos(turn), across * Math.sin(turn), z];
    },
    true,
  );
}

export const tomato: ThingKind = {
  noun: 'tomato',
  synonyms: ['tomatoes'],
  parts: ['stem'],
  colours: ['red', 'red', 'red', 'orange', 'yellow'],
  make(draw, colour) {
    const radius = draw.between(3.1, 4.1);
    const flat = draw.between(0.74, 0.9);
    const body = tomatoBody(draw, radius, flat);
    const base = radius * flat * 0.92;
    body.translate(0, 0, base);
    const crown = base + radius * flat * 0.72;
    const leaves = Array.from({ length: 5 }, (_, index) =>
      sepal(radius * draw.between(0.58, 0.74), radius * 0.15, radius * draw.between(0.18, 0.26)).rotateZ(
        (index + draw.between(-0.2, 0.2)) * 1.257,
      ),
    );
    const stalk = radiiTube(
      [
        [0, 0, -0.2],
        [0.05, 0, 0.5],
        [draw.between(0.2, 0.5), draw.between(-0.3, 0.3), draw.between(1, 1.5)],
      ],
      [0.34, 0.22, 0.26],
      10,
    );
    const green = finish(paintOf('green', draw), { gloss: 0.2, grain: 0.15 });
    const paint = paintOf(colour, draw);
    const skin = finish(paint, { gloss: 0.9, grain: 0.04 });
    return {
      colours: [colour],
      parts: [
        { geometry: body, finish: skin },
        { name: 'stem', geometry: join([...leaves, stalk]).translate(0, 0, crown), finish: green },
      ],
    };
  },
};
