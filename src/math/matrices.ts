/**
 * 3×3 matrices, row-major in arrays of nine numbers: products, inverse, symmetric eigenvectors, the nearest rotation,
 * the rotation between two directions, quaternions. Float64 throughout; nothing here is meant for inner loops.
 */
import { cross, dot, length, normalise, type ReadonlyVector3, scale, type Vector3 } from './vectors.ts';

/** [3, 3] row-major. */
export type Matrix3 = number[];

export const identity3 = (): Matrix3 => [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function multiply3(a: Matrix3, b: Matrix3): Matrix3 {
  const product: Matrix3 = [];
  for (let i = 0; i < 9; i += 3) {
    for (let j = 0; j < 3; j++) product.push(a[i] * b[j] + a[i + 1] * b[j + 3] + a[i + 2] * b[j + 6]);
  }
  return product;
}

export const transpose3 = (m: Matrix3): Matrix3 => [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]];

export const apply3 = (m: Matrix3, v: ReadonlyVector3): Vector3 => [
  m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
  m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
  m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
];

export function determinant3(m: Matrix3): number {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/** undefined when the determinant is exactly zero or not finite. */
export function inverse3(m: Matrix3): Matrix3 | undefined {
  const determinant = determinant3(m);
  if (determinant === 0 || !Number.isFinite(determinant)) return undefined;
  const cofactors = [
    m[4] * m[8] - m[5] * m[7],
    m[2] * m[7] - m[1] * m[8],
    m[1] * m[5] - m[2] * m[4],
    m[5] * m[6] - m[3] * m[8],
    m[0] * m[8] - m[2] * m[6],
    m[2] * m[3] - m[0] * m[5],
    m[3] * m[7] - m[4] * m[6],
    m[1] * m[6] - m[0] * m[7],
    m[0] * m[4] - m[1] * m[3],
  ];
  return cofactors.map((value) => value / determinant);
}

/** Eigenvalues in falling order with unit eigenvectors of a symmetric matrix (cyclic Jacobi rotations). */
export function symmetricEigen3(matrix: Matrix3): { values: Vector3; vectors: [Vector3, Vector3, Vector3] } {
  const a = matrix.slice();
  let basis = identity3();
  for (let sweep = 0; sweep < 32; sweep++) {
    if (a[1] ** 2 + a[2] ** 2 + a[5] ** 2 === 0) break;
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const off = a[p * 3 + q];
      if (off === 0) continue;
      const angle = 0.5 * Math.atan2(2 * off, a[q * 3 + q] - a[p * 3 + p]);
      const rotation = identity3();
      rotation[p * 3 + p] = rotation[q * 3 + q] = Math.cos(angle);
      rotation[p * 3 + q] = Math.sin(angle);
      rotation[q * 3 + p] = -Math.sin(angle);
      const turned = multiply3(multiply3(transpose3(rotation), a), rotation);
      turned[p * 3 + q] = turned[q * 3 + p] = 0;
      a.splice(0, 9, ...turned);
      basis = multiply3(basis, rotation);
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j * 4] - a[i * 4]);
  const column = (i: number): Vector3 => [basis[i], basis[3 + i], basis[6 + i]];
  return {
    values: [a[order[0] * 4], a[order[1] * 4], a[order[2] * 4]],
    vectors: [column(order[0]), column(order[1]), column(order[2])],
  };
}

/**
 * The rotation nearest to `matrix` in the Frobenius norm (orthogonal polar factor, by Newton's iteration
 * X ← (X + X⁻ᵀ)/2). undefined when the matrix is singular, mirrored (determinant < 0) or not finite.
 */
export function nearestRotation(matrix: Matrix3): Matrix3 | undefined {
  if (!(determinant3(matrix) > 0)) return undefined;
  let current = matrix;
  for (let step = 0; step < 60; step++) {
    const inverse = inverse3(current);
    if (inverse === undefined) return undefined;
    const opposite = transpose3(inverse);
    const next = current.map((value, i) => 0.5 * (value + opposite[i]));
    const change = Math.max(...next.map((value, i) => Math.abs(value - current[i])));
    current = next;
    if (change < 1e-15) break;
  }
  return current.every(Number.isFinite) ? current : undefined;
}

/**
 * The rotation that takes direction `from` to direction `to` by the shortest way (Rodrigues). Opposite directions
 * have no shortest way; then, as in nerfstudio, the axis is from × x, or from × y when `from` has an x component.
 */
export function rotationBetween(from: ReadonlyVector3, to: ReadonlyVector3): Matrix3 {
  const a = normalise(from);
  const b = normalise(to);
  const axis = cross(a, b);
  const parallel = Math.abs(axis[0]) + Math.abs(axis[1]) + Math.abs(axis[2]) < 1e-6;
  const away: Vector3 = Math.abs(a[0]) < 1e-6 ? [1, 0, 0] : [0, 1, 0];
  const angle = Math.atan2(length(axis), dot(a, b));
  return axisAngle(normalise(parallel ? cross(a, away) : axis), angle);
}

/** R = I + sin(angle)·K + (1 − cos(angle))·K², K the cross-product matrix of the unit axis. */
export function axisAngle(axis: ReadonlyVector3, angle: number): Matrix3 {
  const [x, y, z] = axis;
  const [sx, sy, sz] = scale(axis, Math.sin(angle));
  const c = Math.cos(angle);
  const versine = 1 - c;
  return [
    c + versine * x * x,
    versine * x * y - sz,
    versine * x * z + sy,
    versine * x * y + sz,
    c + versine * y * y,
    versine * y * z - sx,
    versine * x * z - sy,
    versine * y * z + sx,
    c + versine * z * z,
  ];
}

/** Rotation of a quaternion (w, x, y, z), which need not be of unit length but must not be zero. */
export function quaternionToRotation(w: number, x: number, y: number, z: number): Matrix3 {
  const s = 2 / (w * w + x * x + y * y + z * z);
  return [
    1 - s * (y * y + z * z),
    s * (x * y - w * z),
    s * (x * z + w * y),
    s * (x * y + w * z),
    1 - s * (x * x + z * z),
    s * (y * z - w * x),
    s * (x * z - w * y),
    s * (y * z + w * x),
    1 - s * (x * x + y * y),
  ];
}

/** A unit quaternion (w, x, y, z) of a rotation; its opposite is the same rotation. */
export function rotationToQuaternion(m: Matrix3): [number, number, number, number] {
  const trace = m[0] + m[4] + m[8];
  // Four times the square of each component; dividing by the largest loses no digits.
  const squares = [1 + trace, 1 + 2 * m[0] - trace, 1 + 2 * m[4] - trace, 1 + 2 * m[8] - trace];
  const largest = squares.indexOf(Math.max(...squares));
  const s = 2 * Math.sqrt(squares[largest]);
  const [x, y, z] = [m[7] - m[5], m[2] - m[6], m[3] - m[1]];
  if (largest === 0) return [s / 4, x / s, y / s, z / s];
  const [xy, xz, yz] = [m[1] + m[3], m[2] + m[6], m[5] + m[7]];
  if (largest === 1) return [x / s, s / 4, xy / s, xz / s];
  if (largest === 2) return [y / s, xy / s, s / 4, yz / s];
  return [z / s, xz / s, yz / s, s / 4];
}
