/** A wicker basket. */
import { type BufferGeometry, CatmullRomCurve3, TubeGeometry, Vector3 } from 'three';
import { join } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { mixed, shaded } from '../forms/paints.ts';
import { creasedLathe } from '../forms/solids.ts';
import { gridSurface } from '../forms/surfaces.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** Rows of cane that pass in turn before and behind the stakes. */
function wovenWall(height: number, oval: number, radius: (v: number) => number): BufferGeometry {
  const rows = 9;
  const stakes = 16;
  return gridSurface(
    80,
    rows * 3,
    (u, v) => {
      const turn = u * 2 * Math.PI;
      const row = Math.min(Math.floor(v * rows), rows - 1);
      const bulge = Math.sin(Math.PI * (v * rows - row)) ** 0.7;
      const under = Math.sin((stakes / 2) * turn + row * Math.PI);
      const r = radius(v) + 0.42 * under + 0.45 * bulge;
      return [r * Math.cos(turn), r * Math.sin(turn) * oval, v * height];
    },
    true,
  );
}

function braidedRim(top: number, height: number, oval: number): BufferGeometry {
  const braid = (phase: number) => {
    const points = Array.from({ length: 72 }, (_, index) => {
      const turn = (index / 72) * 2 * Math.PI;
      const twist = turn * 18 + phase;
      const r = top + 0.1 + 0.4 * Math.cos(twist);
      return new Vector3(r * Math.cos(turn), r * Math.sin(turn) * oval, height + 0.35 + 0.4 * Math.sin(twist));
    });
    return new TubeGeometry(new CatmullRomCurve3(points, true), 120, 0.48, 6, true);
  };
  return join([braid(0), braid(Math.PI)]);
}

/** Two strands twisted about each other. */
function archedHandle(top: number, height: number, rise: number): BufferGeometry[] {
  const arch = (phase: number) =>
    radiiTube(
      Array.from({ length: 41 }, (_, index) => {
        const turn = Math.PI * (index / 40);
        const twist = turn * 9 + phase;
        return [
          -(top - 0.2) * Math.cos(turn),
          0.5 * Math.cos(twist),
          height * 0.72 + (rise + height * 0.28) * Math.sin(turn) ** 0.8 + 0.3 * Math.sin(twist),
        ] as const;
      }),
      [0.55, 0.55],
      72,
      7,
    );
  return [arch(0), arch(Math.PI)];
}

function loopHandles(top: number, height: number): BufferGeometry[] {
  const loop = (side: number) =>
    radiiTube(
      [
        [side * (top - 0.4), -4, height],
        [side * (top + 1), -3.4, height + 3.6],
        [side * (top + 1.4), 0, height + 4.8],
        [side * (top + 1), 3.4, height + 3.6],
        [side * (top - 0.4), 4, height],
      ],
      [0.75, 0.75],
      24,
      9,
    );
  return [loop(-1), loop(1)];
}

export const basket: ThingKind = {
  noun: 'basket',
  synonyms: ['wicker basket'],
  parts: ['handle'],
  colours: ['brown', 'beige', 'brown', 'beige', 'white'],
  make(draw, colour) {
    const [bottom, top] = [draw.between(9, 11), draw.between(12, 14.5)];
    const [height, oval] = [draw.between(9, 13), draw.between(0.7, 1)];
    const radius = (v: number) => bottom + (top - bottom) * v ** 0.8;
    const wall = wovenWall(height, oval, radius);
    const paint = colour === 'brown' ? mixed(paintOf(colour, draw), [0.5, 0.26, 0.1], 0.5) : paintOf(colour, draw);
    const look = finish(paint, {
      accent: shaded(paint, 0.6),
      pattern: 'weave',
      period: 1.6,
      grain: 0.35,
      gloss: 0.15,
      material: 'wooden',
    });
    const lining = creasedLathe(
      [
        [0, 0.6],
        [bottom - 0.8, 0.6],
        [radius(0.5) - 0.7, height * 0.5],
        [top - 0.7, height],
      ],
      48,
    ).scale(1, oval, 1);
    const rise = draw.between(13, 18);
    return {
      colours: [colour],
      material: 'wooden',
      parts: [
        { geometry: wall, finish: look },
        { geometry: lining, finish: { ...look, paint: shaded(paint, 0.7) } },
        { geometry: braidedRim(top, height, oval), finish: { ...look, pattern: 'plain' } },
        {
          name: 'handle',
          geometry: join(draw.chance(0.65) ? archedHandle(top, height, rise) : loopHandles(top, height)),
          finish: { ...look, pattern: 'plain', paint: shaded(paint, 0.85) },
        },
      ],
    };
  },
};
