/** An apple with its stem. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import type { Point } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, Paint, ThingPart } from '../../scene.ts';
import { exactPaint } from '../forms/paints.ts';
import { smoothLathe } from '../forms/solids.ts';
import { warp } from '../forms/surfaces.ts';
import { planarTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { leaf, leafFinish } from './fruit-leaf.ts';

const twig = (draw: Draw): Finish =>
  finish(exactPaint('brown', 28, 0.45, draw.between(0.18, 0.26)), { grain: 0.4, gloss: 0 });

/** What an apple turns to near its stem. */
function appleBlush(colour: ColourWord): Paint {
  if (colour === 'red') return exactPaint('red', 38, 0.75, 0.45);
  return colour === 'green' ? exactPaint('green', 66, 0.65, 0.5) : exactPaint('yellow', 12, 0.75, 0.5);
}

const lighter = ({ word, rgb }: Paint): Paint => ({
  word,
  rgb: [rgb[0] * 0.7 + 0.25, rgb[1] * 0.7 + 0.22, rgb[2] * 0.7 + 0.12],
});

function appleBody(r: number, h: number, shoulder: number): BufferGeometry {
  const profile: Point[] = [
    [0, h * 0.1],
    [r * 0.2, h * 0.06],
    [r * 0.38, 0],
    [r * 0.6, h * 0.05],
    [r * 0.88, h * 0.28],
    [r, h * shoulder],
    [r * 0.86, h * 0.88],
    [r * 0.52, h],
    [r * 0.22, h * 0.94],
    [r * 0.07, h * 0.84],
    [0, h * 0.81],
  ];
  return warp(smoothLathe(profile, 5, 40), (x, y, z) => {
    const angle = Math.atan2(y, x);
    const lobes = 1 + 0.035 * Math.cos(5 * angle) * (1 - z / h) + 0.03 * Math.cos(angle + 1);
    return [x * lobes, y * lobes, z * (1 + 0.03 * Math.cos(angle))];
  });
}

function appleStem(h: number, lean: number): BufferGeometry {
  return planarTube(
    [
      [0, 0, h * 0.8],
      [lean * 0.3, 0, h * 0.95],
      [lean, 0, h * 1.16],
    ],
    (t) => 0.17 + 0.1 * t ** 3,
    { sides: 10, cells: 10 },
  );
}

export const apple: ThingKind = {
  noun: 'apple',
  synonyms: [],
  parts: ['stem', 'leaf'],
  colours: ['red', 'red', 'green', 'yellow'],
  make(draw, colour) {
    const r = draw.between(3.5, 4.3);
    const h = r * draw.between(1.65, 1.9);
    const shoulder = draw.between(0.6, 0.68);
    const body = appleBody(r, h, shoulder);
    const paint = paintOf(colour, draw);
    const skin = draw.pick([
      { accent: appleBlush(colour), pattern: 'gradient', period: h * 1.6 },
      { accent: lighter(paint), pattern: 'speckle', period: 0.26 },
      { pattern: 'plain' },
    ] as const);
    const lean = draw.between(0.25, 0.6);
    const stem = appleStem(h, lean);
    const parts: ThingPart[] = [
      { geometry: body, finish: finish(paint, { grain: 0.14, gloss: 0.55, ...skin }) },
      { name: 'stem', geometry: stem, finish: twig(draw) },
    ];
    if (draw.chance(0.65)) {
      const blade = leaf(draw.between(3.8, 4.8), draw.between(2, 2.6), -0.7)
        .rotateX(0.4)
        .rotateZ(draw.between(0, 6))
        .translate(lean * 0.5, 0, h * 1.02);
      parts.push({ name: 'leaf', geometry: blade, finish: leafFinish(draw) });
    }
    return { colours: [colour], parts };
  },
};
