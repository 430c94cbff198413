/** A teapot with its lid. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Vec3 } from '../../scene.ts';
import { smoothLathe } from '../forms/solids.ts';
import { planarTube } from '../forms/tubes.ts';
import { finish, glazed, type ThingKind } from '../thing-kind.ts';
import { ear, patterned } from './vessels.ts';

/** Belly of radius r and height h, open to `neck`. */
function teapotBelly(r: number, h: number, neck: number): BufferGeometry {
  return smoothLathe([
    [0, 0.2],
    [r * 0.52, 0.2],
    [r * 0.55, 0],
    [r * 0.6, 0],
    [r * 0.6, 0],
    [r * 0.62, 0.5],
    [r * 0.62, 0.5],
    [r * 0.9, h * 0.22],
    [r, h * 0.46],
    [r * 0.93, h * 0.7],
    [r * 0.7, h * 0.92],
    [neck * 1.08, h],
    [neck * 1.08, h],
    [neck, h * 1.03],
    [0, h * 1.03],
  ]);
}

function lidWithKnob(draw: Draw, h: number, neck: number): BufferGeometry {
  const knob = neck * draw.between(0.26, 0.36);
  const dome = h * draw.between(0.08, 0.16);
  const top = h * 1.02 + dome;
  return smoothLathe([
    [0, h],
    [neck * 0.98, h * 1.0],
    [neck * 1.1, h * 1.02],
    [neck * 1.06, h * 1.06],
    [neck * 0.8, top - dome * 0.2],
    [knob * 0.7, top + 0.1],
    [knob * 0.5, top + 0.4],
    [knob * 0.9, top + knob * 0.9],
    [knob * 0.85, top + knob * 1.7],
    [0, top + knob * 2],
  ]);
}

/** Spout on the -x side and the dark mouth at its end. */
function teapotSpout(r: number, h: number, straight: boolean): { spout: BufferGeometry; mouth: BufferGeometry } {
  const spout = planarTube(
    straight
      ? [
          [-r * 0.7, 0, h * 0.4],
          [-r * 1.2, 0, h * 0.68],
          [-r * 1.62, 0, h * 0.95],
        ]
      : [
          [-r * 0.7, 0, h * 0.3],
          [-r * 1.12, 0, h * 0.4],
          [-r * 1.36, 0, h * 0.7],
          [-r * 1.5, 0, h * 0.92],
          [-r * 1.72, 0, h * 1.02],
        ],
    (t) => r * (0.3 - 0.2 * t + 0.03 * t ** 6),
    { cells: 26, sides: 20 },
  );
  const mouthAt: Vec3 = straight ? [-r * 1.615, 0, h * 0.952] : [-r * 1.718, 0, h * 1.021];
  const mouth = ellipsoid(r * 0.08, r * 0.08, 0.12, 14)
    .rotateY(straight ? -0.75 : -1.1)
    .translate(...mouthAt);
  return { spout, mouth };
}

export const teapot: ThingKind = {
  noun: 'teapot',
  synonyms: ['tea pot'],
  parts: ['handle', 'spout', 'lid'],
  colours: ['white', 'blue', 'red', 'green', 'brown', 'yellow', 'teal', 'pink', 'purple'],
  make(draw, colour) {
    const r = draw.between(6.5, 8);
    const h = r * draw.between(1.35, 1.75);
    const neck = r * draw.between(0.42, 0.52);
    const { spout, mouth } = teapotSpout(r, h, draw.chance(0.3));
    const handle = ear(
      [r * 0.8, h * 0.82],
      [r * 0.92, h * 0.26],
      r * draw.between(0.55, 0.75),
      draw.between(0.75, 0.95),
      draw.chance(0.75),
    );
    const look = patterned(draw, colour, 0.35);
    const plain = { ...look, accent: undefined };
    const lidLook = draw.chance(0.25) ? glazed(draw, colour === 'white' ? 'blue' : 'white') : plain;
    const dark = finish(paintOf('black', draw), { gloss: 0 });
    return {
      colours: [colour],
      material: 'ceramic',
      parts: [
        { geometry: teapotBelly(r, h, neck), finish: look },
        { name: 'lid', geometry: lidWithKnob(draw, h, neck), finish: lidLook },
        { name: 'spout', geometry: spout, finish: plain },
        { name: 'spout', geometry: mouth, finish: dark },
        { name: 'handle', geometry: handle, finish: plain },
      ],
    };
  },
};
