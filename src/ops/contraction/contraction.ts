/**
 * Scene contraction of mip-NeRF 360: unbounded space into a ball or cube of radius 2, then into grid coordinates.
 *
 *   m = ‖x‖;  c(x) = x where m < 1, else (2 − 1/m) · x/m;  grid coordinate = (c + 2) / 4
 *
 * The radiance field uses the L∞ norm with a selector (spec §4.1), the language field the L2 norm without one
 * (spec §2.1). This is the float64 reference over points [n, 3]; it knows nothing of rays.
 */

export type ContractionOrder = 'linf' | 'l2';

/** Norm m of a point and its gradient ∂m/∂x. Tied axes of L∞ share the gradient equally, as torch does. */
function normWithGradient(x: number, y: number, z: number, order: ContractionOrder): [number, number, number, number] {
  if (order === 'l2') {
    const m = Math.hypot(x, y, z);
    return m > 0 ? [m, x / m, y / m, z / m] : [0, 0, 0, 0];
  }
  const m = Math.max(Math.abs(x), Math.abs(y), Math.abs(z));
  const largest = [x, y, z].map((v) => (Math.abs(v) === m ? Math.sign(v) : 0));
  const ties = Math.max(1, Math.abs(largest[0]) + Math.abs(largest[1]) + Math.abs(largest[2]));
  return [m, largest[0] / ties, largest[1] / ties, largest[2] / ties];
}

/** Contracted points [n, 3] of points [n, 3]; every component is in [−2, 2]. */
export function contract(points: ArrayLike<number>, order: ContractionOrder): Float64Array {
  const contracted = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [m] = normWithGradient(points[i], points[i + 1], points[i + 2], order);
    const factor = m < 1 ? 1 : (2 - 1 / m) / m;
    for (let k = 0; k < 3; k++) contracted[i + k] = factor * points[i + k];
  }
  return contracted;
}

/** gradPoints [n, 3] for the cotangent gradContracted [n, 3]. On m = 1 the outer branch counts, as in the original. */
export function contractBackward(
  points: ArrayLike<number>,
  gradContracted: ArrayLike<number>,
  order: ContractionOrder,
): Float64Array {
  const gradPoints = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [m, ...gradNorm] = normWithGradient(points[i], points[i + 1], points[i + 2], order);
    const inside = m < 1;
    const factor = inside ? 1 : (2 - 1 / m) / m;
    const factorSlope = inside ? 0 : (2 / m - 2) / (m * m);
    let gradM = 0;
    for (let k = 0; k < 3; k++) gradM += gradContracted[i + k] * points[i + k] * factorSlope;
    for (let k = 0; k < 3; k++) gradPoints[i + k] = factor * gradContracted[i + k] + gradM * gradNorm[k];
  }
  return gradPoints;
}

export interface GridCoordinates {
  /** [n, 3]; a point that is not selected has (0, 0, 0) */
  coordinates: Float64Array;
  /** [n] 1 where all three coordinates lie strictly in (0, 1), else 0; densities are multiplied by it */
  selector: Float64Array;
}

/** Grid coordinates of the radiance field and the proposal networks: L∞ contraction with selector (spec §4.1). */
export function cubeCoordinates(points: ArrayLike<number>): GridCoordinates {
  const coordinates = contract(points, 'linf');
  const selector = new Float64Array(points.length / 3);
  for (let n = 0; n < selector.length; n++) {
    const row = coordinates.subarray(3 * n, 3 * n + 3);
    for (let k = 0; k < 3; k++) row[k] = (row[k] + 2) / 4;
    selector[n] = row.every((c) => c > 0 && c < 1) ? 1 : 0;
    if (selector[n] === 0) row.fill(0);
  }
  return { coordinates, selector };
}

/** gradPoints [n, 3] for gradCoordinates [n, 3]; points that are not selected pass nothing on. */
export function cubeCoordinatesBackward(points: ArrayLike<number>, gradCoordinates: ArrayLike<number>): Float64Array {
  const { selector } = cubeCoordinates(points);
  const gradContracted = Float64Array.from(gradCoordinates, (g, i) => (selector[Math.floor(i / 3)] === 1 ? g : 0) / 4);
  return contractBackward(points, gradContracted, 'linf');
}

/** Grid coordinates [n, 3] of the language field: L2 contraction, no selector, no gradient (spec §2.1). */
export function ballCoordinates(points: ArrayLike<number>): Float64Array {
  return contract(points, 'l2').map((c) => (c + 2) / 4);
}
