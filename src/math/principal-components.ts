/**
 * The first three principal components of many vectors, by orthogonal iteration on their covariance – which is never
 * formed – and a 3 × 3 eigenproblem in the space that it finds. The same vectors give the same components: an axis's
 * largest coefficient is positive.
 */
import { randomUniform, streams } from './random.ts';
import { type Matrix3, symmetricEigen3 } from './matrices.ts';

export interface PrincipalComponents {
  /** [dim] */
  mean: Float64Array;
  /** Three unit vectors [dim], the one of largest variance first. */
  axes: Float64Array[];
  /** Of the vectors along each axis: what all but 2 % exceed, and what all but 2 % stay below. */
  low: number[];
  high: number[];
}

const iterations = 40;
/** More add nothing that colours would show. */
const mostRows = 4096;
const tail = 0.02;

/** @param values [rows, dim], dim at least 3 */
export function principalComponents(values: Float32Array, dim: number): PrincipalComponents {
  const rows = spreadRows(values, dim);
  const mean = new Float64Array(dim);
  for (const row of rows) for (let d = 0; d < dim; d++) mean[d] += row[d] / rows.length;
  const centred = rows.map((row) => Float64Array.from(row, (value, d) => value - mean[d]));
  let axes: Float64Array[] = [0, 1, 2].map((axis) =>
    Float64Array.from({ length: dim }, (_, d) => randomUniform(1, streams.scene, axis, d) - 0.5),
  );
  orthonormalise(axes);
  for (let i = 0; i < iterations; i++) {
    axes = axes.map((axis) => covarianceTimes(centred, axis));
    orthonormalise(axes);
  }
  const turned = axes.map((axis) => covarianceTimes(centred, axis));
  const small: Matrix3 = axes.flatMap((a) => turned.map((b) => dot(a, b)));
  const { vectors } = symmetricEigen3(small);
  const principal = vectors.map((mix) => withSign(combine(axes, mix)));
  const along = principal.map((axis) => Float64Array.from(centred, (row) => dot(row, axis)).sort());
  const at = (sorted: Float64Array, share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return {
    mean,
    axes: principal,
    low: along.map((sorted) => at(sorted, tail)),
    high: along.map((sorted) => at(sorted, 1 - tail)),
  };
}

/** Each vector's place between low and high along the axes, [rows, 3] in [0, 1]; the middle of an axis without extent. */
export function componentShares(values: Float32Array, components: PrincipalComponents): Float32Array {
  const dim = components.mean.length;
  const rows = values.length / dim;
  const projections = new Float64Array(3 * rows);
  components.axes.forEach((axis, c) => {
    for (let row = 0; row < rows; row++)
      for (let d = 0; d < dim; d++) projections[c * rows + row] += values[row * dim + d] * axis[d];
  });
  return projectionShares(projections, components);
}

/**
 * The same of vectors whose products with the three axes are known.
 * @param projections [3, rays]
 * @returns [rays, 3]
 */
export function projectionShares(projections: ArrayLike<number>, components: PrincipalComponents): Float32Array {
  const { mean, axes, low, high } = components;
  const rows = projections.length / 3;
  const shares = new Float32Array(3 * rows);
  axes.forEach((axis, c) => {
    const middle = dot(mean, axis);
    const extent = high[c] - low[c];
    for (let row = 0; row < rows; row++) {
      const along = projections[c * rows + row] - middle;
      shares[3 * row + c] = extent > 0 ? Math.min(1, Math.max(0, (along - low[c]) / extent)) : 0.5;
    }
  });
  return shares;
}

function spreadRows(values: Float32Array, dim: number): Float32Array[] {
  const count = values.length / dim;
  const taken = Math.min(count, mostRows);
  return Array.from({ length: taken }, (_, i) => {
    const row = Math.floor((i * count) / taken);
    return values.subarray(row * dim, (row + 1) * dim);
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d];
  return sum;
}

function covarianceTimes(rows: readonly Float64Array[], axis: Float64Array): Float64Array {
  const result = new Float64Array(axis.length);
  for (const row of rows) {
    const along = dot(row, axis) / rows.length;
    for (let d = 0; d < result.length; d++) result[d] += along * row[d];
  }
  return result;
}

/** Gram-Schmidt, in place; an axis that vanishes becomes the first unit vector that is left. */
function orthonormalise(axes: readonly Float64Array[]): void {
  axes.forEach((axis, i) => {
    for (let spare = -1; ; spare++) {
      if (spare >= 0) axis.fill(0).fill(1, spare, spare + 1);
      const before = Math.sqrt(dot(axis, axis));
      for (const other of axes.slice(0, i)) {
        const along = dot(axis, other);
        for (let d = 0; d < axis.length; d++) axis[d] -= along * other[d];
      }
      const length = Math.sqrt(dot(axis, axis));
      if (length <= 1e-9 * before || length === 0) continue;
      for (let d = 0; d < axis.length; d++) axis[d] /= length;
      return;
    }
  });
}

const combine = (axes: readonly Float64Array[], mix: readonly number[]): Float64Array =>
  axes[0].map((_, d) => axes.reduce((sum, axis, i) => sum + mix[i] * axis[d], 0));

function withSign(axis: Float64Array): Float64Array {
  const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? axis.map((value) => -value) : axis;
}
