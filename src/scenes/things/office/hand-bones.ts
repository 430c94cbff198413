/** The bones of a hand, and its distance function about them. */
import type { Draw } from '../../draw.ts';
import type { Vec3 } from '../../scene.ts';
import type { Distance } from './isosurface.ts';

/** A bone: a rod that is `r0` thick at `from` and `r1` at `to`. */
export interface Bone {
  from: Vec3;
  to: Vec3;
  r0: number;
  r1: number;
}

function boneDistance({ from, to, r0, r1 }: Bone, x: number, y: number, z: number): number {
  const [ax, ay, az] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const [px, py, pz] = [x - from[0], y - from[1], z - from[2]];
  const t = Math.min(1, Math.max(0, (ax * px + ay * py + az * pz) / (ax * ax + ay * ay + az * az)));
  return Math.sqrt((px - t * ax) ** 2 + (py - t * ay) ** 2 + (pz - t * az) ** 2) - (r0 + t * (r1 - r0));
}

/** The smaller of two distances, rounded where they meet. */
export function blend(a: number, b: number, width: number): number {
  const h = Math.max(width - Math.abs(a - b), 0) / width;
  return Math.min(a, b) - h * h * width * 0.25;
}

export const blended =
  (bones: readonly Bone[], width: number): Distance =>
  (x, y, z) => {
    let sum = boneDistance(bones[0], x, y, z);
    for (let which = 1; which < bones.length; which++) sum = blend(sum, boneDistance(bones[which], x, y, z), width);
    return sum;
  };

/** A right hand, palm towards -y, fingers up, cut off at z = 0; the middle finger ends near z = 23. */
export interface HandSkeleton {
  wrist: Bone[];
  palm: Bone[];
  /** Three bones each, from the knuckle on. */
  fingers: Bone[][];
  thumb: Bone[];
}

/** Bones one after the other: `bends` turn towards the palm, `splay` sideways. */
function boneChain(
  start: Vec3,
  lengths: readonly number[],
  radii: readonly number[],
  splay: number,
  bends: readonly number[],
): Bone[] {
  let from = start;
  let bend = 0;
  return lengths.map((length, which) => {
    bend += bends[which];
    const along = [Math.sin(splay) * Math.cos(bend), -Math.sin(bend), Math.cos(splay) * Math.cos(bend)];
    const to: Vec3 = [from[0] + length * along[0], from[1] + length * along[1], from[2] + length * along[2]];
    const bone = { from, to, r0: radii[which], r1: radii[which + 1] };
    from = to;
    return bone;
  });
}

const knuckles: readonly Vec3[] = [
  [2.75, 0.05, 12.1],
  [0.95, 0.3, 12.5],
  [-0.88, 0.15, 12.1],
  [-2.55, -0.25, 11.1],
];

const fingerLengths = [
  [4.5, 2.75, 1.8],
  [4.95, 3.15, 1.9],
  [4.6, 2.95, 1.85],
  [3.75, 2.2, 1.6],
] as const;

export function handSkeleton(draw: Draw): HandSkeleton {
  const slim = draw.between(0.92, 1.04);
  const spread = draw.between(0.7, 1.6);
  const curl = draw.pick([0.02, 0.08, 0.14, 0.2]);
  const fingers = knuckles.map((knuckle, which) => {
    const thick = slim * [0.98, 1, 0.95, 0.82][which];
    const bend = curl * [0.6, 0.9, 1.15, 1.2][which] * draw.between(0.8, 1.2);
    const splay = [0.085, 0.008, -0.072, -0.165][which] * spread;
    return boneChain(
      knuckle,
      fingerLengths[which],
      [0.98, 0.82, 0.72, 0.56].map((r) => r * thick),
      splay,
      [bend, 1.3 * bend, 0.8 * bend],
    );
  });
  const open = draw.between(0.42, 0.68);
  const thumb = boneChain(
    [1.9, -0.75, 5.3],
    [4.5, 3.5, 2.3],
    [1.3, 1.05, 0.95, 0.68].map((r) => r * slim),
    open,
    [0.22, 0, -0.04],
  );
  const palm = knuckles.map(
    (to, which): Bone => ({
      from: [[1.5, 0.5, -0.5, -1.35][which], 0, 5.2],
      to,
      r0: 1.25,
      r1: [1.05, 1.08, 1.03, 0.92][which] * slim,
    }),
  );
  palm.push({ from: [1.5, -0.7, 5.6], to: [2.6, -0.7, 8.4], r0: 1.3, r1: 1 });
  palm.push({ from: [-1.5, -0.45, 5.6], to: [-2.25, -0.35, 9], r0: 1.15, r1: 0.95 });
  const wrist = [-1.25, 0, 1.25].map(
    (x): Bone => ({ from: [x * 1.1, 0, -1], to: [x * 0.9, -0.1, 5.6], r0: 1.75 * slim, r1: 1.3 * slim }),
  );
  return { wrist, palm, fingers, thumb };
}

/** How far along a bone, cm. */
export function alongBone({ from, to }: Bone, x: number, y: number, z: number): number {
  const axis = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  return ((x - from[0]) * axis[0] + (y - from[1]) * axis[1] + (z - from[2]) * axis[2]) / Math.hypot(...axis);
}
