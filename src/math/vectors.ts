/** Vectors of three numbers: plain tuples for code that runs a few thousand times, not for inner loops. */

export type Vector3 = [number, number, number];
export type ReadonlyVector3 = readonly [number, number, number];

export const add = (a: ReadonlyVector3, b: ReadonlyVector3): Vector3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

export const subtract = (a: ReadonlyVector3, b: ReadonlyVector3): Vector3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

export const scale = (a: ReadonlyVector3, factor: number): Vector3 => [a[0] * factor, a[1] * factor, a[2] * factor];

export const dot = (a: ReadonlyVector3, b: ReadonlyVector3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: ReadonlyVector3, b: ReadonlyVector3): Vector3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export const length = (a: ReadonlyVector3): number => Math.hypot(a[0], a[1], a[2]);

/** A zero vector stays zero. */
export function normalise(a: ReadonlyVector3): Vector3 {
  const size = length(a);
  return size === 0 ? [0, 0, 0] : scale(a, 1 / size);
}

/** The mean of at least one vector. */
export function meanOf(vectors: readonly ReadonlyVector3[]): Vector3 {
  const sum: Vector3 = [0, 0, 0];
  for (const vector of vectors) for (let k = 0; k < 3; k++) sum[k] += vector[k];
  return scale(sum, 1 / vectors.length);
}
