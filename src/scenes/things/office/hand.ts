/** A mannequin hand, of porcelain or of jointed wood. */
import type { BufferGeometry } from 'three';
import { cylinder, ellipsoid, join, lathe, type Point } from '../../meshes.ts';
import type { Finish, ThingPart, Vec3 } from '../../scene.ts';
import { pointing } from '../forms/placing.ts';
import { glazed, metallic, moulded, type ThingKind, woodGrain } from '../thing-kind.ts';
import { alongBone, type Bone, blend, blended, type HandSkeleton, handSkeleton } from './hand-bones.ts';
import { type Distance, isosurface, splitByName } from './isosurface.ts';

/** In one piece, as porcelain is. */
function smoothHand({ wrist, palm, fingers, thumb }: HandSkeleton) {
  const fingerDistances = fingers.map((bones) => blended(bones, 0.06));
  const thumbDistance = blended(thumb, 0.1);
  const [palmDistance, wristDistance] = [blended(palm, 0.8), blended(wrist, 0.8)];
  const distance: Distance = (x, y, z) => {
    const base = blend(blend(palmDistance(x, y, z), wristDistance(x, y, z), 1.4), thumbDistance(x, y, z), 1);
    let whole = base;
    for (const finger of fingerDistances) whole = Math.min(whole, blend(base, finger(x, y, z), 0.5));
    return Math.max(whole, -z);
  };
  const nameAt = (x: number, y: number, z: number) => {
    if (z < 4.4) return 'wrist';
    const nearest = fingerDistances.map((finger) => finger(x, y, z));
    const which = nearest.indexOf(Math.min(...nearest));
    if (alongBone(fingers[which][0], x, y, z) > 1.5 && nearest[which] < thumbDistance(x, y, z)) return 'finger';
    return alongBone(thumb[0], x, y, z) > 3.3 && thumbDistance(x, y, z) < 0.35 ? 'thumb' : 'palm';
  };
  return splitByName(isosurface(distance, [-6, -7, -0.4], [8, 2.4, 24.5], 0.41), nameAt);
}

/** A turned piece along a bone, from `start` cm on. */
const turnedBone = ({ from, to, r0, r1 }: Bone, start: number): BufferGeometry => {
  const direction: Vec3 = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const length = Math.hypot(...direction) - r1 * 0.3;
  const profile = [
    [0, 0],
    [0.7, 0],
    [0.88, 0.04],
    [0.98, 0.16],
    [1, 0.5],
    [0.98, 0.82],
    [0.88, 0.95],
    [0.7, 1],
    [0, 1],
  ];
  const turned = profile.map(([r, t]): Point => [r * (r0 + t * (r1 - r0)) * 1.04, start + t * (length - start)]);
  return pointing(lathe(turned, 16), from, direction);
};

const jointBall = ({ to, r1 }: Bone, scale = 0.68) =>
  ellipsoid(r1 * scale, r1 * scale, r1 * scale, 12).translate(...to);

/** Of turned pieces with balls between them, as artists have it. */
function jointedHand({ wrist, palm, fingers, thumb }: HandSkeleton) {
  const finger = fingers.flatMap((bones) =>
    bones.map((bone, which) => turnedBone(bone, which === 0 ? 1.15 : bone.r0 * 0.3)),
  );
  const tips = fingers.map((bones) => jointBall(bones[2], 0.95));
  const joints = fingers.flatMap((bones) => [
    jointBall({ ...bones[0], to: bones[0].from, r1: bones[0].r0 }, 1.12),
    jointBall(bones[0]),
    jointBall(bones[1]),
  ]);
  const block = isosurface(
    (x, y, z) => Math.max(blended(palm, 1.3)(x, y, z), 4.75 - z),
    [-5, -4, 4.3],
    [6, 3, 16],
    0.45,
  );
  return [
    { name: 'finger', geometry: join([...finger, ...tips]) },
    { name: 'finger', geometry: join(joints), joint: true },
    {
      name: 'thumb',
      geometry: join([
        turnedBone(thumb[0], 2.2),
        turnedBone(thumb[1], 0.4),
        turnedBone(thumb[2], 0.4),
        jointBall(thumb[2], 0.95),
      ]),
    },
    { name: 'thumb', geometry: join([jointBall(thumb[0]), jointBall(thumb[1])]), joint: true },
    { name: 'palm', geometry: block },
    {
      name: 'wrist',
      geometry: isosurface(
        (x, y, z) => Math.max(blended(wrist, 1.1)(x, y, z), -z, z - 4.4),
        [-4, -3, -0.5],
        [4, 3, 5],
        0.4,
      ),
    },
    { name: 'wrist', geometry: cylinder(1, 1, 2).scale(2.2, 1.25, 1).translate(0, 0, 3.8), joint: true },
  ];
}

const nailsOf = ({ fingers, thumb }: HandSkeleton): BufferGeometry[] =>
  [...fingers, thumb].map((bones) => {
    const { from, to, r1 } = bones[2];
    const direction: Vec3 = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    return pointing(
      ellipsoid(r1 * 0.72, r1 * 0.3, r1 * 1.05, 12).translate(0, r1 * 0.85, Math.hypot(...direction) * 0.86),
      from,
      direction,
    );
  });

function handFootProfile(footHeight: number, foot: number): Point[] {
  return [
    [0, 0],
    [foot, 0],
    [foot + 0.1, 0.2],
    [foot, footHeight - 0.25],
    [foot - 0.3, footHeight],
    [0, footHeight],
  ];
}

export const hand: ThingKind = {
  noun: 'hand',
  synonyms: ['mannequin hand'],
  parts: ['finger', 'thumb', 'palm', 'wrist'],
  colours: ['white', 'white', 'white', 'beige', 'brown', 'black', 'pink'],
  make(draw, colour) {
    const bones = handSkeleton(draw);
    const wooden = colour === 'brown' || (colour === 'beige' && draw.chance(0.7));
    const look = wooden
      ? { ...woodGrain(draw, colour), period: draw.between(0.5, 0.9), gloss: 0.3 }
      : glazed(draw, colour, { gloss: draw.between(0.45, 0.8), grain: 0.01 });
    const [red, green, blue] = look.paint.rgb;
    const jointLook: Finish = { ...look, paint: { ...look.paint, rgb: [red * 0.6, green * 0.6, blue * 0.6] } };
    const pieces: { name: string; geometry: BufferGeometry; joint?: boolean }[] = wooden
      ? jointedHand(bones)
      : [
          ...smoothHand(bones),
          ...nailsOf(bones).map((geometry, which) => ({ name: which < 4 ? 'finger' : 'thumb', geometry })),
        ];
    const size = draw.between(0.82, 0.95);
    const mirror = draw.chance(0.5) ? -1 : 1;
    const footHeight = draw.between(1, 1.6);
    for (const { geometry } of pieces) geometry.scale(size * mirror, size, size).translate(0, 0, footHeight - 0.6);
    const foot = draw.between(3.6, 4.4);
    const footProfile = handFootProfile(footHeight, foot);
    const footLook = wooden
      ? woodGrain(draw, 'brown')
      : draw.pick([
          look,
          woodGrain(draw, draw.pick(['brown', 'beige'])),
          moulded(draw, 'black'),
          metallic(draw, 'yellow'),
        ]);
    const parts: ThingPart[] = pieces.map(({ name, geometry, joint }) => ({
      name,
      geometry,
      finish: joint ? jointLook : look,
    }));
    parts.push({ geometry: lathe(footProfile, 48), finish: footLook });
    return { colours: [colour], material: look.material, parts };
  },
};
