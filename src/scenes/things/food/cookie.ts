/** A cookie with chips. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { noise } from '../../finish.ts';
import { ellipsoid, join, type Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Paint } from '../../scene.ts';
import { exactPaint } from '../forms/paints.ts';
import { smoothLathe } from '../forms/solids.ts';
import { warp } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { baked } from './baked.ts';

/** Height of a cookie at a radius. */
const cookieTop = (r: number, h: number, at: number) =>
  h * (0.72 + 0.28 * Math.cos((Math.min(1, at / r) * Math.PI) / 2));

function cookieDough(r: number, h: number, offset: number): BufferGeometry {
  const round = smoothLathe(
    [
      [0, 0],
      [r * 0.92, 0],
      [r, h * 0.3],
      [r * 0.96, h * 0.62],
      [r * 0.75, cookieTop(r, h, r * 0.75)],
      [r * 0.4, cookieTop(r, h, r * 0.4)],
      [0, h],
    ],
    6,
    48,
  );
  return warp(round, (x, y, z) => {
    const uneven = 1 + 0.07 * (noise(x * 0.6 + offset, y * 0.6, 3) - 0.5);
    const bumps =
      z > h * 0.4
        ? 0.28 * (noise(x * 1.3 + offset, y * 1.3, 9) - 0.5) + 0.12 * (noise(x * 3, y * 3 + offset, 1) - 0.5)
        : 0;
    return [x * uneven, y * uneven, z + bumps];
  });
}

/** Chips on the top, none on another. */
function cookieChips(draw: Draw, r: number, h: number): BufferGeometry {
  const chips: BufferGeometry[] = [];
  const spots: Point[] = [];
  for (let tries = 0; tries < 60 && chips.length < 15; tries++) {
    const [angle, radius] = [draw.between(0, 2 * Math.PI), r * 0.86 * Math.sqrt(draw.next())];
    const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    if (spots.some(([a, b]) => Math.hypot(a - x, b - y) < r * 0.25)) continue;
    spots.push([x, y]);
    const size = draw.between(0.3, 0.46);
    chips.push(
      ellipsoid(size * draw.between(0.9, 1.25), size, size * 0.6, 14)
        .rotateZ(angle * 3)
        .translate(x, y, cookieTop(r, h, radius) + 0.04),
    );
  }
  return join(chips);
}

function cookiePaint(draw: Draw, colour: ColourWord): Paint {
  if (colour === 'beige') return exactPaint('beige', draw.between(31, 36), 0.58, draw.between(0.55, 0.62));
  return colour === 'brown' ? exactPaint('brown', 24, 0.5, draw.between(0.24, 0.32)) : paintOf(colour, draw);
}

export const cookie: ThingKind = {
  noun: 'cookie',
  synonyms: ['biscuit', 'chocolate chip cookie'],
  parts: [],
  colours: ['beige', 'brown', 'beige'],
  make(draw, colour) {
    const r = draw.between(3.2, 4.4);
    const h = draw.between(1.3, 1.7);
    const paint = cookiePaint(draw, colour);
    const chipPaint =
      colour === 'brown' && draw.chance(0.5) ? exactPaint('white', 42, 0.5, 0.85) : exactPaint('brown', 18, 0.45, 0.12);
    return {
      colours: [colour],
      parts: [
        { geometry: cookieDough(r, h, draw.between(0, 50)), finish: baked(paint, 0.9, 0.6) },
        { geometry: cookieChips(draw, r, h), finish: finish(chipPaint, { gloss: 0.45, grain: 0.05 }) },
      ],
    };
  },
};
