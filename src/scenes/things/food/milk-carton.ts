/** A milk carton with a gable and a cap. */
import { BoxGeometry, type BufferGeometry } from 'three';
import { cylinder, join, roundedBox } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { weldedSurface } from '../forms/surfaces.ts';
import { finish, moulded, type ThingKind } from '../thing-kind.ts';

/** Straight strokes of the letters of MILK, in a box of 1 by 1. */
const strokes: Record<string, readonly (readonly [number, number, number, number])[]> = {
  M: [
    [0, 0, 0, 1],
    [0, 1, 0.4, 0.35],
    [0.4, 0.35, 0.8, 1],
    [0.8, 1, 0.8, 0],
  ],
  I: [[0.15, 0, 0.15, 1]],
  L: [
    [0, 1, 0, 0],
    [0, 0, 0.55, 0],
  ],
  K: [
    [0, 0, 0, 1],
    [0.6, 1, 0, 0.45],
    [0.12, 0.55, 0.62, 0],
  ],
};

/** MILK in raised strokes facing -y, centred at x = 0, standing on z = 0. */
function lettering(height: number): BufferGeometry {
  const widths: Record<string, number> = { M: 1.1, I: 0.6, L: 0.8, K: 0.7 };
  let x = -1.6;
  const bars = ['M', 'I', 'L', 'K'].flatMap((letter) => {
    const made = strokes[letter].map(([x0, z0, x1, z1]) => {
      const length = Math.hypot(x1 - x0, z1 - z0) + 0.16;
      return new BoxGeometry(length, 0.06, 0.17)
        .rotateY(-Math.atan2(z1 - z0, x1 - x0))
        .translate(x + (x0 + x1) / 2, 0, (z0 + z1) / 2);
    });
    x += widths[letter];
    return made;
  });
  return join(bars).scale(height * 0.78, 1, height);
}

/** The folded top: two slopes to a ridge along x, the ends folded in. */
function gable(half: number, bottom: number, height: number): BufferGeometry {
  const [l, ridge] = [half, bottom + height];
  const quad = (a: Vec3, b: Vec3, c: Vec3, d: Vec3) =>
    weldedSurface(
      (u, v) =>
        [0, 1, 2].map(
          (i) => (1 - v) * ((1 - u) * a[i] + u * b[i]) + v * ((1 - u) * d[i] + u * c[i]),
        ) as unknown as Vec3,
      1,
      1,
    );
  const slopes = [-1, 1].map((s) =>
    quad([-l, s * l, bottom], [l, s * l, bottom], [l, s * 0.12, ridge], [-l, s * 0.12, ridge]),
  );
  const ends = [-1, 1].flatMap((s) => {
    const inner: Vec3 = [s * l * 0.55, 0, bottom + height * 0.62];
    return [
      quad([s * l, -l, bottom], [s * l, l, bottom], inner, inner),
      quad([s * l, -l, bottom], inner, [s * l, 0, ridge], [s * l, -0.1, ridge]),
      quad([s * l, l, bottom], inner, [s * l, 0, ridge], [s * l, 0.1, ridge]),
    ];
  });
  return join([...slopes, ...ends]);
}

/** What is printed about the carton, up to a wave. */
function printedField(half: number, height: number, swing: number, phase: number): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const corner = Math.min(3, Math.floor(u * 4));
      const turn = (corner * Math.PI) / 2;
      const x = half * (2 * (u * 4 - corner) - 1);
      return [
        x * Math.cos(turn) + half * Math.sin(turn),
        x * Math.sin(turn) - half * Math.cos(turn),
        0.15 + v * (height + swing * Math.sin(4 * Math.PI * u + phase)),
      ];
    },
    64,
    1,
    0.5,
  );
}

export const milkCarton: ThingKind = {
  noun: 'milk carton',
  synonyms: ['carton of milk', 'carton'],
  parts: ['cap'],
  colours: ['white', 'blue', 'blue', 'green', 'red', 'pink', 'teal'],
  make(draw, colour) {
    const side = draw.between(6.8, 7.6);
    const body = side * draw.between(1.9, 2.5);
    const roof = side * 0.46;
    const half = side / 2;
    const white = finish(paintOf('white', draw), { gloss: 0.3, grain: 0.03, material: 'paper' });
    const inked: Finish = {
      ...white,
      paint: paintOf(colour === 'white' ? draw.pick(['blue', 'green', 'red'] as const) : colour, draw),
    };
    const share = colour === 'white' ? 0.16 : draw.between(0.45, 0.6);
    const printed = printedField(half * 1.004, body * share, body * 0.05, draw.between(0, 6));
    const slope = Math.atan2(roof, half);
    const cap = join([cylinder(1.45, 1.45, 0.35, 28), cylinder(1.3, 1.22, 1.3, 28)])
      .rotateX(slope)
      .translate(0, -half * 0.52, body + roof * 0.46);
    const letters = [0, 1, 2, 3].map((turn) =>
      lettering(side * 0.29)
        .translate(0, -half - 0.01, body * (colour === 'white' ? 0.5 : 0.7))
        .rotateZ((turn * Math.PI) / 2),
    );
    const fin = roundedBox(side, 0.3, side * 0.2, 0.06).translate(0, 0, body + roof - 0.05);
    const parts: ThingPart[] = [
      { geometry: join([roundedBox(side, side, body, 0.18), gable(half * 0.995, body - 0.05, roof)]), finish: white },
      { geometry: printed, finish: inked },
      { geometry: fin, finish: colour === 'white' ? white : inked },
      { geometry: join(letters), finish: inked },
      {
        name: 'cap',
        geometry: cap,
        finish: moulded(draw, draw.chance(0.5) ? inked.paint.word : draw.pick(['red', 'white', 'blue'] as const)),
      },
    ];
    return { colours: colour === 'white' ? ['white'] : [colour, 'white'], material: 'paper', parts };
  },
};
