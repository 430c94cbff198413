/**
 * Rays against the bounding-volume hierarchy that three-mesh-bvh builds. Its own ray casting makes several objects for
 * every triangle that it tries; pictures of a scene need tens of millions of rays, so the nodes are walked here, on
 * plain numbers, and rays that only ask whether something is in the way stop at the first thing.
 */
import type { MeshBVH } from 'three-mesh-bvh';
import { MeshBVH as Hierarchy } from 'three-mesh-bvh';

/** A node: six floats of bounds, then where it goes on (leaf: first triangle, count; else: right child, split axis). */
const wordsPerNode = 8;
const leafMark = 0xffff;
const deepest = 64;
/** Keeps 1 / 0 out of the slabs: 0 · ∞ is not a number, and a comparison with it would lose the box. */
const leastSlope = 1e-15;

export class RayCaster {
  /** Of the last hit: its triangle and the weights of that triangle's second and third corner. */
  triangle = -1;
  second = 0;
  third = 0;

  private readonly bounds: Float32Array;
  private readonly words: Uint32Array;
  private readonly halfWords: Uint16Array;
  /** [triangles, 9] corners, in the hierarchy's order */
  private readonly corners: Float32Array;
  private readonly waiting = new Int32Array(deepest);
  private readonly waitingAt = new Float64Array(deepest);

  /** `positions` [vertices, 3]: those the hierarchy was built from. */
  constructor(bvh: MeshBVH, positions: Float32Array) {
    const { roots, index } = Hierarchy.serialize(bvh, { cloneBuffers: false });
    this.bounds = new Float32Array(roots[0]);
    this.words = new Uint32Array(roots[0]);
    this.halfWords = new Uint16Array(roots[0]);
    this.corners = new Float32Array(index!.length * 3);
    for (let corner = 0; corner < index!.length; corner++)
      for (let axis = 0; axis < 3; axis++) this.corners[corner * 3 + axis] = positions[index![corner] * 3 + axis];
  }

  /**
   * Distance to the first surface between `near` and `far` along the unit direction, from either side; Infinity when
   * there is none. `any`: to whichever surface is found first, for rays that only ask whether there is one.
   */
  cast(origin: ArrayLike<number>, dx: number, dy: number, dz: number, near: number, far: number, any = false): number {
    const { words, halfWords, waiting, waitingAt } = this;
    const ox = origin[0];
    const oy = origin[1];
    const oz = origin[2];
    const ix = 1 / (Math.abs(dx) < leastSlope ? leastSlope : dx);
    const iy = 1 / (Math.abs(dy) < leastSlope ? leastSlope : dy);
    const iz = 1 / (Math.abs(dz) < leastSlope ? leastSlope : dz);
    // Boxes that are missed are at Infinity, which must stay beyond it.
    let best = Math.min(far, Number.MAX_VALUE);
    this.triangle = -1;
    let depth = 0;
    let node = 0;
    if (this.enters(node, ox, oy, oz, ix, iy, iz, near) > best) return Infinity;
    for (;;) {
      if (halfWords[node * 2 + 15] === leafMark) {
        best = this.closest(words[node + 6], halfWords[node * 2 + 14], ox, oy, oz, dx, dy, dz, near, best);
        if (any && this.triangle >= 0) return best;
      } else {
        const left = node + wordsPerNode;
        const right = node + words[node + 6] * wordsPerNode;
        const toLeft = this.enters(left, ox, oy, oz, ix, iy, iz, near);
        const toRight = this.enters(right, ox, oy, oz, ix, iy, iz, near);
        const leftFirst = toLeft <= toRight;
        if ((leftFirst ? toLeft : toRight) <= best) {
          const farther = leftFirst ? toRight : toLeft;
          if (farther <= best) {
            waiting[depth] = leftFirst ? right : left;
            waitingAt[depth++] = farther;
          }
          node = leftFirst ? left : right;
          continue;
        }
      }
      do {
        if (depth === 0) return this.triangle < 0 ? Infinity : best;
      } while (waitingAt[--depth] > best);
      node = waiting[depth];
    }
  }

  /** Where the ray enters a node's box, at least `near`; Infinity when it misses. */
  private enters(
    node: number,
    ox: number,
    oy: number,
    oz: number,
    ix: number,
    iy: number,
    iz: number,
    near: number,
  ): number {
    const { bounds } = this;
    const x0 = (bounds[node] - ox) * ix;
    const x1 = (bounds[node + 3] - ox) * ix;
    const y0 = (bounds[node + 1] - oy) * iy;
    const y1 = (bounds[node + 4] - oy) * iy;
    const z0 = (bounds[node + 2] - oz) * iz;
    const z1 = (bounds[node + 5] - oz) * iz;
    let enter = near;
    let leave = Infinity;
    if (x0 < x1) {
      if (x0 > enter) enter = x0;
      if (x1 < leave) leave = x1;
    } else {
      if (x1 > enter) enter = x1;
      if (x0 < leave) leave = x0;
    }
    if (y0 < y1) {
      if (y0 > enter) enter = y0;
      if (y1 < leave) leave = y1;
    } else {
      if (y1 > enter) enter = y1;
      if (y0 < leave) leave = y0;
    }
    if (z0 < z1) {
      if (z0 > enter) enter = z0;
      if (z1 < leave) leave = z1;
    } else {
      if (z1 > enter) enter = z1;
      if (z0 < leave) leave = z0;
    }
    return enter <= leave ? enter : Infinity;
  }

  /** Möller and Trumbore's test of the triangles of a leaf: `best`, or less where one of them is nearer. */
  private closest(
    first: number,
    count: number,
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    near: number,
    best: number,
  ): number {
    const c = this.corners;
    for (let triangle = first; triangle < first + count; triangle++) {
      const at = triangle * 9;
      const ax = c[at];
      const ay = c[at + 1];
      const az = c[at + 2];
      const ux = c[at + 3] - ax;
      const uy = c[at + 4] - ay;
      const uz = c[at + 5] - az;
      const vx = c[at + 6] - ax;
      const vy = c[at + 7] - ay;
      const vz = c[at + 8] - az;
      const px = dy * vz - dz * vy;
      const py = dz * vx - dx * vz;
      const pz = dx * vy - dy * vx;
      const determinant = ux * px + uy * py + uz * pz;
      if (determinant === 0) continue;
      const inverse = 1 / determinant;
      const tx = ox - ax;
      const ty = oy - ay;
      const tz = oz - az;
      const second = (tx * px + ty * py + tz * pz) * inverse;
      if (second < 0 || second > 1) continue;
      const qx = ty * uz - tz * uy;
      const qy = tz * ux - tx * uz;
      const qz = tx * uy - ty * ux;
      const third = (dx * qx + dy * qy + dz * qz) * inverse;
      if (third < 0 || second + third > 1) continue;
      const distance = (vx * qx + vy * qy + vz * qz) * inverse;
      if (distance < near || distance > best) continue;
      best = distance;
      this.triangle = triangle;
      this.second = second;
      this.third = third;
    }
    return best;
  }
}
