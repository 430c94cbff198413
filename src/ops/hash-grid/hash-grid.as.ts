// Multi-resolution hash grid on the CPU (spec §2.2): forward, gradient to the table, gradient to the coordinates.
// Coordinates [n, 3] in [0, 1]; table [rows, F] float32; output [n, stride] with level-major, feature-minor columns.
// Levels outside, samples inside, so that one level's table stays in cache.
//
// `levels` points at 5 words a level: scale (f32), resolution, rows, first row, hashed (0/1) (levels.ts).

import { laneSum, madd } from '../simd/simd.as';

const levelBytes: usize = 20;
const primeY: u32 = 2654435761;
const primeZ: u32 = 805459861;

/** The table row (within its level) of one corner. */
// @ts-ignore: decorator
@inline
function rowOf(x: u32, y: u32, z: u32, resolution: u32, rows: u32, hashed: bool): u32 {
  if (hashed) return (x ^ (y * primeY) ^ (z * primeZ)) & (rows - 1);
  const row = x + resolution * (y + resolution * z);
  return row < rows ? row : row % rows;
}

/** Two adjacent corners of two features each: (x, y, z) in the low half, (x+1, y, z) in the high half. */
// @ts-ignore: decorator
@inline
function loadPair(table: usize, a: u32, b: u32): v128 {
  return v128.load64_lane(table + (<usize>b << 3), v128.load64_zero(table + (<usize>a << 3)), 1);
}

export function hashGridForward2(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32): void {
  const rowBytes = <usize>stride << 2;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = load<f32>(level);
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const base = table + (<usize>load<u32>(level, 12) << 3);
    const hashed = load<u32>(level, 16) != 0;
    let p = coords;
    let to = out + (<usize>l << 3);
    for (let i = 0; i < n; i++) {
      const px = load<f32>(p) * scale + 0.5;
      const py = load<f32>(p, 4) * scale + 0.5;
      const pz = load<f32>(p, 8) * scale + 0.5;
      const cx = <u32>px, cy = <u32>py, cz = <u32>pz;
      const fx = px - <f32>cx, fy = py - <f32>cy, fz = pz - <f32>cz;
      let r00: u32, r10: u32, r01: u32, r11: u32, s00: u32, s10: u32, s01: u32, s11: u32;
      if (hashed) {
        const mask = rows - 1;
        const hy0 = cy * primeY, hy1 = hy0 + primeY, hz0 = cz * primeZ, hz1 = hz0 + primeZ;
        const h00 = hy0 ^ hz0, h10 = hy1 ^ hz0, h01 = hy0 ^ hz1, h11 = hy1 ^ hz1;
        const x1 = cx + 1;
        r00 = (cx ^ h00) & mask, r10 = (cx ^ h10) & mask, r01 = (cx ^ h01) & mask, r11 = (cx ^ h11) & mask;
        s00 = (x1 ^ h00) & mask, s10 = (x1 ^ h10) & mask, s01 = (x1 ^ h01) & mask, s11 = (x1 ^ h11) & mask;
      } else {
        r00 = rowOf(cx, cy, cz, resolution, rows, false), s00 = rowOf(cx + 1, cy, cz, resolution, rows, false);
        r10 = rowOf(cx, cy + 1, cz, resolution, rows, false), s10 = rowOf(cx + 1, cy + 1, cz, resolution, rows, false);
        r01 = rowOf(cx, cy, cz + 1, resolution, rows, false), s01 = rowOf(cx + 1, cy, cz + 1, resolution, rows, false);
        r11 = rowOf(cx, cy + 1, cz + 1, resolution, rows, false), s11 = rowOf(cx + 1, cy + 1, cz + 1, resolution, rows, false);
      }
      // Interpolate along z, then y, on both x halves at once; x last.
      const vz = f32x4.splat(fz);
      const p00 = loadPair(base, r00, s00);
      const p10 = loadPair(base, r10, s10);
      const q0 = madd(vz, f32x4.sub(loadPair(base, r01, s01), p00), p00);
      const q1 = madd(vz, f32x4.sub(loadPair(base, r11, s11), p10), p10);
      const q = madd(f32x4.splat(fy), f32x4.sub(q1, q0), q0);
      const high = i8x16.shuffle(q, q, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
      v128.store64_lane(to, madd(f32x4.splat(fx), f32x4.sub(high, q), q), 0);
      p += 12;
      to += rowBytes;
    }
  }
}

