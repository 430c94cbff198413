// Dense kernels of the CPU engine: C = A·B with B packed into column panels, and the products of the backward pass.
// Row-major float32. `ld*` are row lengths in floats. Output widths are multiples of 4 (the engine pads them).
//
// Packed form of B [K, N]: panels of 16 columns, then panels of 4 for the rest; inside a panel the K rows follow each
// other. A 4 × 16 register tile then reads B in one straight line; V8's revectoriser turns its pairs of 128-bit
// operations into 256-bit ones, and without it the tile still fits the sixteen registers well enough.

import { madd } from '../simd/simd.as';

/** Packs B [K, N] with row length ldb. */
export function packPanels(K: i32, N: i32, B: usize, ldb: i32, out: usize): void {
  let to = out;
  for (let n = 0; n < N; n += n + 16 <= N ? 16 : 4) {
    const width = n + 16 <= N ? 16 : 4;
    for (let k = 0; k < K; k++) {
      const from = B + ((<usize>(k * ldb + n)) << 2);
      for (let j = 0; j < width; j += 4) {
        v128.store(to, v128.load(from + (<usize>j << 2)));
        to += 16;
      }
    }
  }
}

/** Packs the transpose: B is stored [N, K] with row length ldb, of which `rows` rows exist; missing columns n ≥ rows are zero. */
export function packPanelsTransposed(K: i32, N: i32, rows: i32, B: usize, ldb: i32, out: usize): void {
  let to = out;
  for (let n = 0; n < N; n += n + 16 <= N ? 16 : 4) {
    const width = n + 16 <= N ? 16 : 4;
    for (let k = 0; k < K; k++) {
      for (let j = 0; j < width; j++) {
        const row = n + j;
        store<f32>(to, row < rows ? load<f32>(B + ((<usize>(row * ldb + k)) << 2)) : 0);
        to += 4;
      }
    }
  }
}

/** Rows of one 16-wide panel, four at a time; results below `least` become `least`. */
function panel16(M: i32, K: i32, A: usize, strideA: usize, B: usize, init: usize, strideInit: usize, C: usize, strideC: usize, least: f32): void {
  const floor = f32x4.splat(least);
  const end = B + (<usize>K << 6);
  let m = 0;
  for (; m + 4 <= M; m += 4) {
    const i0 = init + <usize>m * strideInit;
    const i1 = i0 + strideInit;
    const i2 = i1 + strideInit;
    const i3 = i2 + strideInit;
    let c00 = v128.load(i0), c01 = v128.load(i0, 16), c02 = v128.load(i0, 32), c03 = v128.load(i0, 48);
    let c10 = v128.load(i1), c11 = v128.load(i1, 16), c12 = v128.load(i1, 32), c13 = v128.load(i1, 48);
    let c20 = v128.load(i2), c21 = v128.load(i2, 16), c22 = v128.load(i2, 32), c23 = v128.load(i2, 48);
    let c30 = v128.load(i3), c31 = v128.load(i3, 16), c32 = v128.load(i3, 32), c33 = v128.load(i3, 48);
    let a = A + <usize>m * strideA;
    const a2 = strideA * 2;
    const a3 = strideA * 3;
    for (let b = B; b < end; b += 64) {
      const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
      const s0 = v128.load32_splat(a);
      c00 = madd(s0, b0, c00);
      c01 = madd(s0, b1, c01);
      c02 = madd(s0, b2, c02);
      c03 = madd(s0, b3, c03);
      const s1 = v128.load32_splat(a + strideA);
      c10 = madd(s1, b0, c10);
      c11 = madd(s1, b1, c11);
      c12 = madd(s1, b2, c12);
      c13 = madd(s1, b3, c13);
      const s2 = v128.load32_splat(a + a2);
      c20 = madd(s2, b0, c20);
      c21 = madd(s2, b1, c21);
      c22 = madd(s2, b2, c22);
      c23 = madd(s2, b3, c23);
      const s3 = v128.load32_splat(a + a3);
      c30 = madd(s3, b0, c30);
      c31 = madd(s3, b1, c31);
      c32 = madd(s3, b2, c32);
      c33 = madd(s3, b3, c33);
      a += 4;
    }
    const o0 = C + <usize>m * strideC;
    const o1 = o0 + strideC;
    const o2 = o1 + strideC;
    const o3 = o2 + strideC;
    v128.store(o0, f32x4.max(c00, floor)), v128.store(o0, f32x4.max(c01, floor), 16), v128.store(o0, f32x4.max(c02, floor), 32), v128.store(o0, f32x4.max(c03, floor), 48);
    v128.store(o1, f32x4.max(c10, floor)), v128.store(o1, f32x4.max(c11, floor), 16), v128.store(o1, f32x4.max(c12, floor), 32), v128.store(o1, f32x4.max(c13, floor), 48);
    v128.store(o2, f32x4.max(c20, floor)), v128.store(o2, f32x4.max(c21, floor), 16), v128.store(o2, f32x4.max(c22, floor), 32), v128.store(o2, f32x4.max(c23, floor), 48);
    v128.store(o3, f32x4.max(c30, floor)), v128.store(o3, f32x4.max(c31, floor), 16), v128.store(o3, f32x4.max(c32, floor), 32), v128.store(o3, f32x4.max(c33, floor), 48);
  }
  for (; m < M; m++) {
    const i0 = init + <usize>m * strideInit;
    let c0 = v128.load(i0), c1 = v128.load(i0, 16), c2 = v128.load(i0, 32), c3 = v128.load(i0, 48);
    let a = A + <usize>m * strideA;
    for (let b = B; b < end; b += 64) {
      const s = v128.load32_splat(a);
      c0 = madd(s, v128.load(b), c0);
      c1 = madd(s, v128.load(b, 16), c1);
      c2 = madd(s, v128.load(b, 32), c2);
      c3 = madd(s, v128.load(b, 48), c3);
      a += 4;
    }
    const o = C + <usize>m * strideC;
    v128.store(o, f32x4.max(c0, floor)), v128.store(o, f32x4.max(c1, floor), 16), v128.store(o, f32x4.max(c2, floor), 32), v128.store(o, f32x4.max(c3, floor), 48);
  }
}

