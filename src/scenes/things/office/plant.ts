/** A plant in its pot. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, lathe } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { finish, glazed, type ThingKind } from '../thing-kind.ts';
import { bush, rosette, swords } from './foliage.ts';

function potFinish(draw: Draw, potColour: ColourWord, clay: boolean): Finish {
  const plain = clay
    ? finish(paintOf(potColour, draw), { material: 'ceramic', gloss: 0.05, grain: 0.2 })
    : glazed(draw, potColour);
  return clay || draw.chance(0.5)
    ? plain
    : {
        ...plain,
        pattern: draw.pick(['stripes', 'dots', 'marble']),
        period: draw.between(1.6, 3),
        accent: paintOf(potColour === 'white' ? 'teal' : 'white', draw),
      };
}

function potShape(r: number, high: number, clay: boolean, low: number): BufferGeometry {
  const rim = clay
    ? [
        [r * 0.95, high * 0.76],
        [r * 1.06, high * 0.77],
        [r * 1.1, high * 0.98],
        [r * 1.08, high],
      ]
    : [
        [r * 0.99, high * 0.8],
        [r, high * 0.97],
        [r * 0.98, high],
      ];
  return lathe(
    [
      [0, 0.3],
      [low, 0.3],
      [low + 0.15, 0.5],
      ...(rim as [number, number][]),
      [r * 0.9, high],
      [r * 0.87, high - 0.4],
      [r * 0.8, high - 2],
    ],
    48,
  );
}

function saucerFor(low: number): BufferGeometry {
  return lathe(
    [
      [0, 0],
      [low, 0],
      [low * 1.25, 0.9],
      [low * 1.28, 1.05],
      [low * 1.2, 1],
      [low, 0.5],
      [0, 0.4],
    ],
    48,
  );
}

export const plant: ThingKind = {
  noun: 'plant',
  synonyms: ['potted plant', 'houseplant'],
  parts: ['leaf', 'pot'],
  colours: ['green'],
  make(draw, colour) {
    const [r, high] = [draw.between(4.6, 6), draw.between(7, 9.5)];
    const potColour = draw.pick<ColourWord>([
      'orange',
      'brown',
      'white',
      'blue',
      'pink',
      'yellow',
      'grey',
      'teal',
      'black',
    ]);
    const clay = potColour === 'orange' || potColour === 'brown';
    const potLook = potFinish(draw, potColour, clay);
    const low = r * draw.between(0.66, 0.8);
    const pot = potShape(r, high, clay, low);
    const saucer = saucerFor(low);
    const soil = ellipsoid(r * 0.88, r * 0.88, 0.6, 24).translate(0, 0, high - 1.1);
    const grow = draw.pick([rosette, swords, bush, bush]);
    const { leaves, stems } = grow(draw, draw.between(11, 14));
    const paint = paintOf(colour, draw);
    const [red, green, blue] = paint.rgb;
    const accent = { word: colour, rgb: [red * 1.7 + 0.05, green * 1.5 + 0.05, blue * 1.2] as const };
    const leafLook = finish(paint, {
      accent,
      pattern: grow === swords ? 'marble' : draw.pick(['plain', 'speckle', 'crumb']),
      period: draw.between(1.5, 4),
      gloss: 0.35,
      grain: 0.15,
    });
    const parts: ThingPart[] = [
      { name: 'pot', geometry: join([pot, saucer]), finish: potLook },
      { geometry: soil, finish: finish(paintOf('brown', draw), { grain: 0.9, gloss: 0 }) },
      { name: 'leaf', geometry: join(leaves).translate(0, 0, high - 0.9), finish: leafLook },
    ];
    if (stems.length > 0)
      parts.push({ geometry: join(stems).translate(0, 0, high - 0.9), finish: finish(paint, { gloss: 0.2 }) });
    return { colours: [colour], parts };
  },
};
