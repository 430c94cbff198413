/** A rubber duck. */
import type { BufferGeometry } from 'three';
import { ellipsoid, join } from '../../meshes.ts';
import { paintOf } from '../../palette.ts';
import type { ThingPart } from '../../scene.ts';
import { bothSides, sized } from '../forms/placing.ts';
import { sculpted } from '../forms/surfaces.ts';
import { taperedTube } from '../forms/tubes.ts';
import { finish, moulded, type ThingKind } from '../thing-kind.ts';

function duckBody(plump: number): BufferGeometry {
  return sculpted(ellipsoid(3.6 * plump, 4.6, 3, 36), (point) => {
    // The tail rises to a point; the bottom is flat.
    const back = Math.max(0, point.y / 4.6);
    point.z += 2.6 * back ** 3;
    point.x *= 1 - 0.35 * back ** 2;
    point.z = Math.max(point.z, -2.3) + 2.3;
  });
}

function duckWings(plump: number): BufferGeometry {
  return bothSides((side) =>
    sculpted(ellipsoid(0.8, 2.4, 1.5, 20), (point) => {
      const back = Math.max(0, point.y / 2.4);
      point.z += 1.2 * back ** 2;
    })
      .rotateX(0.1)
      .rotateZ(side * 0.12)
      .translate(side * 3.25 * plump, 0.4, 3),
  );
}

function duckBeak(head: number, ey: number, up: number): BufferGeometry {
  return join([
    sculpted(ellipsoid(1.35, 1.5, 0.5, 20), (point) => {
      point.z += 0.17 * Math.max(0, -point.y) ** 2;
    }).translate(0, ey - head - 0.2, up - 0.25),
    ellipsoid(1.05, 1.1, 0.4, 18)
      .rotateX(0.2)
      .translate(0, ey - head, up - 0.75),
  ]);
}

function duckTuft(head: number, ey: number, up: number): BufferGeometry {
  return taperedTube(
    [
      [0, ey, up + head * 0.85],
      [0, ey + 0.4, up + head + 0.5],
      [0, ey + 1.1, up + head + 0.6],
    ],
    (t) => 0.55 - 0.4 * t,
    8,
    10,
  );
}

export const rubberDuck: ThingKind = {
  noun: 'rubber duck',
  synonyms: ['toy duck', 'duck'],
  parts: ['beak'],
  colours: ['yellow', 'yellow', 'yellow', 'yellow', 'pink', 'blue', 'orange', 'white', 'green'],
  make(draw, colour) {
    const look = finish(paintOf(colour, draw), { material: 'rubber', gloss: draw.between(0.35, 0.6), grain: 0.03 });
    const plump = draw.between(0.92, 1.1);
    const body = duckBody(plump);
    const head = draw.between(2.5, 2.9);
    const [ey, up] = [-1.7, 7];
    const wings = duckWings(plump);
    const tuft = duckTuft(head, ey, up);
    const beak = duckBeak(head, ey, up);
    const eye = (out: number, radius: number) =>
      bothSides((side) =>
        ellipsoid(radius, radius * 0.5, radius * 1.15, 14)
          .rotateZ(side * 0.45)
          .translate(side * (1.05 + out * 0.4), ey - head * 0.86 - out, up + 0.75),
      );
    const parts: ThingPart[] = [
      {
        geometry: join(
          [
            body,
            wings,
            ellipsoid(head, head, head * 0.97, 32).translate(0, ey, up),
            ellipsoid(2.1, 2.1, 1.6, 24).translate(0, ey + 0.2, up - 2),
          ].concat(draw.chance(0.6) ? [tuft] : []),
        ),
        finish: look,
      },
      { geometry: eye(0, 0.62), finish: moulded(draw, 'white') },
      { geometry: eye(0.22, 0.38), finish: { ...moulded(draw, 'black'), gloss: 0.9 } },
      {
        name: 'beak',
        geometry: beak,
        finish: finish(paintOf(colour === 'orange' ? 'yellow' : draw.pick(['orange', 'orange', 'red']), draw), {
          material: 'rubber',
          gloss: 0.4,
        }),
      },
    ];
    return { colours: [colour], material: 'rubber', parts: sized(parts, draw.between(0.75, 1.2)) };
  },
};