/** One 4-wide panel, four rows at a time. */
function panel4(M: i32, K: i32, A: usize, strideA: usize, B: usize, init: usize, strideInit: usize, C: usize, strideC: usize, least: f32): void {
  const floor = f32x4.splat(least);
  const end = B + (<usize>K << 4);
  let m = 0;
  for (; m + 4 <= M; m += 4) {
    const i0 = init + <usize>m * strideInit;
    let c0 = v128.load(i0);
    let c1 = v128.load(i0 + strideInit);
    let c2 = v128.load(i0 + strideInit * 2);
    let c3 = v128.load(i0 + strideInit * 3);
    let a = A + <usize>m * strideA;
    const a2 = strideA * 2;
    const a3 = strideA * 3;
    for (let b = B; b < end; b += 16) {
      const column = v128.load(b);
      c0 = madd(v128.load32_splat(a), column, c0);
      c1 = madd(v128.load32_splat(a + strideA), column, c1);
      c2 = madd(v128.load32_splat(a + a2), column, c2);
      c3 = madd(v128.load32_splat(a + a3), column, c3);
      a += 4;
    }
    const o = C + <usize>m * strideC;
    v128.store(o, f32x4.max(c0, floor));
    v128.store(o + strideC, f32x4.max(c1, floor));
    v128.store(o + strideC * 2, f32x4.max(c2, floor));
    v128.store(o + strideC * 3, f32x4.max(c3, floor));
  }
  for (; m < M; m++) {
    let c = v128.load(init + <usize>m * strideInit);
    let a = A + <usize>m * strideA;
    for (let b = B; b < end; b += 16) {
      c = madd(v128.load32_splat(a), v128.load(b), c);
      a += 4;
    }
    v128.store(C + <usize>m * strideC, f32x4.max(c, floor));
  }
}

function product(M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, init: usize, ldInit: i32, C: usize, ldc: i32, least: f32): void {
  const strideA = <usize>lda << 2;
  const strideInit = <usize>ldInit << 2;
  const strideC = <usize>ldc << 2;
  let panel = B;
  let n = 0;
  for (; n + 16 <= N; n += 16) {
    const column = <usize>n << 2;
    panel16(M, K, A, strideA, panel, init + column, strideInit, C + column, strideC, least);
    panel += <usize>K << 6;
  }
  for (; n < N; n += 4) {
    const column = <usize>n << 2;
    panel4(M, K, A, strideA, panel, init + column, strideInit, C + column, strideC, least);
    panel += <usize>K << 4;
  }
}

/**
 * C [M, N] = init + A [M, K]·B, B packed. `init` is a row of N numbers when ldInit = 0 (a bias, or zeros), C itself
 * with ldInit = ldc to accumulate.
 */
export function gemm(M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, init: usize, ldInit: i32, C: usize, ldc: i32): void {
  product(M, N, K, A, lda, B, init, ldInit, C, ldc, -Infinity);
}

