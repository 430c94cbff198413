/** A cup of pencils and pens. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join, lathe, roundedBox } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { pointing } from '../forms/placing.ts';
import { glazed, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';
import { brightColours } from './colours.ts';
import { faceted, uprightPencil } from './pencil.ts';

/** Along +z from its end at 0, its cap or button up. */
function uprightPen(draw: Draw, colour: ColourWord, long: number): ThingPart[] {
  const cap = long * draw.between(0.3, 0.4);
  const barrel = lathe(
    [
      [0, 0],
      [0.42, 0.1],
      [0.45, 1],
      [0.45, long - cap],
    ],
    20,
  );
  const top = lathe(
    [
      [0.5, long - cap],
      [0.52, long - cap + 0.1],
      [0.5, long - 0.3],
      [0.35, long],
      [0, long],
    ],
    20,
  );
  const clip = roundedBox(0.22, 0.14, cap * 0.8, 0.06).translate(0, -0.62, long - cap * 0.85);
  const knob = roundedBox(0.2, 0.5, 0.2, 0.05).translate(0, -0.42, long - cap * 0.2);
  return [
    { geometry: barrel, finish: moulded(draw, draw.pick([colour, 'white', 'black'])) },
    { geometry: join([top, clip, knob]), finish: moulded(draw, colour) },
  ];
}

function holderFilling(draw: Draw, radius: number, high: number): ThingPart[] {
  const count = draw.integer(6, 8);
  const words = draw.shuffle<ColourWord>([...brightColours, 'black']);
  const turn = draw.between(0, 2 * Math.PI);
  return Array.from({ length: count }, (_, which): ThingPart[] => {
    const long = high + draw.between(3.5, 8);
    const upright = draw.chance(0.65)
      ? uprightPencil(draw, words[which], long, 0.45).map(({ geometry, finish: paint }) => ({
          geometry,
          finish: paint,
        }))
      : uprightPen(draw, words[which], long);
    const flip = upright.length > 2 && draw.chance(0.2);
    const angle = turn + (which / count) * 2 * Math.PI;
    const [foot, lean] = [draw.between(-1.6, 0.6), draw.between(radius * 0.55, radius - 0.95)];
    const direction: Vec3 = [(lean - foot) * Math.cos(angle), (lean - foot) * Math.sin(angle), high - 0.6];
    for (const { geometry } of upright) {
      if (flip) geometry.rotateX(Math.PI).translate(0, 0, long);
      pointing(geometry.rotateZ(draw.between(0, 6)), [foot * Math.cos(angle), foot * Math.sin(angle), 0.7], direction);
    }
    return upright;
  }).flat();
}

function holderCup(radius: number, high: number, sides: number): BufferGeometry {
  const turned = lathe(
    [
      [0, 0],
      [radius, 0],
      [radius, 0.01],
      [radius, high - 0.01],
      [radius, high],
      [radius - 0.35, high],
      [radius - 0.35, high - 0.01],
      [radius - 0.35, 0.5],
      [0, 0.5],
    ],
    sides,
  );
  return sides < 48
    ? faceted(turned)
        .rotateZ(Math.PI / sides)
        .scale(1.08, 1.08, 1)
    : turned;
}

export const pencilHolder: ThingKind = {
  noun: 'pencil holder',
  synonyms: ['pencil cup', 'pen holder'],
  parts: [],
  colours: ['black', 'white', 'blue', 'red', 'teal', 'grey', 'brown', 'pink', 'green'],
  make(draw, colour) {
    const [radius, high] = [draw.between(3.6, 4.4), draw.between(8.5, 10.5)];
    const sides = draw.pick([48, 48, 6, 4]);
    const cup = holderCup(radius, high, sides);
    const band = draw.pick(['plain', 'plain', 'stripes', 'dots'] as const);
    const look =
      colour === 'brown'
        ? woodGrain(draw, colour)
        : draw.pick([metallic(draw, colour), glazed(draw, colour), moulded(draw, colour)]);
    const decorated: Finish =
      colour === 'brown'
        ? look
        : {
            ...look,
            pattern: band,
            period: draw.between(2, 3.4),
            accent: paintOf(colour === 'white' ? draw.pick(brightColours) : 'white', draw),
          };
    const filling = holderFilling(draw, radius, high);
    return { colours: [colour], material: look.material, parts: [{ geometry: cup, finish: decorated }, ...filling] };
  },
};
