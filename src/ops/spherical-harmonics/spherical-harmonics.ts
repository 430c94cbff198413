/**
 * Real spherical harmonics up to degree 3 (16 components) of a unit direction, in tcnn's order and signs (spec §4.1).
 * The direction enters as it is, in [−1, 1]; tcnn's detour over (d + 1) / 2 cancels out. Components are polynomials,
 * so a direction that is not unit length still has a value and a gradient: that of the polynomial.
 */

export const harmonicCount = 16;

/** [n, 16] components of directions [n, 3]. */
export function sphericalHarmonics(directions: ArrayLike<number>): Float64Array {
  const count = directions.length / 3;
  const out = new Float64Array(count * harmonicCount);
  for (let n = 0; n < count; n++) {
    const x = directions[3 * n];
    const y = directions[3 * n + 1];
    const z = directions[3 * n + 2];
    const [xx, yy, zz] = [x * x, y * y, z * z];
    const components = [
      0.28209479177387814,
      -0.4886025119029199 * y,
      0.4886025119029199 * z,
      -0.4886025119029199 * x,
      1.0925484305920792 * x * y,
      -1.0925484305920792 * y * z,
      0.9461746957575601 * zz - 0.31539156525252005,
      -1.0925484305920792 * x * z,
      0.5462742152960396 * (xx - yy),
      0.5900435899266435 * y * (yy - 3 * xx),
      2.890611442640554 * x * y * z,
      0.4570457994644658 * y * (1 - 5 * zz),
      0.3731763325901154 * z * (5 * zz - 3),
      0.4570457994644658 * x * (1 - 5 * zz),
      1.445305721320277 * z * (xx - yy),
      0.5900435899266435 * x * (3 * yy - xx),
    ];
    out.set(components, n * harmonicCount);
  }
  return out;
}

/** gradDirections [n, 3] for the cotangent gradOut [n, 16]. */
export function sphericalHarmonicsBackward(directions: ArrayLike<number>, gradOut: ArrayLike<number>): Float64Array {
  const count = directions.length / 3;
  const gradDirections = new Float64Array(count * 3);
  for (let n = 0; n < count; n++) {
    const x = directions[3 * n];
    const y = directions[3 * n + 1];
    const z = directions[3 * n + 2];
    const [xx, yy, zz] = [x * x, y * y, z * z];
    const g = (k: number) => gradOut[n * harmonicCount + k];
    const degree1 = 0.4886025119029199;
    const degree2 = 1.0925484305920792;
    gradDirections[3 * n] =
      -degree1 * g(3) +
      degree2 * (y * g(4) - z * g(7) + x * g(8)) +
      0.5900435899266435 * (-6 * x * y * g(9) + 3 * (yy - xx) * g(15)) +
      2.890611442640554 * (y * z * g(10) + x * z * g(14)) +
      0.4570457994644658 * (1 - 5 * zz) * g(13);
    gradDirections[3 * n + 1] =
      -degree1 * g(1) +
      degree2 * (x * g(4) - z * g(5) - y * g(8)) +
      0.5900435899266435 * (3 * (yy - xx) * g(9) + 6 * x * y * g(15)) +
      2.890611442640554 * (x * z * g(10) - y * z * g(14)) +
      0.4570457994644658 * (1 - 5 * zz) * g(11);
    gradDirections[3 * n + 2] =
      degree1 * g(2) -
      degree2 * (y * g(5) + x * g(7)) +
      1.8923493915151202 * z * g(6) +
      2.890611442640554 * x * y * g(10) -
      4.570457994644658 * z * (y * g(11) + x * g(13)) +
      0.3731763325901154 * (15 * zz - 3) * g(12) +
      1.445305721320277 * (xx - yy) * g(14);
  }
  return gradDirections;
}