/** gemm followed by ReLU. */
export function gemmRelu(M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, init: usize, ldInit: i32, C: usize, ldc: i32): void {
  product(M, N, K, A, lda, B, init, ldInit, C, ldc, 0);
}

/** gemmRelu for `groups` groups of M rows, where group g starts from the row init + g·ldInit (a bias per ray, savings A9). */
export function gemmReluGrouped(groups: i32, M: i32, N: i32, K: i32, A: usize, lda: i32, B: usize, init: usize, ldInit: i32, C: usize, ldc: i32): void {
  for (let g = 0; g < groups; g++) {
    gemmRelu(M, N, K, A + ((<usize>(g * M * lda)) << 2), lda, B, init + ((<usize>(g * ldInit)) << 2), 0, C + ((<usize>(g * M * ldc)) << 2), ldc);
  }
}

/**
 * C = A·B for B [K, K] with B[k, n] = 0 for k < n (lower triangular), K a multiple of 16: each panel starts at its own
 * diagonal, which saves almost half of the work (savings A1).
 */
export function gemmLowerTriangular(M: i32, K: i32, A: usize, lda: i32, B: usize, zeros: usize, C: usize, ldc: i32): void {
  let panel = B;
  for (let n = 0; n < K; n += 16) {
    const column = <usize>n << 2;
    panel16(M, K - n, A + column, <usize>lda << 2, panel + (<usize>n << 6), zeros, 0, C + column, <usize>ldc << 2, -Infinity);
    panel += <usize>K << 6;
  }
}

/** Rows of A and D that a pass of gemmTransposed covers: both stay in the second-level cache. */
const transposedRows: i32 = 256;

/** W [K, N] += Aᵀ·D over the M rows of A [M, K] and D [M, N]: the gradient of a linear layer's weight. */
export function gemmTransposed(M: i32, K: i32, N: i32, A: usize, lda: i32, D: usize, ldd: i32, W: usize, ldw: i32): void {
  for (let m = 0; m < M; m += transposedRows) {
    const rows = min<i32>(transposedRows, M - m);
    transposedBlock(rows, K, N, A + ((<usize>(m * lda)) << 2), lda, D + ((<usize>(m * ldd)) << 2), ldd, W, ldw);
  }
}

function transposedBlock(M: i32, K: i32, N: i32, A: usize, lda: i32, D: usize, ldd: i32, W: usize, ldw: i32): void {
  const strideA = <usize>lda << 2;
  const strideD = <usize>ldd << 2;
  const strideW = <usize>ldw << 2;
  let k = 0;
  for (; k + 4 <= K; k += 4) {
    let n = 0;
    for (; n + 16 <= N; n += 16)
      outer4x16(M, A + (<usize>k << 2), strideA, D + (<usize>n << 2), strideD, W + (<usize>(k * ldw + n) << 2), strideW);
    for (; n < N; n += 4)
      outer4x4(M, A + (<usize>k << 2), strideA, D + (<usize>n << 2), strideD, W + (<usize>(k * ldw + n) << 2), strideW);
  }
  for (; k < K; k++) {
    for (let n = 0; n < N; n += 4)
      outer1x4(M, A + (<usize>k << 2), strideA, D + (<usize>n << 2), strideD, W + (<usize>(k * ldw + n) << 2));
  }
}

