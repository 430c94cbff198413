// Cells, rows and paired loads that the forward and the backward kernels of the hash grid share (spec §2.2).

export const levelBytes: usize = 20;
export const primeY: u32 = 2654435761;
export const primeZ: u32 = 805459861;

/** Cell of a scaled position; NaN and infinities give some cell, which the row rules then keep inside the table. */
// @ts-ignore: decorator
@inline
export function cellOf(place: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(place);
  return i32x4.trunc_sat_f32x4_s(place);
}

// @ts-ignore: decorator
@inline
export function splat0(v: v128): v128 {
  return i8x16.shuffle(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
}

// @ts-ignore: decorator
@inline
export function splat1(v: v128): v128 {
  return i8x16.shuffle(v, v, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
}

// @ts-ignore: decorator
@inline
export function splat2(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11);
}

/** Row of a dense level's node past the end of the table. */
// @ts-ignore: decorator
@inline
export function wrapped(row: u32, rows: u32): u32 {
  return row < rows ? row : row % rows;
}

/** Two adjacent corners of two features each: (x, y, z) in the low half, (x+1, y, z) in the high half. */
// @ts-ignore: decorator
@inline
export function loadPair(table: usize, a: u32, b: u32): v128 {
  return v128.load64_lane(table + (<usize>b << 3), v128.load64_zero(table + (<usize>a << 3)), 1);
}
