/** A phone, lying or in a stand. */
import type { BufferGeometry } from 'three';
import { cylinder, join, rod, roundedBox, slab } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { roundedOutline } from '../forms/outlines.ts';
import { finish, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';
import { screenParts } from './screen.ts';

function phoneStand(lean: number): BufferGeometry {
  const lip = rod([-2.4, -3, 0.75], [2.4, -3, 0.75], 0.5);
  const rest = slab(roundedOutline(5.2, 8, 0.8), 0.5, 0.15)
    .rotateX(Math.PI / 2 - lean)
    .translate(0, 0.2 + 3 * Math.sin(lean), 4);
  const foot = slab(roundedOutline(6.4, 8.5, 1.2), 0.6, 0.15).translate(0, 0.6, 0);
  return join([lip, rest, foot]);
}

export const phone: ThingKind = {
  noun: 'phone',
  synonyms: ['smartphone', 'mobile phone', 'cell phone', 'telephone'],
  parts: ['screen'],
  colours: ['black', 'white', 'grey', 'blue', 'red', 'pink', 'green', 'purple'],
  make(draw, colour) {
    const [wide, tall, thick] = [draw.between(6.8, 7.8), draw.between(14, 16), draw.between(0.8, 1)];
    const corner = draw.between(0.8, 1.3);
    const body = draw.chance(0.5) ? metallic(draw, colour) : moulded(draw, colour);
    const case_ = slab(roundedOutline(wide - 0.3, tall - 0.3, corner, 8), thick, 0.22);
    const glass = slab(roundedOutline(wide - 0.35, tall - 0.35, corner * 0.9, 8), 0.04, 0.01).translate(0, 0, thick);
    const cameras = [
      slab(roundedOutline(2.6, 2.8, 0.7), 0.2, 0.05),
      ...[
        [-0.55, 0.6],
        [-0.55, -0.6],
        [0.6, 0],
      ].map(([x, y]) => cylinder(0.42, 0.42, 0.3, 20).translate(x, y, -0.1)),
    ];
    const bump = join(cameras).translate(wide / 2 - 1.8, tall / 2 - 1.9, -0.15);
    const keys = [0.2, 0.32].map((y) =>
      roundedBox(0.3, 1.3, 0.3, 0.1).translate(wide / 2 - 0.02, y * tall, thick / 2 - 0.15),
    );
    const black = finish(paintOf('black', draw), { gloss: 0.7, grain: 0 });
    const parts: ThingPart[] = [
      { geometry: join([case_, ...keys]), finish: body },
      { name: 'screen', geometry: glass, finish: black },
      { geometry: bump, finish: black },
      ...screenParts(draw, wide - 0.9, tall - 1, corner * 0.75, (geometry) => geometry.translate(0, 0, thick + 0.03)),
    ];
    const standing = draw.chance(0.4);
    if (!standing) for (const { geometry } of parts) geometry.translate(0, 0, 0.25);
    else {
      const lean = draw.between(0.25, 0.45);
      for (const { geometry } of parts)
        geometry
          .translate(0, tall / 2, 0)
          .rotateX(Math.PI / 2 - lean)
          .translate(0, -2, 0.9);
      parts.push({
        geometry: phoneStand(lean),
        finish: draw.pick([metallic(draw), woodGrain(draw), moulded(draw, 'white')]),
      });
    }
    return { colours: [colour], material: body.material, parts };
  },
};
