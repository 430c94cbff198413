// Loads and stores of rows whose length is no multiple of four, and of packed points (x, y, z). `left` is how many
// elements remain; four or more take the fast path. Nothing is read or written beyond the row; missing lanes are 0.

/** Up to four floats. */
// @ts-ignore: decorator
@inline
export function loadLanes(p: usize, left: i32): v128 {
  if (left >= 4) return v128.load(p);
  let v = f32x4.splat(0);
  if (left > 0) v = v128.load_lane<f32>(p, v, 0);
  if (left > 1) v = v128.load_lane<f32>(p, v, 1, 4);
  if (left > 2) v = v128.load_lane<f32>(p, v, 2, 8);
  return v;
}

/** Stores up to four floats. */
// @ts-ignore: decorator
@inline
export function storeLanes(p: usize, v: v128, left: i32): void {
  if (left >= 4) {
    v128.store(p, v);
    return;
  }
  if (left > 0) v128.store_lane<f32>(p, v, 0);
  if (left > 1) v128.store_lane<f32>(p, v, 1, 4);
  if (left > 2) v128.store_lane<f32>(p, v, 2, 8);
}

/** Up to four floats that lie `stride` floats apart. */
// @ts-ignore: decorator
@inline
export function loadStrided(p: usize, stride: i32, left: i32): v128 {
  if (stride == 1) return loadLanes(p, left);
  const step = <usize>stride << 2;
  let v = f32x4.splat(0);
  if (left > 0) v = v128.load_lane<f32>(p, v, 0);
  if (left > 1) v = v128.load_lane<f32>(p + step, v, 1);
  if (left > 2) v = v128.load_lane<f32>(p + 2 * step, v, 2);
  if (left > 3) v = v128.load_lane<f32>(p + 3 * step, v, 3);
  return v;
}

/** Stores up to four floats `stride` floats apart. */
// @ts-ignore: decorator
@inline
export function storeStrided(p: usize, stride: i32, v: v128, left: i32): void {
  if (stride == 1) {
    storeLanes(p, v, left);
    return;
  }
  const step = <usize>stride << 2;
  if (left > 0) v128.store_lane<f32>(p, v, 0);
  if (left > 1) v128.store_lane<f32>(p + step, v, 1);
  if (left > 2) v128.store_lane<f32>(p + 2 * step, v, 2);
  if (left > 3) v128.store_lane<f32>(p + 3 * step, v, 3);
}

/** (x, y, z, 0) of one packed point. */
// @ts-ignore: decorator
@inline
export function loadPoint(p: usize): v128 {
  return v128.load_lane<f32>(p, v128.load64_zero(p), 2, 8);
}

/** Stores the first three lanes. */
// @ts-ignore: decorator
@inline
export function storePoint(p: usize, v: v128): void {
  v128.store_lane<f64>(p, v, 0);
  v128.store_lane<f32>(p, v, 2, 8);
}

/** Stores up to four packed points from their x, y and z lanes. */
// @ts-ignore: decorator
@inline
export function storePoints(p: usize, x: v128, y: v128, z: v128, left: i32): void {
  if (left >= 4) {
    const low = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
    const middle = v128.shuffle<f32>(y, z, 1, 5, 2, 6);
    v128.store(p, v128.shuffle<f32>(low, z, 0, 1, 4, 2));
    v128.store(p, v128.shuffle<f32>(middle, high, 0, 1, 4, 5), 16);
    v128.store(p, v128.shuffle<f32>(z, high, 2, 6, 7, 3), 32);
    return;
  }
  storeStrided(p, 3, x, left);
  storeStrided(p + 4, 3, y, left);
  storeStrided(p + 8, 3, z, left);
}

/** x lanes of four packed points whose twelve floats are a, b, c. */
// @ts-ignore: decorator
@inline
export function pointsX(a: v128, b: v128, c: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 0, 3, 6, 0), c, 0, 1, 2, 5);
}

// @ts-ignore: decorator
@inline
export function pointsY(a: v128, b: v128, c: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 1, 4, 7, 0), c, 0, 1, 2, 6);
}

// @ts-ignore: decorator
@inline
export function pointsZ(a: v128, b: v128, c: v128): v128 {
  return v128.shuffle<f32>(v128.shuffle<f32>(a, b, 2, 5, 0, 0), c, 0, 1, 4, 7);
}
