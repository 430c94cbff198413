/** A small wooden chair. */
import type { BufferGeometry } from 'three';
import type { Draw } from '../../draw.ts';
import { ellipsoid, join, rod, roundedBox } from '../../meshes.ts';
import { type ColourWord, paintOf } from '../../palette.ts';
import type { Finish, ThingPart } from '../../scene.ts';
import { bothSides } from '../forms/placing.ts';
import { taperedTube } from '../forms/tubes.ts';
import { finish, type ThingKind, woodGrain } from '../thing-kind.ts';

function chairLegs(seat: number, x: number, y: number, thick: number, splay: number): BufferGeometry {
  const leg = (sx: number, sy: number) =>
    taperedTube(
      [
        [sx * (x + splay), sy * (y + splay), thick * 0.8],
        [sx * x, sy * y, seat - 0.6],
      ],
      (t) => thick * (0.8 + 0.25 * t),
      4,
      14,
    );
  const legs = [leg(-1, -1), leg(1, -1), leg(-1, 1), leg(1, 1)];
  return join(legs);
}

function chairBacks(
  width: number,
  seat: number,
  height: number,
  x: number,
  y: number,
  lean: (z: number) => number,
): Record<string, () => BufferGeometry[]> {
  const bow = (z: number, tall: number) => roundedBox(width - 0.6, 1, tall, 0.4).translate(0, lean(z + tall / 2), z);
  return {
    ladder: () => [0.28, 0.55, 0.82].map((share) => bow(seat + share * (height - seat) - 1, 2.4)),
    spindles: () => [
      bow(height - 2.4, 3),
      ...[-0.5, 0, 0.5].map((share) =>
        rod([share * x * 1.1, y, seat], [share * x * 1.1, lean(height - 2), height - 2], 0.45),
      ),
    ],
    panel: () => [bow(seat + (height - seat) * 0.35, (height - seat) * 0.62)],
  };
}

function cushionFinish(draw: Draw, colour: ColourWord): Finish {
  return finish(
    paintOf(draw.pick((['red', 'blue', 'green', 'white', 'yellow'] as const).filter((word) => word !== colour)), draw),
    { material: 'fabric', gloss: 0.05, grain: 0.2 },
  );
}

function chairSeat(
  look: Finish,
  width: number,
  depth: number,
  seat: number,
  padded: boolean,
  cushion: Finish,
): ThingPart[] {
  const seatParts: ThingPart[] = [
    { name: 'seat', geometry: roundedBox(width, depth, 1.5, 0.6).translate(0, 0, seat - 1.2), finish: look },
  ];
  if (padded)
    seatParts.push({
      name: 'seat',
      geometry: ellipsoid(width * 0.47, depth * 0.47, 1.3, 28).translate(0, 0, seat + 0.4),
      finish: cushion,
    });
  return seatParts;
}

export const chair: ThingKind = {
  noun: 'chair',
  synonyms: ['toy chair', 'wooden chair'],
  parts: ['seat', 'leg'],
  colours: ['brown', 'brown', 'beige', 'red', 'blue', 'green', 'yellow', 'white', 'teal'],
  make(draw, colour) {
    const bare = colour === 'brown' || colour === 'beige';
    const look = bare
      ? woodGrain(draw, colour)
      : finish(paintOf(colour, draw), { material: 'wooden', gloss: 0.3, grain: 0.08 });
    const [width, depth, seat] = [draw.between(12.5, 15), draw.between(12, 14), draw.between(13, 15.5)];
    const height = seat + draw.between(13, 18);
    const [x, y] = [width / 2 - 1, depth / 2 - 1];
    const thick = draw.between(0.65, 0.85);
    const splay = draw.between(0, 1.4);
    const low = seat * 0.4;
    const out = splay * 0.6;
    const rungs = [-1, 1].map((side) => rod([side * (x + out), -y - out, low], [side * (x + out), y + out, low], 0.42));
    const lean = (z: number) => y + 0.12 * (z - seat);
    const posts = bothSides((side) =>
      taperedTube(
        [
          [side * x, y, seat],
          [side * x, lean(height), height],
        ],
        () => thick * 0.9,
        4,
        14,
      ),
    );
    const backs = chairBacks(width, seat, height, x, y, lean);
    const padded = draw.chance(0.4);
    const cushion = cushionFinish(draw, colour);
    const seatParts = chairSeat(look, width, depth, seat, padded, cushion);
    return {
      colours: [colour],
      material: 'wooden',
      parts: [
        {
          geometry: join([posts, ...rungs, ...backs[draw.pick(['ladder', 'spindles', 'panel'] as const)]()]),
          finish: look,
        },
        ...seatParts,
        { name: 'leg', geometry: chairLegs(seat, x, y, thick, splay), finish: look },
      ],
    };
  },
};
