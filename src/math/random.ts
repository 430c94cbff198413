/**
 * Counter-based random numbers: every draw is a pure function of (seed, stream, counter), so a resumed run, another
 * thread count or another engine draws the same numbers without carrying any generator state.
 */

/** Names of the independent streams; the value is part of the hash. */
export const streams = {
  initialisation: 1,
  rays: 2,
  jitter: 3,
  scales: 4,
  scene: 5,
} as const;

function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** 32 random bits for up to three counters. */
export function randomBits(seed: number, stream: number, a: number, b = 0, c = 0): number {
  let h = mix(seed ^ 0x9e3779b9);
  h = mix(h + Math.imul(stream + 1, 0x85ebca6b));
  h = mix(h + Math.imul(a + 1, 0xc2b2ae35));
  h = mix(h + Math.imul(b + 1, 0x27d4eb2f));
  return mix(h + Math.imul(c + 1, 0x165667b1));
}

/** Uniform in [0, 1), a multiple of 2^-24 so that it is exact in float32. */
export function randomUniform(seed: number, stream: number, a: number, b = 0, c = 0): number {
  return (randomBits(seed, stream, a, b, c) >>> 8) / 2 ** 24;
}

/** Uniform integer in [0, limit). */
export function randomInteger(limit: number, seed: number, stream: number, a: number, b = 0, c = 0): number {
  return Math.floor((randomBits(seed, stream, a, b, c) / 2 ** 32) * limit);
}

/** Standard normal (Box-Muller). */
export function randomNormal(seed: number, stream: number, a: number, b = 0): number {
  const radius = Math.sqrt(-2 * Math.log(1 - randomUniform(seed, stream, a, b, 0)));
  return radius * Math.cos(2 * Math.PI * randomUniform(seed, stream, a, b, 1));
}
