/**
 * Solid textures: the reflectance of a finish at a point of the thing's own frame (cm). Everything is a function of the
 * point, so a pattern sticks to its thing wherever it is placed and needs no texture coordinates.
 */
import type { Finish, Pattern } from './scene.ts';

function lattice(x: number, y: number, z: number): number {
  let h = Math.imul(x, 0x8da6b343) ^ Math.imul(y, 0xd8163841) ^ Math.imul(z, 0xcb1ab31f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

const smooth = (t: number) => t * t * (3 - 2 * t);

/** Value noise in [0, 1), one lattice cell per unit. Written out: it is evaluated several times for every ray. */
export function noise(x: number, y: number, z: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const iz = Math.floor(z);
  const fx = smooth(x - ix);
  const fy = smooth(y - iy);
  const fz = smooth(z - iz);
  const row = (j: number, k: number) => {
    const left = lattice(ix, iy + j, iz + k);
    return left + fx * (lattice(ix + 1, iy + j, iz + k) - left);
  };
  const front = row(0, 0);
  const near = front + fy * (row(1, 0) - front);
  const back = row(0, 1);
  const far = back + fy * (row(1, 1) - back);
  return near + fz * (far - near);
}

const wave = (value: number) => 0.5 + 0.5 * Math.sin(2 * Math.PI * value);
const step = (value: number, edge: number, softness: number) =>
  Math.min(1, Math.max(0, (value - edge) / softness + 0.5));

const toLine = (value: number) => 0.5 - Math.abs(value - Math.floor(value) - 0.5);

/** Share of the accent at (x, y, z), in periods of the pattern. */
const patterns: Record<Pattern, (x: number, y: number, z: number) => number> = {
  plain: () => 0,
  stripes: (_x, _y, z) => step(wave(z), 0.5, 0.25),
  checks: (x, y, z) => ((Math.floor(x + 0.01) + Math.floor(y + 0.01) + Math.floor(z + 0.01)) & 1 ? 1 : 0),
  dots: (x, y, z) => {
    const dx = x - Math.floor(x) - 0.5;
    const dy = y - Math.floor(y) - 0.5;
    const dz = z - Math.floor(z) - 0.5;
    return step(0.34 - Math.sqrt(dx * dx + dy * dy + dz * dz), 0, 0.08);
  },
  // Growth rings about an axis far below, drawn out along x.
  wood: (x, y, z) => {
    const bend = noise(x * 0.12, y * 0.9, z * 0.9);
    const rings = wave(Math.hypot(y * 1.3 + 0.15, z + 5.3) + 1.6 * bend);
    return 0.75 * rings * rings + 0.25 * noise(x * 0.6, y * 9, z * 9);
  },
  speckle: (x, y, z) => step(noise(x * 2, y * 2, z * 2), 0.72, 0.1),
  marble: (x, y, z) => wave(0.6 * x + 0.3 * y + 2.2 * noise(x, y, z) + 1.1 * noise(2.3 * x, 2.3 * y, 2.3 * z)) ** 5,
  weave: (x, y, z) => 0.5 + 0.5 * Math.sin(2 * Math.PI * (x + z)) * Math.sin(2 * Math.PI * (y + z)),
  crumb: (x, y, z) => 0.6 * noise(x, y, z) + 0.4 * noise(3 * x, 3 * y, 3 * z),
  tiles: (x, y, z) => {
    // Off the lattice by 0.37, so that a face at 0 is no line all over.
    const nearest = Math.min(toLine(x + 0.37), toLine(y + 0.37), toLine(z + 0.37));
    return step(0.035 - nearest, 0, 0.02);
  },
  gradient: (_x, _y, z) => Math.min(1, Math.max(0, z)),
};

/** Writes the linear-light reflectance, each 0..1, to `target[0..2]`. */
export function reflectanceAt(finish: Finish, x: number, y: number, z: number, target: Float64Array): void {
  const { paint, accent, pattern, period, grain } = finish;
  const mix = accent && pattern !== 'plain' ? patterns[pattern](x / period, y / period, z / period) : 0;
  const fine = grain > 0 ? 1 + 1.3 * grain * (noise(x * 4.1, y * 4.1, z * 4.1) - 0.5) : 1;
  for (let channel = 0; channel < 3; channel++) {
    const under = paint.rgb[channel];
    const over = accent ? accent.rgb[channel] : under;
    target[channel] = Math.min(1, Math.max(0, (under + mix * (over - under)) * fine));
  }
}
