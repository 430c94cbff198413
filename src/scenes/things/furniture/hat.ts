/** Hats with a brim and a band, of felt or straw. */
import type { BufferGeometry } from 'three';
import { ellipsoid, join, lathe, type Point, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { tinted } from '../forms/paints.ts';
import { bothSides } from '../forms/placing.ts';
import { sculpted, uvSurface } from '../forms/surfaces.ts';
import type { ThingKind } from '../thing-kind.ts';
import { fabric } from './fabric.ts';

interface HatShape {
  height: number;
  /** Width of the brim, cm, and how far its sides turn up. */
  brim: readonly [number, number];
  curl: number;
  crown: readonly Point[];
  crease: number;
}

/** Crowns from the brim up, in units of their radius and height. */
const hatShapes: Record<string, HatShape> = {
  fedora: {
    height: 11.5,
    brim: [5.5, 7],
    curl: 1.5,
    crown: [
      [1, 0],
      [0.98, 0.45],
      [0.9, 0.85],
      [0.72, 1],
      [0, 1.02],
    ],
    crease: 2.6,
  },
  sun: {
    height: 9.5,
    brim: [9, 12],
    curl: -0.6,
    crown: [
      [1, 0],
      [0.98, 0.5],
      [0.86, 0.84],
      [0.5, 0.98],
      [0, 1.02],
    ],
    crease: 0,
  },
  bowler: {
    height: 11,
    brim: [4, 5],
    curl: 1.6,
    crown: [
      [1, 0],
      [1.02, 0.4],
      [0.88, 0.78],
      [0.5, 0.97],
      [0, 1.02],
    ],
    crease: 0,
  },
  top: {
    height: 15,
    brim: [4.5, 5.5],
    curl: 1.4,
    crown: [
      [1, 0],
      [0.96, 0.4],
      [1, 0.9],
      [1.02, 0.985],
      [0.96, 1],
      [0.5, 1.005],
      [0, 1.005],
    ],
    crease: 0,
  },
  boater: {
    height: 8,
    brim: [6, 7.5],
    curl: 0,
    crown: [
      [1, 0],
      [0.98, 0.5],
      [0.97, 0.92],
      [0.9, 1],
      [0.5, 1.01],
      [0, 1.01],
    ],
    crease: 0,
  },
};

function hatDome(
  height: number,
  crown: readonly Point[],
  crease: number,
  radius: number,
  low: number,
  oval: number,
): BufferGeometry {
  return sculpted(
    lathe(
      curveThrough(crown, 24).map(([r, z]): Point => [r * radius, low + z * height]),
      44,
    ),
    (point) => {
      const up = (point.z - low) / height;
      // A fold along the top, and a pinch on both sides of the front.
      point.z -= crease * Math.exp(-((point.x / 3) ** 2)) * Math.max(0, up) ** 6;
      const pinch = crease * 0.6 * Math.max(0, up) ** 3 * Math.exp(-(((point.y + radius * 0.62) / 3) ** 2));
      point.x -= Math.sign(point.x) * pinch * Math.min(1, Math.abs(point.x) / 3);
      point.y *= oval;
    },
  );
}

function hatBand(radius: number, low: number, oval: number, wide: number): BufferGeometry {
  return lathe(
    [
      [radius * 1.005, 0],
      [radius * 1.03, 0.05],
      [radius * 1.02, wide],
      [radius * 0.98, wide + 0.05],
    ],
    44,
  )
    .scale(1, oval, 1)
    .translate(0, 0, low + 0.25);
}

function bandKnot(radius: number, low: number, wide: number): BufferGeometry {
  return bothSides((side) =>
    ellipsoid(0.5, 1.5, wide * 0.62, 14)
      .rotateX(side * 0.3)
      .translate(0, side * 1.5, 0),
  ).translate(radius * 1.06, 0, low + 0.3 + wide / 2);
}

export const hat: ThingKind = {
  noun: 'hat',
  synonyms: ['brimmed hat'],
  parts: ['brim', 'band'],
  colours: ['beige', 'brown', 'black', 'grey', 'red', 'blue', 'green', 'yellow', 'white', 'purple'],
  make(draw, colour) {
    const straw = colour === 'beige' || colour === 'yellow' || (colour === 'white' && draw.chance(0.5));
    const { height, brim, curl, crown, crease } =
      hatShapes[
        straw ? draw.pick(['sun', 'sun', 'boater', 'fedora']) : draw.pick(['fedora', 'fedora', 'bowler', 'top', 'sun'])
      ];
    const radius = draw.between(8.2, 9.2);
    const out = radius + draw.between(...brim);
    const paint = paintOf(colour, draw);
    const look = fabric(
      paint,
      straw ? { pattern: 'weave', accent: tinted(paint, -0.38), period: 1.1, grain: 0.25 } : { grain: 0.2 },
    );
    const low = 1 + Math.max(0, curl * 0.3);
    const oval = 1.12;
    const dome = hatDome(height, crown, crease, radius, low, oval);
    const rim = (u: number, v: number, raised: number): Vec3 => {
      const turn = 2 * Math.PI * u;
      const reach = radius * 0.97 + v * (out - radius);
      const lift = curl * v * v * Math.cos(2 * turn) + (curl < 0 ? 0.5 * Math.sin(5 * turn) * v * v : 0);
      return [
        reach * Math.cos(turn),
        oval * reach * Math.sin(turn),
        low + raised - v * 0.35 + Math.max(lift, -low + 0.7),
      ];
    };
    const edge = Array.from({ length: 48 }, (_, index) => rim(index / 48, 1, 0.15));
    const brims = join([uvSurface(60, 10, (u, v) => rim(u, v, 0.3)), uvSurface(60, 6, (u, v) => rim(u, v, 0))]);
    const wide = draw.between(2.2, 3.2);
    const band = hatBand(radius, low, oval, wide);
    const word = draw.pick(
      (['red', 'black', 'blue', 'white', 'green', 'yellow'] as const).filter((other) => other !== colour),
    );
    const knot = bandKnot(radius, low, wide);
    const ribbon = fabric(paintOf(word, draw), { gloss: 0.3, grain: 0.05 });
    const parts: ThingPart[] = [
      { geometry: dome, finish: look },
      { name: 'brim', geometry: brims, finish: look },
      { name: 'brim', geometry: tube(edge, 0.26, 72, true), finish: draw.chance(0.3) ? ribbon : look },
      { name: 'band', geometry: join([band, knot]), finish: ribbon },
    ];
    return { colours: [colour], material: 'fabric', parts };
  },
};
