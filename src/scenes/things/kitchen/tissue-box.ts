/** A box of tissues, one of them pulled up. */
import type { BufferGeometry } from 'three';
import { noise } from '../../finish.ts';
import { cylinder, join, roundedBox } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { mixed } from '../forms/paints.ts';
import { gridSurface } from '../forms/surfaces.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

function tissueSheets(height: number, long: number, phase: number, rise: number): BufferGeometry {
  // A sheet gathered in the slit that opens into folds.
  const sheet = (seed: number) =>
    gridSurface(40, 16, (u, v) => {
      const s = 2 * u - 1;
      const open = v ** 0.7;
      const x = s * (long * 0.55 + open * 3.6);
      const folds = Math.sin(s * 5 + phase + seed) * 0.9 + Math.sin(s * 9 + seed * 3 + phase) * 0.2;
      const lean = (0.5 + 2 * seed) * v * v;
      const peak = 1 - 0.4 * s * s + 0.18 * (noise(u * 4, seed * 5, phase) - 0.5);
      const curl = 1 - 0.25 * Math.max(0, v - 0.7) * Math.abs(s);
      return [x, folds * open * 0.9 + lean, height - 0.4 + rise * v * peak * curl];
    });
  return join([sheet(0), sheet(1)]);
}

export const tissueBox: ThingKind = {
  noun: 'tissue box',
  synonyms: ['box of tissues'],
  parts: [],
  colours: ['blue', 'green', 'pink', 'white', 'purple', 'yellow', 'teal', 'beige', 'red', 'orange'],
  make(draw, colour) {
    const cube = draw.chance(0.35);
    const [width, depth, height] = cube
      ? [11.5, 11.5, draw.between(12, 13.5)]
      : [draw.between(21, 24), draw.between(11, 12.5), draw.between(6, 8.5)];
    const pattern = draw.pick(['plain', 'stripes', 'dots', 'marble', 'checks', 'gradient'] as const);
    const other = draw.pick(
      (['white', 'white', 'beige', 'pink', 'blue', 'yellow'] as const).filter((word) => word !== colour),
    );
    const card = finish(paintOf(colour, draw), {
      accent: paintOf(other, draw),
      pattern,
      period: pattern === 'gradient' ? height : draw.between(2.2, 4),
      material: 'paper',
      gloss: 0.3,
      grain: 0.03,
    });
    const long = cube ? 3.2 : width * 0.3;
    const oval = (wide: number, z: number) =>
      cylinder(1, 1, 0.1, 40)
        .scale(long + wide, 2 + wide, 1)
        .translate(0, 0, height + z);
    const phase = draw.between(0, 20);
    const rise = draw.between(7, 9.5);
    const white = finish(mixed(paintOf('white', draw), [1, 1, 1], 0.8), { material: 'paper', gloss: 0, grain: 0.02 });
    return {
      colours: [colour],
      material: 'paper',
      parts: [
        { geometry: roundedBox(width, depth, height, 0.35), finish: card },
        { geometry: oval(0.5, -0.06), finish: white },
        { geometry: oval(0, -0.02), finish: finish(paintOf('grey', draw), { gloss: 0 }) },
        { geometry: tissueSheets(height, long, phase, rise), finish: white },
      ],
    };
  },
};
