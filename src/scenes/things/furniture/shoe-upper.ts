/** The upper of a shoe on its last, with collar and laces; the toe towards -y. */
import type { BufferGeometry } from 'three';
import { ellipsoid, join, type Point, tube } from '../../meshes.ts';
import type { Vec3 } from '../../scene.ts';
import { panels } from '../forms/cutting.ts';
import { signedPower } from '../forms/outlines.ts';
import { uvSurface } from '../forms/surfaces.ts';

const shoeLength = 25;

export const soleTop = 2.1;

/** Linear between the knots [place, value]. */
function easedBetween(knots: readonly Point[], t: number): number {
  const next = knots.findIndex(([place]) => place >= t);
  if (next <= 0) return next === 0 ? knots[0][1] : knots[knots.length - 1][1];
  const [[a, from], [b, to]] = [knots[next - 1], knots[next]];
  const share = (t - a) / (b - a);
  return from + share * share * (3 - 2 * share) * (to - from);
}

/** Half the width of the foot from the heel (0) to the toe (1), cm. */
function footHalfWidth(t: number): number {
  const full = easedBetween(
    [
      [0, 3.5],
      [0.12, 3.5],
      [0.38, 3.3],
      [0.68, 4.5],
      [1, 3.9],
    ],
    t,
  );
  const heel = t < 0.14 ? Math.sqrt(Math.max(0, 1 - ((0.14 - t) / 0.14) ** 2)) : 1;
  const toe = t > 0.74 ? Math.sqrt(Math.max(0, 1 - ((t - 0.74) / 0.26) ** 2)) : 1;
  return full * heel * toe;
}

/** The middle of the foot bends inwards at the toes. */
export const footMiddle = (t: number) => 0.9 * Math.sin(Math.PI * (t - 0.15)) ** 2 * (t > 0.15 ? 1 : 0) - 0.3;

const alongFoot = (t: number) => (0.5 - t) * shoeLength;

/** The toe is bent up. */
export const toeSpring = (y: number) => 1.3 * Math.max(0, (-y / shoeLength - 0.22) / 0.28) ** 2;

export function footprint(grow: number): Point[] {
  const steps = Array.from({ length: 25 }, (_, index) => (1 - Math.cos((Math.PI * index) / 24)) / 2);
  const side = (sign: number) =>
    steps.map(
      (t): Point => [
        footMiddle(t) + sign * (footHalfWidth(t) * (1 + grow * 0.2) + (t === 0 || t === 1 ? 0 : grow)),
        alongFoot(t) * (1 + grow * 0.05),
      ],
    );
  return [...side(1), ...side(-1).slice(1, -1).reverse()];
}

export interface ShoeShape {
  /** Height of the upper above the sole at the opening. */
  ankle: number;
}

/** The upper's skin: across (u, 0..1 over the instep) at t from heel to toe. */
export function upperAt({ ankle }: ShoeShape, u: number, t: number, lift = 0): Vec3 {
  const top =
    easedBetween(
      [
        [0, ankle + 0.4],
        [0.1, ankle],
        [0.42, ankle - 0.2],
        [0.52, ankle - 1],
        [0.76, 3.6],
        [0.92, 2.7],
        [1, 1.4],
      ],
      t,
    ) + lift;
  const angle = Math.PI * (1 - u);
  const width = (footHalfWidth(t) + lift) * signedPower(Math.cos(angle), 0.75);
  const rise = Math.abs(Math.sin(angle)) ** 0.8;
  // The sides close in towards the ankle.
  const neck = 1 - 0.26 * rise ** 2 * Math.max(0, (top - 4) / 5);
  const y = alongFoot(t);
  return [
    footMiddle(t) + width * neck,
    y - (t < 0.2 ? 0.7 * Math.sin(rise * 2.6) * (1 - t * 5) : 0),
    soleTop - 0.3 + top * rise + toeSpring(y),
  ];
}

/** Where a foot goes in: an ellipse seen from above. */
const opening = { t: 0.25, reach: 5, half: 2.35 };

const inOpening = (x: number, y: number, z: number) =>
  z > 5 && ((y - alongFoot(opening.t)) / opening.reach) ** 2 + ((x - footMiddle(opening.t)) / opening.half) ** 2 < 1;

/** The padded edge of the opening, laid on the skin. */
export function collar(shape: ShoeShape): BufferGeometry {
  const points = Array.from({ length: 28 }, (_, index): Vec3 => {
    const turn = (2 * Math.PI * index) / 28;
    const y = alongFoot(opening.t) + opening.reach * Math.sin(turn);
    const x = footMiddle(opening.t) + opening.half * Math.cos(turn);
    const t = 0.5 - y / shoeLength;
    // Seek across for the skin above (x, y).
    let [low, high] = [0, 1];
    for (let step = 0; step < 24; step++) {
      const u = (low + high) / 2;
      if (upperAt(shape, u, t)[0] < x) low = u;
      else high = u;
    }
    return [x, y, upperAt(shape, low, t)[2] - 0.1];
  });
  return tube(points, 0.52, 48, true);
}

/** Rungs over the tongue, and a bow. */
export function laces(shape: ShoeShape): BufferGeometry {
  const rungs = [0.5, 0.555, 0.61, 0.665, 0.72].flatMap((t, index, all) => {
    const line = (t0: number, t1: number) =>
      tube(
        [0.36, 0.43, 0.5, 0.57, 0.64].map((u, step) => upperAt(shape, u, t0 + (step / 4) * (t1 - t0), 0.22)),
        0.24,
        6,
      );
    return index < all.length - 1 ? [line(t, all[index + 1]), line(all[index + 1], t)] : [line(t, t)];
  });
  const [x, y, z] = upperAt(shape, 0.5, 0.5, 0.4);
  const loops = [-1, 1].flatMap((side) => [
    tube(
      [
        [x, y, z],
        [x + side * 1.8, y - 0.6, z + 0.9],
        [x + side * 3.2, y - 1.6, z - 0.6],
        [x + side * 2, y - 1.6, z - 0.4],
        [x, y, z],
      ],
      0.22,
      16,
    ),
    tube(
      [
        [x, y, z],
        [x + side * 1, y - 1.6, z + 0.1],
        [x + side * 2.2, y - 3.4, z - 1.3],
      ],
      0.22,
      6,
    ),
  ]);
  return join([...rungs, ...loops, ellipsoid(0.5, 0.45, 0.45, 12).translate(x, y, z)]);
}

/** The upper in three pieces: the cloth, its trimming (toe cap, heel, eyelet strips) and the tongue's place. */
export function upper(shape: ShoeShape): BufferGeometry[] {
  const skin = uvSurface(36, 46, (u, v) => upperAt(shape, u, (1 - Math.cos(Math.PI * v)) / 2));
  return panels(skin, 3, ({ u, v, x, y, z }) => {
    const t = (1 - Math.cos(Math.PI * v)) / 2;
    if (inOpening(x, y, z)) return 2;
    if (t > 0.85 || t < 0.05 || (t > 0.47 && t < 0.75 && Math.abs(u - 0.5) > 0.07 && Math.abs(u - 0.5) < 0.18))
      return 1;
    return 0;
  });
}
