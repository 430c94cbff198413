/** Measures and data that the tests of the ops share: relative L2, cosine, central differences, seeded numbers. */
import { randomNormal, randomUniform } from '../src/math/random.ts';

type Numbers = ArrayLike<number>;

function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[i] * b[i];
  return sum;
}

/** ‖actual − expected‖ / ‖expected‖; NaN in either makes it NaN, and unequal lengths throw. */
export function relativeL2(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) throw new Error(`lengths differ: ${actual.length} and ${expected.length}`);
  const difference = Float64Array.from(expected, (e, i) => actual[i] - e);
  return Math.sqrt(dot(difference, difference) / Math.max(dot(expected, expected), 1e-30));
}

/** Cosine of the angle between two vectors. */
export function cosine(a: Numbers, b: Numbers): number {
  return dot(a, b) / Math.sqrt(Math.max(dot(a, a) * dot(b, b), 1e-60));
}

export function largestDifference(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) throw new Error(`lengths differ: ${actual.length} and ${expected.length}`);
  return Array.from(expected).reduce((worst, e, i) => Math.max(worst, Math.abs(actual[i] - e)), 0);
}

/** Gradient of a scalar function by central differences in float64. */
export function centralDifferences(f: (x: Float64Array) => number, at: Numbers, step = 1e-6): Float64Array {
  return Float64Array.from({ length: at.length }, (_, i) => {
    const x = Float64Array.from(at);
    x[i] = at[i] + step;
    const above = f(x);
    x[i] = at[i] - step;
    return (above - f(x)) / (2 * step);
  });
}

/** Σ cotangent · values: turns a vector function into the scalar whose gradient a backward returns. */
export function contractWith(values: Numbers, cotangent: Numbers): number {
  return dot(values, cotangent);
}

/** Seeded float32 values, uniform in [low, high). */
export function uniforms(seed: number, count: number, low = 0, high = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => low + (high - low) * randomUniform(seed, 77, i));
}

/** Seeded standard normal float32 values. */
export function normals(seed: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => randomNormal(seed, 78, i));
}

/** [rays, samples + 1] rising edges in [0, 1] with uneven widths, some of them zero. */
export function randomEdges(seed: number, rays: number, samples: number): Float32Array {
  const edges = new Float32Array(rays * (samples + 1));
  for (let r = 0; r < rays; r++) {
    const widths = Array.from(uniforms(seed + 31 * r, samples + 2), (u, i) => (i % 5 === 3 ? 0 : u * u + 0.01));
    const total = widths.reduce((sum, w) => sum + w, 0);
    let at = 0;
    for (let s = 0; s <= samples; s++) edges[r * (samples + 1) + s] = (at += widths[s]) / total;
  }
  return edges;
}