/** Features in fours: F = 4 (vectors = 1) or 8 (vectors = 2). */
// @ts-ignore: decorator
@inline
function forwardWide(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32, vectors: i32): void {
  const rowBytes = <usize>stride << 2;
  const shift: usize = vectors == 1 ? 4 : 5;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = load<f32>(level);
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const base = table + (<usize>load<u32>(level, 12) << shift);
    const hashed = load<u32>(level, 16) != 0;
    let p = coords;
    let to = out + (<usize>l << shift);
    for (let i = 0; i < n; i++) {
      const px = load<f32>(p) * scale + 0.5;
      const py = load<f32>(p, 4) * scale + 0.5;
      const pz = load<f32>(p, 8) * scale + 0.5;
      const cx = <u32>px, cy = <u32>py, cz = <u32>pz;
      const fx = f32x4.splat(px - <f32>cx), fy = f32x4.splat(py - <f32>cy), fz = f32x4.splat(pz - <f32>cz);
      const a000 = base + (<usize>rowOf(cx, cy, cz, resolution, rows, hashed) << shift);
      const a100 = base + (<usize>rowOf(cx + 1, cy, cz, resolution, rows, hashed) << shift);
      const a010 = base + (<usize>rowOf(cx, cy + 1, cz, resolution, rows, hashed) << shift);
      const a110 = base + (<usize>rowOf(cx + 1, cy + 1, cz, resolution, rows, hashed) << shift);
      const a001 = base + (<usize>rowOf(cx, cy, cz + 1, resolution, rows, hashed) << shift);
      const a101 = base + (<usize>rowOf(cx + 1, cy, cz + 1, resolution, rows, hashed) << shift);
      const a011 = base + (<usize>rowOf(cx, cy + 1, cz + 1, resolution, rows, hashed) << shift);
      const a111 = base + (<usize>rowOf(cx + 1, cy + 1, cz + 1, resolution, rows, hashed) << shift);
      for (let v: usize = 0; v < <usize>vectors << 4; v += 16) {
        const v000 = v128.load(a000 + v), v010 = v128.load(a010 + v), v001 = v128.load(a001 + v), v011 = v128.load(a011 + v);
        const x00 = madd(fx, f32x4.sub(v128.load(a100 + v), v000), v000);
        const x10 = madd(fx, f32x4.sub(v128.load(a110 + v), v010), v010);
        const x01 = madd(fx, f32x4.sub(v128.load(a101 + v), v001), v001);
        const x11 = madd(fx, f32x4.sub(v128.load(a111 + v), v011), v011);
        const y0 = madd(fy, f32x4.sub(x10, x00), x00);
        const y1 = madd(fy, f32x4.sub(x11, x01), x01);
        v128.store(to + v, madd(fz, f32x4.sub(y1, y0), y0));
      }
      p += 12;
      to += rowBytes;
    }
  }
}

export function hashGridForward4(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32): void {
  forwardWide(n, coords, table, levels, levelCount, out, stride, 1);
}

export function hashGridForward8(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32): void {
  forwardWide(n, coords, table, levels, levelCount, out, stride, 2);
}

// @ts-ignore: decorator
@inline
function addPair(table: usize, a: u32, b: u32, value: v128): void {
  const low = table + (<usize>a << 3);
  const high = table + (<usize>b << 3);
  v128.store64_lane(low, f32x4.add(v128.load64_zero(low), value), 0);
  // The second load comes after the first store: at a wrap both corners can be the same row.
  v128.store64_lane(high, f32x4.add(v128.load64_lane(high, f32x4.splat(0), 1), value), 1);
}

/**
 * gradTable += the gradient of the table; with gradCoords ≠ 0 also gradCoords [n, 3] += the gradient of the coordinates.
 * gradOut is [n, stride] like the forward's output.
 */
export function hashGridBackward2(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize, gradCoords: usize): void {
  const rowBytes = <usize>stride << 2;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = load<f32>(level);
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const offset = <usize>load<u32>(level, 12) << 3;
    const hashed = load<u32>(level, 16) != 0;
    let p = coords;
    let from = gradOut + (<usize>l << 3);
    for (let i = 0; i < n; i++) {
      const g = v128.load64_splat(from);
      if (v128.any_true(f32x4.ne(g, f32x4.splat(0)))) {
        const px = load<f32>(p) * scale + 0.5;
        const py = load<f32>(p, 4) * scale + 0.5;
        const pz = load<f32>(p, 8) * scale + 0.5;
        const cx = <u32>px, cy = <u32>py, cz = <u32>pz;
        const fx = px - <f32>cx, fy = py - <f32>cy, fz = pz - <f32>cz;
        const r00 = rowOf(cx, cy, cz, resolution, rows, hashed), s00 = rowOf(cx + 1, cy, cz, resolution, rows, hashed);
        const r10 = rowOf(cx, cy + 1, cz, resolution, rows, hashed), s10 = rowOf(cx + 1, cy + 1, cz, resolution, rows, hashed);
        const r01 = rowOf(cx, cy, cz + 1, resolution, rows, hashed), s01 = rowOf(cx + 1, cy, cz + 1, resolution, rows, hashed);
        const r11 = rowOf(cx, cy + 1, cz + 1, resolution, rows, hashed), s11 = rowOf(cx + 1, cy + 1, cz + 1, resolution, rows, hashed);
        const gx = f32x4.mul(g, f32x4(1 - fx, 1 - fx, fx, fx));
        const gy0 = f32x4.mul(gx, f32x4.splat(1 - fy)), gy1 = f32x4.mul(gx, f32x4.splat(fy));
        const z0 = f32x4.splat(1 - fz), z1 = f32x4.splat(fz);
        const grads = gradTable + offset;
        addPair(grads, r00, s00, f32x4.mul(gy0, z0));
        addPair(grads, r10, s10, f32x4.mul(gy1, z0));
        addPair(grads, r01, s01, f32x4.mul(gy0, z1));
        addPair(grads, r11, s11, f32x4.mul(gy1, z1));
        if (gradCoords != 0) {
          const base = table + offset;
          const p00 = loadPair(base, r00, s00), p10 = loadPair(base, r10, s10), p01 = loadPair(base, r01, s01), p11 = loadPair(base, r11, s11);
          const vy = f32x4.splat(fy);
          const d0 = f32x4.sub(p10, p00), d1 = f32x4.sub(p11, p01);
          const q0 = madd(vy, d0, p00), q1 = madd(vy, d1, p01);
          const dz = laneSum(f32x4.mul(gx, f32x4.sub(q1, q0)));
          const dy = laneSum(f32x4.mul(gx, madd(z1, f32x4.sub(d1, d0), d0)));
          const dx = laneSum(f32x4.mul(f32x4.mul(g, f32x4(-1, -1, 1, 1)), madd(z1, f32x4.sub(q1, q0), q0)));
          const to = gradCoords + <usize>i * 12;
          store<f32>(to, load<f32>(to) + dx * scale);
          store<f32>(to, load<f32>(to, 4) + dy * scale, 4);
          store<f32>(to, load<f32>(to, 8) + dz * scale, 8);
        }
      }
      p += 12;
      from += rowBytes;
    }
  }
}

