/** A muffin in its paper cup. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { noise } from '../../finish.ts';
import { ellipsoid, join } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Paint, ThingPart } from '../../scene.ts';
import { exactPaint } from '../forms/paints.ts';
import { smoothLathe } from '../forms/solids.ts';
import { warp, weldedSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';
import { baked } from './baked.ts';

/** A paper cup with pleats. */
function pleatedCup(base: number, rim: number, height: number, pleats: number): BufferGeometry {
  return weldedSurface(
    (u, v) => {
      const angle = 2 * Math.PI * u;
      const pleat = Math.abs(((u * pleats) % 1) - 0.5) * 4 - 1;
      const share = Math.min(1, v / 0.9);
      const radius =
        v === 0 ? 0 : base + (rim - base) * share + (0.06 + 0.1 * share) * pleat - Math.max(0, v - 0.9) * 2;
      return [radius * Math.cos(angle), radius * Math.sin(angle), v === 0 ? 0 : height * share + 0.03 * pleat];
    },
    pleats * 4,
    10,
    0.5,
  );
}

/** The top that rose out of the cup and spread. */
function risenTop(rim: number, height: number, swell: number, dome: number, offset: number): BufferGeometry {
  return warp(
    smoothLathe(
      [
        [rim * 0.8, height * 0.75],
        [rim * 0.98, height * 0.93],
        [swell, height + 0.5],
        [swell * 0.96, height + dome * 0.42],
        [swell * 0.72, height + dome * 0.8],
        [swell * 0.36, height + dome * 0.97],
        [0, height + dome],
      ],
      6,
      44,
    ),
    (x, y, z) => {
      const bump =
        1 +
        (z > height ? 0.14 : 0.03) * (noise(x * 0.8 + offset, y * 0.8, z * 0.8) - 0.5) +
        0.05 * (noise(x * 2.6, y * 2.6 + offset, z * 2.6) - 0.5);
      return [x * bump, y * bump, height + (z - height) * (1 + 0.22 * (noise(x * 0.9, y * 0.9 + offset, 4) - 0.5))];
    },
  );
}

/** Berries or chips all over the top. */
function scatteredBits(draw: Draw, swell: number, height: number, dome: number, middling: number): BufferGeometry {
  const bits = Array.from({ length: draw.integer(11, 17) }, () => {
    const [angle, lift] = [draw.between(0, 2 * Math.PI), draw.between(0.15, 0.97)];
    const radius = swell * Math.sqrt(1 - lift ** 2.2) * 0.97;
    const size = middling * draw.between(0.8, 1.2);
    return ellipsoid(size, size, size * 0.85, 12).translate(
      radius * Math.cos(angle),
      radius * Math.sin(angle),
      height + 0.2 + (dome - 0.2) * lift,
    );
  });
  return join(bits);
}

function crumbPaint(draw: Draw, colour: ColourWord): Paint {
  if (colour === 'brown') return exactPaint('brown', 25, 0.55, draw.between(0.22, 0.38));
  if (colour === 'beige') return exactPaint('beige', 36, 0.62, 0.62);
  return colour === 'yellow' ? exactPaint('yellow', 45, 0.7, 0.57) : paintOf(colour, draw);
}

export const muffin: ThingKind = {
  noun: 'muffin',
  synonyms: ['cupcake'],
  parts: ['wrapper'],
  colours: ['brown', 'brown', 'beige', 'yellow'],
  make(draw, colour) {
    const base = draw.between(2.3, 2.7);
    const rim = base * draw.between(1.32, 1.42);
    const height = draw.between(4, 4.8);
    const swell = rim * draw.between(1.1, 1.24);
    const dome = draw.between(2.3, 3.2);
    const paint = crumbPaint(draw, colour);
    const berries = draw.chance(0.4);
    const bitPaint = berries ? exactPaint('blue', 240, 0.35, 0.22) : exactPaint('brown', 18, 0.45, 0.1);
    const wrapperPaint = paintOf(
      draw.pick(['white', 'white', 'pink', 'teal', 'red', 'yellow', 'brown'] as const),
      draw,
    );
    const parts: ThingPart[] = [
      {
        name: 'wrapper',
        geometry: pleatedCup(base, rim, height, draw.integer(22, 28)),
        finish: finish(wrapperPaint, { gloss: 0.05, grain: 0.05, material: 'paper' }),
      },
      { geometry: risenTop(rim, height, swell, dome, draw.between(0, 50)), finish: baked(paint, 0.8, 0.62) },
    ];
    if (draw.chance(0.85)) {
      const size = berries ? 0.48 : 0.34;
      parts.push({
        geometry: scatteredBits(draw, swell, height, dome, size),
        finish: finish(bitPaint, { gloss: 0.3 }),
      });
    }
    return { colours: [colour], parts };
  },
};
