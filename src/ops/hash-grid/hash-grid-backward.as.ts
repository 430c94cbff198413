// Gradients of the multi-resolution hash grid on the CPU (spec §2.2): to the table, and to the coordinates of grids of
// two features. Buffers as in the forward kernels; every thread adds into a gradient array of its own.

import { laneSum, madd } from '../simd/simd.as';
import { cellOf, levelBytes, loadPair, primeY, primeZ, splat0, splat1, splat2, wrapped } from './hash-grid-nodes.as';

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
    const mask = rows - 1;
    const square = resolution * resolution;
    let p = coords;
    let from = gradOut + (<usize>l << 3);
    for (let i = 0; i < n; i++, p += 12, from += rowBytes) {
      const g = v128.load64_splat(from);
      if (!v128.any_true(f32x4.ne(g, f32x4.splat(0)))) continue;
      const place = madd(v128.load(p), f32x4.splat(scale), f32x4.splat(0.5));
      const cell = cellOf(place);
      const f = f32x4.sub(place, f32x4.convert_i32x4_s(cell));
      const cx = <u32>i32x4.extract_lane(cell, 0), cy = <u32>i32x4.extract_lane(cell, 1), cz = <u32>i32x4.extract_lane(cell, 2);
      let r00: u32, r10: u32, r01: u32, r11: u32, s00: u32, s10: u32, s01: u32, s11: u32;
      if (hashed) {
        const x1 = cx + 1;
        const y0 = cy * primeY, y1 = y0 + primeY, z0 = cz * primeZ, z1 = z0 + primeZ;
        const a = y0 ^ z0, b = y1 ^ z0, c = y0 ^ z1, d = y1 ^ z1;
        r00 = (cx ^ a) & mask, r10 = (cx ^ b) & mask, r01 = (cx ^ c) & mask, r11 = (cx ^ d) & mask;
        s00 = (x1 ^ a) & mask, s10 = (x1 ^ b) & mask, s01 = (x1 ^ c) & mask, s11 = (x1 ^ d) & mask;
      } else {
        const r = cx + resolution * cy + square * cz;
        r00 = wrapped(r, rows), s00 = wrapped(r + 1, rows);
        r10 = wrapped(r + resolution, rows), s10 = wrapped(r + resolution + 1, rows);
        r01 = wrapped(r + square, rows), s01 = wrapped(r + square + 1, rows);
        r11 = wrapped(r + square + resolution, rows), s11 = wrapped(r + square + resolution + 1, rows);
      }
      const one = f32x4.splat(1);
      const fx = splat0(f), fy = splat1(f), fz = splat2(f);
      // (1 − fx, 1 − fx, fx, fx)
      const wx = i8x16.shuffle(f32x4.sub(one, fx), fx, 0, 1, 2, 3, 0, 1, 2, 3, 16, 17, 18, 19, 16, 17, 18, 19);
      const ez = f32x4.sub(one, fz);
      const gx = f32x4.mul(g, wx);
      const gy1 = f32x4.mul(gx, fy), gy0 = f32x4.sub(gx, gy1);
      const grads = gradTable + offset;
      addPair(grads, r00, s00, f32x4.mul(gy0, ez));
      addPair(grads, r10, s10, f32x4.mul(gy1, ez));
      addPair(grads, r01, s01, f32x4.mul(gy0, fz));
      addPair(grads, r11, s11, f32x4.mul(gy1, fz));
      if (gradCoords != 0) {
        const base = table + offset;
        const p00 = loadPair(base, r00, s00), p10 = loadPair(base, r10, s10), p01 = loadPair(base, r01, s01), p11 = loadPair(base, r11, s11);
        const d0 = f32x4.sub(p10, p00), d1 = f32x4.sub(p11, p01);
        const q0 = madd(fy, d0, p00), q1 = madd(fy, d1, p01);
        const dz = laneSum(f32x4.mul(gx, f32x4.sub(q1, q0)));
        const dy = laneSum(f32x4.mul(gx, madd(fz, f32x4.sub(d1, d0), d0)));
        const dx = laneSum(f32x4.mul(f32x4.mul(g, f32x4(-1, -1, 1, 1)), madd(fz, f32x4.sub(q1, q0), q0)));
        const to = gradCoords + <usize>i * 12;
        store<f32>(to, load<f32>(to) + dx * scale);
        store<f32>(to, load<f32>(to, 4) + dy * scale, 4);
        store<f32>(to, load<f32>(to, 8) + dz * scale, 8);
      }
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
function backwardWide(n: i32, coords: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize, shift: usize): void {
  const rowBytes = <usize>stride << 2;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = f32x4.splat(load<f32>(level));
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const base = gradTable + (<usize>load<u32>(level, 12) << shift);
    const hashed = load<u32>(level, 16) != 0;
    const mask = rows - 1;
    const square = resolution * resolution;
    let p = coords;
    let from = gradOut + (<usize>l << shift);
    for (let i = 0; i < n; i++, p += 12, from += rowBytes) {
      const place = madd(v128.load(p), scale, f32x4.splat(0.5));
      const cell = cellOf(place);
      const f = f32x4.sub(place, f32x4.convert_i32x4_s(cell));
      const cx = <u32>i32x4.extract_lane(cell, 0), cy = <u32>i32x4.extract_lane(cell, 1), cz = <u32>i32x4.extract_lane(cell, 2);
      let r00: u32, r10: u32, r01: u32, r11: u32, s00: u32, s10: u32, s01: u32, s11: u32;
      if (hashed) {
        const x1 = cx + 1;
        const y0 = cy * primeY, y1 = y0 + primeY, z0 = cz * primeZ, z1 = z0 + primeZ;
        const a = y0 ^ z0, b = y1 ^ z0, c = y0 ^ z1, d = y1 ^ z1;
        r00 = (cx ^ a) & mask, r10 = (cx ^ b) & mask, r01 = (cx ^ c) & mask, r11 = (cx ^ d) & mask;
        s00 = (x1 ^ a) & mask, s10 = (x1 ^ b) & mask, s01 = (x1 ^ c) & mask, s11 = (x1 ^ d) & mask;
      } else {
        const r = cx + resolution * cy + square * cz;
        r00 = wrapped(r, rows), s00 = wrapped(r + 1, rows);
        r10 = wrapped(r + resolution, rows), s10 = wrapped(r + resolution + 1, rows);
        r01 = wrapped(r + square, rows), s01 = wrapped(r + square + 1, rows);
        r11 = wrapped(r + square + resolution, rows), s11 = wrapped(r + square + resolution + 1, rows);
      }
      const one = f32x4.splat(1);
      const fx = splat0(f), fy = splat1(f), fz = splat2(f);
      const ey = f32x4.sub(one, fy), ez = f32x4.sub(one, fz);
      const w00 = f32x4.mul(ey, ez), w10 = f32x4.mul(fy, ez), w01 = f32x4.mul(ey, fz), w11 = f32x4.mul(fy, fz);
      for (let v: usize = 0; v < (shift == 5 ? 32 : 16); v += 16) {
        const g = v128.load(from + v);
        const g1 = f32x4.mul(g, fx), g0 = f32x4.sub(g, g1);
        const at = base + v;
        addVector(at + (<usize>r00 << shift), w00, g0);
        addVector(at + (<usize>s00 << shift), w00, g1);
        addVector(at + (<usize>r10 << shift), w10, g0);
        addVector(at + (<usize>s10 << shift), w10, g1);
        addVector(at + (<usize>r01 << shift), w01, g0);
        addVector(at + (<usize>s01 << shift), w01, g1);
        addVector(at + (<usize>r11 << shift), w11, g0);
        addVector(at + (<usize>s11 << shift), w11, g1);
      }
    }
  }
}

/** The language grids need no gradient to the coordinates (spec §2.7). */
export function hashGridBackward4(n: i32, coords: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize): void {
  backwardWide(n, coords, levels, levelCount, gradOut, stride, gradTable, 4);
}

export function hashGridBackward8(n: i32, coords: usize, levels: usize, levelCount: i32, gradOut: usize, stride: i32, gradTable: usize): void {
  backwardWide(n, coords, levels, levelCount, gradOut, stride, gradTable, 5);
}
