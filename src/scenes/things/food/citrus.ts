/** Oranges and lemons, whole or half. */
import type { BufferGeometry } from 'three';
import { noise } from '../../finish.ts';
import { cylinder, ellipsoid, join, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { exactPaint, shaded } from '../forms/paints.ts';
import { smoothLathe } from '../forms/solids.ts';
import { warp, weldedSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { leaf, leafFinish } from './fruit-leaf.ts';

/** Half a citrus fruit lying on its back, cut face up: shell and white, then segments. */
function citrusHalf(r: number, length: number, skin: Finish, flesh: Finish): ThingPart[] {
  const shell = smoothLathe(
    [
      [0, 0],
      [r * 0.3, r * 0.04 * length],
      [r * 0.75, r * 0.34 * length],
      [r * 0.96, r * 0.7 * length],
      [r, r * length],
      [r, r * length],
      [r * 0.9, r * length],
    ],
    5,
    40,
  );
  const face = cylinder(r * 0.9, r * 0.92, 0.1, 40).translate(0, 0, r * length - 0.12);
  const segments = Array.from({ length: 10 }, (_, i) => {
    const turn = (i / 10) * 2 * Math.PI;
    return weldedSurface(
      (u, v) => {
        const angle = 2 * Math.PI * u;
        // A rounded wedge about the middle of the segment, bulging a little.
        const along = r * 0.47 + r * 0.37 * Math.cos(angle);
        const half = along * 0.28 * Math.abs(Math.sin(angle)) ** 0.8 * Math.sign(Math.sin(angle));
        const x = r * 0.5 + (along - r * 0.5) * v;
        return [
          x * Math.cos(turn) - half * v * Math.sin(turn),
          x * Math.sin(turn) + half * v * Math.cos(turn),
          r * length - 0.02 + 0.12 * Math.sqrt(1 - v * v),
        ];
      },
      18,
      5,
    );
  });
  const white = finish(exactPaint('white', 45, 0.5, 0.87), { grain: 0.1, gloss: 0.1 });
  return [
    { name: 'rind', geometry: shell, finish: skin },
    { geometry: face, finish: white },
    { geometry: join(segments), finish: flesh },
  ];
}

const peel = (paint: Finish['paint']): Finish =>
  finish(paint, { accent: shaded(paint, 0.85), pattern: 'speckle', period: 0.3, grain: 0.12, gloss: 0.4 });

function orangeBody(r: number, h: number): BufferGeometry {
  const profile: Point[] = [
    [0, 0.15],
    [r * 0.35, 0.12],
    [r * 0.72, h * 0.15],
    [r * 0.96, h * 0.36],
    [r, h * 0.52],
    [r * 0.94, h * 0.7],
    [r * 0.72, h * 0.87],
    [r * 0.36, h * 0.975],
    [r * 0.1, h * 0.97],
    [0, h * 0.955],
  ];
  return warp(smoothLathe(profile, 5, 44), (x, y, z) => {
    const bump = 1 + 0.012 * (noise(x * 3, y * 3, z * 3) - 0.5);
    return [x * bump, y * bump, z];
  });
}

function orangeCalyx(h: number): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const angle = 2 * Math.PI * u;
      const radius = 0.55 * v * (0.75 + 0.25 * Math.cos(5 * angle));
      return [radius * Math.cos(angle), radius * Math.sin(angle), h * 0.955 + 0.14 * (1 - v * v) + 0.02];
    },
    30,
    4,
  );
}

export const orange: ThingKind = {
  noun: 'orange',
  synonyms: [],
  parts: ['leaf', 'rind'],
  colours: ['orange'],
  make(draw, colour) {
    const r = draw.between(3.5, 4.3);
    const paint =
      colour === 'orange'
        ? exactPaint(colour, draw.between(21, 27), 0.95, draw.between(0.48, 0.54))
        : paintOf(colour, draw);
    if (draw.chance(0.25)) {
      const flesh = finish(exactPaint('orange', 32, 0.95, 0.52), {
        accent: exactPaint('orange', 36, 0.95, 0.62),
        pattern: 'crumb',
        period: 0.5,
        gloss: 0.6,
      });
      return { colours: [colour], parts: citrusHalf(r, 0.92, peel(paint), flesh) };
    }
    const flat = draw.between(0.9, 0.97);
    const h = 2 * r * flat;
    const body = orangeBody(r, h);
    const calyx = orangeCalyx(h);
    const parts: ThingPart[] = [
      { geometry: body, finish: peel(paint) },
      { geometry: calyx, finish: finish(exactPaint('green', 80, 0.4, 0.28), { grain: 0.3 }) },
    ];
    if (draw.chance(0.65)) {
      const blades = Array.from({ length: draw.integer(1, 2) }, (_, i) =>
        leaf(draw.between(3.2, 4.4), draw.between(1.8, 2.3), -0.9)
          .rotateX(0.3)
          .rotateZ(i * 2.4 + draw.between(0, 3))
          .translate(0, 0, h * 0.97),
      );
      parts.push({ name: 'leaf', geometry: join(blades), finish: leafFinish(draw) });
    }
    return { colours: [colour], parts };
  },
};

function lemonBody(r: number, half: number): BufferGeometry {
  const profile: Point[] = [
    [0, -half * 1.02],
    [r * 0.16, -half * 1.0],
    [r * 0.3, -half * 0.92],
    [r * 0.62, -half * 0.72],
    [r * 0.94, -half * 0.32],
    [r, 0],
    [r * 0.92, half * 0.36],
    [r * 0.62, half * 0.72],
    [r * 0.32, half * 0.92],
    [r * 0.2, half * 1.04],
    [r * 0.15, half * 1.16],
    [0, half * 1.22],
  ];
  return warp(smoothLathe(profile, 5, 36), (x, y, z) => {
    const bump = 1 + 0.02 * (noise(x * 2.5, y * 2.5, z * 2.5) - 0.5);
    return [x * bump, y * bump, z];
  })
    .rotateY(Math.PI / 2)
    .translate(0, 0, r * 0.99);
}

export const lemon: ThingKind = {
  noun: 'lemon',
  synonyms: [],
  parts: ['leaf', 'rind'],
  colours: ['yellow'],
  make(draw, colour) {
    const r = draw.between(2.6, 3.1);
    const paint = paintOf(colour, draw);
    if (draw.chance(0.3)) {
      const flesh = finish(exactPaint('yellow', 56, 0.8, 0.62), {
        accent: exactPaint('yellow', 58, 0.85, 0.75),
        pattern: 'crumb',
        period: 0.4,
        gloss: 0.6,
      });
      return { colours: [colour], parts: citrusHalf(r, 1.08, peel(paint), flesh) };
    }
    // Lies on its side along x: the nipple at +x.
    const half = r * draw.between(1.3, 1.45);
    const body = lemonBody(r, half);
    const scar = ellipsoid(0.12, 0.34, 0.34, 12).translate(-half * 1.02, 0, r * 0.99);
    const parts: ThingPart[] = [
      { geometry: body, finish: peel(paint) },
      { geometry: scar, finish: finish(exactPaint('green', 80, 0.4, 0.32), { grain: 0.3 }) },
    ];
    if (draw.chance(0.45)) {
      const blade = leaf(draw.between(3.4, 4.4), 1.9, -1)
        .rotateX(0.5)
        .rotateZ(Math.PI / 2 + draw.between(-0.9, 0.9))
        .translate(-half * 0.98, 0, r * 1.05);
      parts.push({ name: 'leaf', geometry: blade, finish: leafFinish(draw) });
    }
    return { colours: [colour], parts };
  },
};
