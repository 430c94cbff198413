/** A cooking pot, mostly with its lid. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { join, ring, tube } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { creasedLathe } from '../forms/solids.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, metallic, moulded, type ThingKind } from '../thing-kind.ts';
import { enamelled, panWall } from './pan-wall.ts';

/** Two ears, or one long handle. */
function potHandles(draw: Draw, radius: number, height: number): BufferGeometry[] {
  const ear = (side: number) =>
    tube(
      [
        [side * radius * 0.96, -3.2, height * 0.8],
        [side * (radius + 2), -2.9, height * 0.83],
        [side * (radius + 3.1), 0, height * 0.85],
        [side * (radius + 2), 2.9, height * 0.83],
        [side * radius * 0.96, 3.2, height * 0.8],
      ],
      draw.between(0.55, 0.7),
    );
  const long = radiiTube(
    [
      [radius * 0.95, 0, height * 0.82],
      [radius + 4, 0, height * 0.88],
      [radius + 17, 0, height * 1.02],
    ],
    [0.7, 0.8, 1.1, 1.2],
    20,
  ).scale(1, 1.25, 1);
  return draw.chance(0.65) ? [ear(-1), ear(1)] : [long];
}

function potLid(radius: number, dome: number): BufferGeometry {
  const cover = curveThrough(
    [
      [radius * 0.93, 0.1],
      [radius * 0.8, dome * 0.5],
      [radius * 0.45, dome * 0.92],
      [0, dome],
    ],
    16,
  );
  return creasedLathe([[radius * 0.8, 0], [radius * 0.98, 0], [radius * 0.98, 0.35], ...cover], 56);
}

function potKnob(dome: number): BufferGeometry {
  return creasedLathe(
    curveThrough(
      [
        [0.7, -0.4],
        [0.75, 0.6],
        [1.9, 1.3],
        [1.7, 2.1],
        [0, 2.3],
      ],
      14,
    ),
    24,
  ).translate(0, 0, dome);
}

export const pot: ThingKind = {
  noun: 'pot',
  synonyms: ['cooking pot', 'saucepan'],
  parts: ['handle', 'lid', 'rim'],
  colours: ['red', 'grey', 'blue', 'grey', 'orange', 'white', 'green', 'black', 'yellow', 'teal'],
  make(draw, colour) {
    const radius = draw.between(8.5, 11.5);
    const height = radius * draw.between(0.95, 1.45);
    const look = enamelled(draw, colour);
    const dark = moulded(draw, colour === 'black' ? 'grey' : 'black');
    const steel = metallic(draw);
    const grip = draw.chance(0.5) ? dark : look;
    const { outside, inside } = panWall(radius, radius * 1.01, height, 0.35);
    const handles = potHandles(draw, radius, height);
    const dome = radius * draw.between(0.2, 0.34);
    const lid = potLid(radius, dome);
    const knob = potKnob(dome);
    const lidded: ThingPart[] = [
      { name: 'lid', geometry: lid.translate(0, 0, height + 0.3), finish: draw.chance(0.7) ? look : steel },
      { name: 'lid', geometry: knob.translate(0, 0, height + 0.3), finish: grip === look ? steel : dark },
    ];
    const rim = ring(radius * 1.01 + 0.1, 0.42, 56).translate(0, 0, height - 0.1);
    const lining =
      colour === 'grey' || draw.chance(0.3) ? steel : finish(paintOf('white', draw), { gloss: 0.7, material: 'metal' });
    return {
      colours: [colour],
      material: 'metal',
      parts: [
        { geometry: outside, finish: look },
        { geometry: inside, finish: lining },
        { name: 'rim', geometry: rim, finish: draw.chance(0.7) ? steel : dark },
        { name: 'handle', geometry: join(handles), finish: grip },
        ...(draw.chance(0.8) ? lidded : []),
      ],
    };
  },
};