function outer4x16(M: i32, A: usize, strideA: usize, D: usize, strideD: usize, W: usize, strideW: usize): void {
  const w0 = W;
  const w1 = w0 + strideW;
  const w2 = w1 + strideW;
  const w3 = w2 + strideW;
  let c00 = v128.load(w0), c01 = v128.load(w0, 16), c02 = v128.load(w0, 32), c03 = v128.load(w0, 48);
  let c10 = v128.load(w1), c11 = v128.load(w1, 16), c12 = v128.load(w1, 32), c13 = v128.load(w1, 48);
  let c20 = v128.load(w2), c21 = v128.load(w2, 16), c22 = v128.load(w2, 32), c23 = v128.load(w2, 48);
  let c30 = v128.load(w3), c31 = v128.load(w3, 16), c32 = v128.load(w3, 32), c33 = v128.load(w3, 48);
  let a = A;
  let d = D;
  for (let m = 0; m < M; m++) {
    const d0 = v128.load(d), d1 = v128.load(d, 16), d2 = v128.load(d, 32), d3 = v128.load(d, 48);
    const s0 = v128.load32_splat(a);
    c00 = madd(s0, d0, c00);
    c01 = madd(s0, d1, c01);
    c02 = madd(s0, d2, c02);
    c03 = madd(s0, d3, c03);
    const s1 = v128.load32_splat(a, 4);
    c10 = madd(s1, d0, c10);
    c11 = madd(s1, d1, c11);
    c12 = madd(s1, d2, c12);
    c13 = madd(s1, d3, c13);
    const s2 = v128.load32_splat(a, 8);
    c20 = madd(s2, d0, c20);
    c21 = madd(s2, d1, c21);
    c22 = madd(s2, d2, c22);
    c23 = madd(s2, d3, c23);
    const s3 = v128.load32_splat(a, 12);
    c30 = madd(s3, d0, c30);
    c31 = madd(s3, d1, c31);
    c32 = madd(s3, d2, c32);
    c33 = madd(s3, d3, c33);
    a += strideA;
    d += strideD;
  }
  v128.store(w0, c00), v128.store(w0, c01, 16), v128.store(w0, c02, 32), v128.store(w0, c03, 48);
  v128.store(w1, c10), v128.store(w1, c11, 16), v128.store(w1, c12, 32), v128.store(w1, c13, 48);
  v128.store(w2, c20), v128.store(w2, c21, 16), v128.store(w2, c22, 32), v128.store(w2, c23, 48);
  v128.store(w3, c30), v128.store(w3, c31, 16), v128.store(w3, c32, 32), v128.store(w3, c33, 48);
}

function outer4x4(M: i32, A: usize, strideA: usize, D: usize, strideD: usize, W: usize, strideW: usize): void {
  let c0 = v128.load(W);
  let c1 = v128.load(W + strideW);
  let c2 = v128.load(W + strideW * 2);
  let c3 = v128.load(W + strideW * 3);
  let a = A;
  let d = D;
  for (let m = 0; m < M; m++) {
    const row = v128.load(d);
    c0 = madd(v128.load32_splat(a), row, c0);
    c1 = madd(v128.load32_splat(a, 4), row, c1);
    c2 = madd(v128.load32_splat(a, 8), row, c2);
    c3 = madd(v128.load32_splat(a, 12), row, c3);
    a += strideA;
    d += strideD;
  }
  v128.store(W, c0);
  v128.store(W + strideW, c1);
  v128.store(W + strideW * 2, c2);
  v128.store(W + strideW * 3, c3);
}

function outer1x4(M: i32, A: usize, strideA: usize, D: usize, strideD: usize, W: usize): void {
  let c = v128.load(W);
  let a = A;
  let d = D;
  for (let m = 0; m < M; m++) {
    c = madd(v128.load32_splat(a), v128.load(d), c);
    a += strideA;
    d += strideD;
  }
  v128.store(W, c);
}

/** out [N] += column sums of D [M, N]: the gradient of a bias. */
export function columnSums(M: i32, N: i32, D: usize, ldd: i32, out: usize): void {
  for (let n = 0; n < N; n += 4) {
    let sum = v128.load(out + (<usize>n << 2));
    let d = D + (<usize>n << 2);
    for (let m = 0; m < M; m++) {
      sum = f32x4.add(sum, v128.load(d));
      d += <usize>ldd << 2;
    }
    v128.store(out + (<usize>n << 2), sum);
  }
}

/** out [groups, N] = sums of `M` consecutive rows of D: per-ray gradients of a per-ray bias. */
export function groupSums(groups: i32, M: i32, N: i32, D: usize, ldd: i32, out: usize, ldo: i32): void {
  for (let g = 0; g < groups; g++) {
    const row = out + ((<usize>(g * ldo)) << 2);
    for (let n = 0; n < N; n += 4) v128.store(row + (<usize>n << 2), f32x4.splat(0));
    columnSums(M, N, D + ((<usize>(g * M * ldd)) << 2), ldd, row);
  }
}

/** In place: gradient G [M, N] is kept where the activation H [M, N] is positive. */
export function reluBackward(M: i32, N: i32, G: usize, ldg: i32, H: usize, ldh: i32): void {
  const zero = f32x4.splat(0);
  for (let m = 0; m < M; m++) {
    let g = G + ((<usize>(m * ldg)) << 2);
    let h = H + ((<usize>(m * ldh)) << 2);
    const end = g + (<usize>N << 2);
    for (; g < end; g += 16) {
      v128.store(g, v128.and(v128.load(g), f32x4.gt(v128.load(h), zero)));
      h += 16;
    }
  }
}

/** n floats (a multiple of 4) to zero. */
export function clearFloats(n: i32, out: usize): void {
  memory.fill(out, 0, <usize>n << 2);
}
