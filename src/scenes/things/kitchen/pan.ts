/** A frying pan. */
import type { BufferGeometry } from 'three';
import { ellipsoid, join, ring } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';
import { enamelled, panWall } from './pan-wall.ts';

function panHandle(radius: number, height: number, reach: number, end: number): BufferGeometry {
  return radiiTube(
    [
      [radius + 1.6, 0, height * 0.85],
      [radius + 6, 0, height + 1],
      [reach - 5, 0, end],
      [reach, 0, end + 0.1],
    ],
    [0.65, 0.85, 1, 1.05, 0.85],
    24,
  ).scale(1, 1.35, 1);
}

function handleNeck(radius: number, height: number): BufferGeometry {
  return radiiTube(
    [
      [radius * 0.9, 0, height * 0.7],
      [radius + 1.2, 0, height * 0.8],
      [radius + 3, 0, height + 0.2],
    ],
    [0.9, 0.55],
    12,
  );
}

export const pan: ThingKind = {
  noun: 'pan',
  synonyms: ['frying pan', 'skillet'],
  parts: ['handle'],
  colours: ['black', 'grey', 'red', 'black', 'blue', 'green', 'orange', 'teal'],
  make(draw, colour) {
    const radius = draw.between(10.5, 14);
    const height = draw.between(3.8, 5.2);
    const look = enamelled(draw, colour);
    const coating = finish(paintOf(colour === 'grey' && draw.chance(0.5) ? 'grey' : 'black', draw), {
      material: 'metal',
      gloss: 0.5,
      grain: 0.2,
    });
    const { outside, inside } = panWall(radius * 0.8, radius, height, 0.35);
    const reach = radius + draw.between(15, 19);
    const end = height + draw.between(1.5, 4);
    const bar = panHandle(radius, height, reach, end);
    const neck = handleNeck(radius, height);
    const rivets = [-1.1, 1.1].map((y) => ellipsoid(0.35, 0.4, 0.4, 10).translate(radius * 0.93, y, height * 0.72));
    const eye = ring(0.85, 0.3, 20).translate(reach + 1, 0, end + 0.1);
    const wooden = draw.chance(0.35);
    const grip = wooden ? woodGrain(draw) : draw.chance(0.6) ? moulded(draw, 'black') : look;
    return {
      colours: [colour],
      material: 'metal',
      parts: [
        { geometry: outside, finish: look },
        { geometry: inside, finish: coating },
        { geometry: ring(radius, 0.28, 56).translate(0, 0, height), finish: look },
        { geometry: join(rivets), finish: metallic(draw) },
        { name: 'handle', geometry: join([bar]), finish: grip },
        { name: 'handle', geometry: join([neck, eye]), finish: metallic(draw) },
      ],
    };
  },
};
