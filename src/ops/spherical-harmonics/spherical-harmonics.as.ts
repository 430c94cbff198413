// CPU kernels of the spherical harmonics (spherical-harmonics.ts). One direction per ray, so plain scalar code is
// fast enough: a ray has dozens of samples that share it.

/** directions [n, 3]; out: the first 16 floats of rows that lie `outStride` floats apart */
export function sphericalHarmonics(n: i32, directions: usize, out: usize, outStride: i32): void {
  for (let i = 0; i < n; i++) {
    const x = load<f32>(directions);
    const y = load<f32>(directions, 4);
    const z = load<f32>(directions, 8);
    const xx = x * x;
    const yy = y * y;
    const zz = z * z;
    store<f32>(out, 0.28209479177387814);
    store<f32>(out, -0.4886025119029199 * y, 4);
    store<f32>(out, 0.4886025119029199 * z, 8);
    store<f32>(out, -0.4886025119029199 * x, 12);
    store<f32>(out, 1.0925484305920792 * x * y, 16);
    store<f32>(out, -1.0925484305920792 * y * z, 20);
    store<f32>(out, 0.9461746957575601 * zz - 0.31539156525252005, 24);
    store<f32>(out, -1.0925484305920792 * x * z, 28);
    store<f32>(out, 0.5462742152960396 * (xx - yy), 32);
    store<f32>(out, 0.5900435899266435 * y * (yy - 3 * xx), 36);
    store<f32>(out, 2.890611442640554 * x * y * z, 40);
    store<f32>(out, 0.4570457994644658 * y * (1 - 5 * zz), 44);
    store<f32>(out, 0.3731763325901154 * z * (5 * zz - 3), 48);
    store<f32>(out, 0.4570457994644658 * x * (1 - 5 * zz), 52);
    store<f32>(out, 1.445305721320277 * z * (xx - yy), 56);
    store<f32>(out, 0.5900435899266435 * x * (3 * yy - xx), 60);
    directions += 12;
    out += <usize>outStride << 2;
  }
}

/** ADDS to gradDirections [n, 3] for gradOut, rows of 16 that lie `gradOutStride` floats apart. */
export function sphericalHarmonicsBackward(
  n: i32,
  directions: usize,
  gradOut: usize,
  gradOutStride: i32,
  gradDirections: usize,
): void {
  const d1: f32 = 0.4886025119029199;
  const d2: f32 = 1.0925484305920792;
  const d3a: f32 = 0.5900435899266435;
  const d3b: f32 = 2.890611442640554;
  const d3c: f32 = 0.4570457994644658;
  for (let i = 0; i < n; i++) {
    const x = load<f32>(directions);
    const y = load<f32>(directions, 4);
    const z = load<f32>(directions, 8);
    const xx = x * x;
    const yy = y * y;
    const zz = z * z;
    const g4 = load<f32>(gradOut, 16);
    const g5 = load<f32>(gradOut, 20);
    const g7 = load<f32>(gradOut, 28);
    const g8 = load<f32>(gradOut, 32);
    const g9 = load<f32>(gradOut, 36);
    const g10 = load<f32>(gradOut, 40);
    const g11 = load<f32>(gradOut, 44);
    const g13 = load<f32>(gradOut, 52);
    const g14 = load<f32>(gradOut, 56);
    const g15 = load<f32>(gradOut, 60);
    const gradX =
      -d1 * load<f32>(gradOut, 12) +
      d2 * (y * g4 - z * g7 + x * g8) +
      d3a * (-6 * x * y * g9 + 3 * (yy - xx) * g15) +
      d3b * (y * z * g10 + x * z * g14) +
      d3c * (1 - 5 * zz) * g13;
    const gradY =
      -d1 * load<f32>(gradOut, 4) +
      d2 * (x * g4 - z * g5 - y * g8) +
      d3a * (3 * (yy - xx) * g9 + 6 * x * y * g15) +
      d3b * (x * z * g10 - y * z * g14) +
      d3c * (1 - 5 * zz) * g11;
    const gradZ =
      d1 * load<f32>(gradOut, 8) -
      d2 * (y * g5 + x * g7) +
      1.8923493915151202 * z * load<f32>(gradOut, 24) +
      d3b * x * y * g10 -
      10 * d3c * z * (y * g11 + x * g13) +
      0.3731763325901154 * (15 * zz - 3) * load<f32>(gradOut, 48) +
      0.5 * d3b * (xx - yy) * g14;
    store<f32>(gradDirections, load<f32>(gradDirections) + gradX);
    store<f32>(gradDirections, load<f32>(gradDirections, 4) + gradY, 4);
    store<f32>(gradDirections, load<f32>(gradDirections, 8) + gradZ, 8);
    directions += 12;
    gradOut += <usize>gradOutStride << 2;
    gradDirections += 12;
  }
}