// @ts-ignore: decorator
@inline
function addVector(at: usize, weight: v128, value: v128): void {
  v128.store(at, madd(weight, value, v128.load(at)));
}

// @ts-ignore: decorator
@inline
function backwardWide(n: i32, coords: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize, vectors: i32): void {
  const rowBytes = <usize>stride << 2;
  const shift: usize = vectors == 1 ? 4 : 5;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = load<f32>(level);
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const base = gradTable + (<usize>load<u32>(level, 12) << shift);
    const hashed = load<u32>(level, 16) != 0;
    let p = coords;
    let from = gradOut + (<usize>l << shift);
    for (let i = 0; i < n; i++) {
      const px = load<f32>(p) * scale + 0.5;
      const py = load<f32>(p, 4) * scale + 0.5;
      const pz = load<f32>(p, 8) * scale + 0.5;
      const cx = <u32>px, cy = <u32>py, cz = <u32>pz;
      const fx = px - <f32>cx, fy = py - <f32>cy, fz = pz - <f32>cz;
      const ex: f32 = 1.0 - fx, ey: f32 = 1.0 - fy, ez: f32 = 1.0 - fz;
      const w00 = f32x4.splat(ey * ez), w10 = f32x4.splat(fy * ez), w01 = f32x4.splat(ey * fz), w11 = f32x4.splat(fy * fz);
      const a000 = base + (<usize>rowOf(cx, cy, cz, resolution, rows, hashed) << shift);
      const a100 = base + (<usize>rowOf(cx + 1, cy, cz, resolution, rows, hashed) << shift);
      const a010 = base + (<usize>rowOf(cx, cy + 1, cz, resolution, rows, hashed) << shift);
      const a110 = base + (<usize>rowOf(cx + 1, cy + 1, cz, resolution, rows, hashed) << shift);
      const a001 = base + (<usize>rowOf(cx, cy, cz + 1, resolution, rows, hashed) << shift);
      const a101 = base + (<usize>rowOf(cx + 1, cy, cz + 1, resolution, rows, hashed) << shift);
      const a011 = base + (<usize>rowOf(cx, cy + 1, cz + 1, resolution, rows, hashed) << shift);
      const a111 = base + (<usize>rowOf(cx + 1, cy + 1, cz + 1, resolution, rows, hashed) << shift);
      for (let v: usize = 0; v < <usize>vectors << 4; v += 16) {
        const g = v128.load(from + v);
        const g0 = f32x4.mul(g, f32x4.splat(ex)), g1 = f32x4.mul(g, f32x4.splat(fx));
        addVector(a000 + v, w00, g0);
        addVector(a100 + v, w00, g1);
        addVector(a010 + v, w10, g0);
        addVector(a110 + v, w10, g1);
        addVector(a001 + v, w01, g0);
        addVector(a101 + v, w01, g1);
        addVector(a011 + v, w11, g0);
        addVector(a111 + v, w11, g1);
      }
      p += 12;
      from += rowBytes;
    }
  }
}

/** The language grids need no gradient to the coordinates (spec §2.7). */
export function hashGridBackward4(n: i32, coords: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize): void {
  backwardWide(n, coords, levels, levelCount, gradOut, stride, gradTable, 1);
}

export function hashGridBackward8(n: i32, coords: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize): void {
  backwardWide(n, coords, levels, levelCount, gradOut, stride, gradTable, 2);
}
