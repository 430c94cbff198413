/** A carrot with its leaves. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, lathe, type Point } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { Vec3 } from '../../scene.ts';
import { curveThrough } from '../forms/outlines.ts';
import { shaded } from '../forms/paints.ts';
import { radiiTube } from '../forms/tubes.ts';
import { finish, type ThingKind } from '../thing-kind.ts';

/** A feathery leaf along x, bending down at its end. */
function frond(draw: Draw, length: number, lift: number) {
  const at = (share: number): Vec3 => [share * length, 0, lift * Math.sin(share * 2.2) * length];
  const stalk = radiiTube([at(0), at(0.35), at(0.7), at(1)], [0.2, 0.06], 12, 7);
  const leaflets = Array.from({ length: 14 }, (_, index) => {
    const share = 0.3 + (0.7 * (index + 0.5)) / 14;
    const side = index % 2 ? 1 : -1;
    const size = (1.15 - 0.75 * share) * draw.between(0.8, 1.15) * (length / 8);
    const [x, , z] = at(share);
    return ellipsoid(size, size * 0.42, 0.08, 6)
      .rotateZ(side * draw.between(0.6, 1))
      .translate(x + size * 0.5, side * size * 0.75, z + draw.between(0, 0.12));
  });
  return join([stalk, ...leaflets]);
}

function carrotBody(draw: Draw, length: number, radius: number): BufferGeometry {
  const outline = curveThrough(
    [
      [0, 0],
      [radius * 0.16, length * 0.02],
      [radius * 0.34, length * 0.2],
      [radius * 0.72, length * 0.6],
      [radius * 0.98, length * 0.9],
      [radius * 0.86, length * 0.985],
      [radius * 0.3, length],
      [0, length * 0.985],
    ],
    44,
  );
  const ridges = outline.map(
    ([r, z], index): Point => [r * (index > 3 && index < 40 && draw.chance(0.28) ? draw.between(0.93, 0.97) : 1), z],
  );
  return lathe(ridges, 28)
    .rotateY(Math.PI / 2)
    .translate(-length * 0.6, 0, 0);
}

export const carrot: ThingKind = {
  noun: 'carrot',
  synonyms: ['carrots'],
  parts: ['leaf'],
  colours: ['orange', 'orange', 'orange', 'orange', 'purple', 'yellow'],
  make(draw, colour) {
    const length = draw.between(13, 18);
    const radius = draw.between(1.7, 2.3);
    // Its crown towards +x, lying on its side.
    const tilt = Math.atan2(radius * 0.8, length * 0.9);
    const body = carrotBody(draw, length, radius);
    const paint = paintOf(colour, draw);
    const skin = finish(paint, {
      accent: shaded(paint, 0.62),
      pattern: 'speckle',
      period: 1.3,
      grain: 0.14,
      gloss: 0.3,
    });
    const leaves = Array.from({ length: 5 }, (_, index) =>
      frond(draw, draw.between(7, 9.5), draw.between(0.02, 0.3)).rotateZ(
        (index - 2) * 0.24 + draw.between(-0.08, 0.08),
      ),
    );
    const lie = (geometry: BufferGeometry) => geometry.rotateY(-tilt * 0.8).translate(0, 0, radius * 0.82);
    return {
      colours: [colour],
      parts: [
        { geometry: lie(join([body])), finish: skin },
        {
          name: 'leaf',
          geometry: lie(join(leaves).translate(length * 0.39, 0, 0)),
          finish: finish(paintOf('green', draw), { gloss: 0.15, grain: 0.25 }),
        },
      ],
    };
  },
};
