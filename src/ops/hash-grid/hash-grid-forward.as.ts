// Multi-resolution hash grid on the CPU (spec §2.2): the forward pass.
// Coordinates [n, 3] in [0, 1]; table [rows, F] float32; output [n, stride] with level-major, feature-minor columns.
// Levels outside, samples inside, so that one level's table stays in cache.
//
// `levels` points at 5 words a level: scale (f32), resolution, rows, first row, hashed (0/1) (level-words.ts).
// Coordinates are read four floats at a time: three of the point and one of the next (buffers have a margin).

import { madd } from '../simd/simd.as';
import { cellOf, levelBytes, loadPair, primeY, primeZ, splat0, splat1, splat2, wrapped } from './hash-grid-nodes.as';

/** Trilinear blend of two features: along z and y on both x halves at once, x last. Result in the low half. */
// @ts-ignore: decorator
@inline
function blend2(base: usize, r00: u32, s00: u32, r10: u32, s10: u32, r01: u32, s01: u32, r11: u32, s11: u32, f: v128): v128 {
  const fz = splat2(f);
  const p00 = loadPair(base, r00, s00);
  const p10 = loadPair(base, r10, s10);
  const q0 = madd(fz, f32x4.sub(loadPair(base, r01, s01), p00), p00);
  const q1 = madd(fz, f32x4.sub(loadPair(base, r11, s11), p10), p10);
  const q = madd(splat1(f), f32x4.sub(q1, q0), q0);
  const high = i8x16.shuffle(q, q, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  return madd(splat0(f), f32x4.sub(high, q), q);
}

export function hashGridForward2(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32): void {
  const rowBytes = <usize>stride << 2;
  const end = coords + <usize>n * 12;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = f32x4.splat(load<f32>(level));
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const base = table + (<usize>load<u32>(level, 12) << 3);
    const half = f32x4.splat(0.5);
    let to = out + (<usize>l << 3);
    if (load<u32>(level, 16) != 0) {
      const mask = rows - 1;
      for (let p = coords; p < end; p += 12) {
        const place = madd(v128.load(p), scale, half);
        const cell = cellOf(place);
        const x0 = <u32>i32x4.extract_lane(cell, 0), x1 = x0 + 1;
        const y0 = <u32>i32x4.extract_lane(cell, 1) * primeY, y1 = y0 + primeY;
        const z0 = <u32>i32x4.extract_lane(cell, 2) * primeZ, z1 = z0 + primeZ;
        const a = y0 ^ z0, b = y1 ^ z0, c = y0 ^ z1, d = y1 ^ z1;
        const f = f32x4.sub(place, f32x4.convert_i32x4_s(cell));
        v128.store64_lane(to, blend2(base, (x0 ^ a) & mask, (x1 ^ a) & mask, (x0 ^ b) & mask, (x1 ^ b) & mask, (x0 ^ c) & mask, (x1 ^ c) & mask, (x0 ^ d) & mask, (x1 ^ d) & mask, f), 0);
        to += rowBytes;
      }
    } else {
      const square = resolution * resolution;
      const reach = 1 + resolution + square;
      for (let p = coords; p < end; p += 12) {
        const place = madd(v128.load(p), scale, half);
        const cell = cellOf(place);
        const r = <u32>i32x4.extract_lane(cell, 0) + resolution * <u32>i32x4.extract_lane(cell, 1) + square * <u32>i32x4.extract_lane(cell, 2);
        const f = f32x4.sub(place, f32x4.convert_i32x4_s(cell));
        const y = r + resolution, z = r + square, yz = z + resolution;
        if (r < rows && r + reach < rows) {
          // x-neighbours are adjacent rows: one load brings both.
          const fz = splat2(f);
          const p00 = v128.load(base + (<usize>r << 3)), p10 = v128.load(base + (<usize>y << 3));
          const q0 = madd(fz, f32x4.sub(v128.load(base + (<usize>z << 3)), p00), p00);
          const q1 = madd(fz, f32x4.sub(v128.load(base + (<usize>yz << 3)), p10), p10);
          const q = madd(splat1(f), f32x4.sub(q1, q0), q0);
          const high = i8x16.shuffle(q, q, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
          v128.store64_lane(to, madd(splat0(f), f32x4.sub(high, q), q), 0);
        } else {
          v128.store64_lane(to, blend2(base, wrapped(r, rows), wrapped(r + 1, rows), wrapped(y, rows), wrapped(y + 1, rows), wrapped(z, rows), wrapped(z + 1, rows), wrapped(yz, rows), wrapped(yz + 1, rows), f), 0);
        }
        to += rowBytes;
      }
    }
  }
}

/** Trilinear blend of four features at eight addresses. */
// @ts-ignore: decorator
@inline
function blend4(a000: usize, a100: usize, a010: usize, a110: usize, a001: usize, a101: usize, a011: usize, a111: usize, fx: v128, fy: v128, fz: v128): v128 {
  const v000 = v128.load(a000), v010 = v128.load(a010), v001 = v128.load(a001), v011 = v128.load(a011);
  const x00 = madd(fx, f32x4.sub(v128.load(a100), v000), v000);
  const x10 = madd(fx, f32x4.sub(v128.load(a110), v010), v010);
  const x01 = madd(fx, f32x4.sub(v128.load(a101), v001), v001);
  const x11 = madd(fx, f32x4.sub(v128.load(a111), v011), v011);
  const y0 = madd(fy, f32x4.sub(x10, x00), x00);
  const y1 = madd(fy, f32x4.sub(x11, x01), x01);
  return madd(fz, f32x4.sub(y1, y0), y0);
}

/** Features in fours: shift 4 = one group (F = 4), shift 5 = two (F = 8). */
// @ts-ignore: decorator
@inline
function forwardWide(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32, shift: usize): void {
  const rowBytes = <usize>stride << 2;
  const end = coords + <usize>n * 12;
  for (let l = 0; l < levelCount; l++) {
    const level = levels + <usize>l * levelBytes;
    const scale = f32x4.splat(load<f32>(level));
    const resolution = load<u32>(level, 4);
    const rows = load<u32>(level, 8);
    const base = table + (<usize>load<u32>(level, 12) << shift);
    const half = f32x4.splat(0.5);
    let to = out + (<usize>l << shift);
    if (load<u32>(level, 16) != 0) {
      const mask = rows - 1;
      for (let p = coords; p < end; p += 12) {
        const place = madd(v128.load(p), scale, half);
        const cell = cellOf(place);
        const x0 = <u32>i32x4.extract_lane(cell, 0), x1 = x0 + 1;
        const y0 = <u32>i32x4.extract_lane(cell, 1) * primeY, y1 = y0 + primeY;
        const z0 = <u32>i32x4.extract_lane(cell, 2) * primeZ, z1 = z0 + primeZ;
        const a = y0 ^ z0, b = y1 ^ z0, c = y0 ^ z1, d = y1 ^ z1;
        const f = f32x4.sub(place, f32x4.convert_i32x4_s(cell));
        const fx = splat0(f), fy = splat1(f), fz = splat2(f);
        const a000 = base + (<usize>((x0 ^ a) & mask) << shift), a100 = base + (<usize>((x1 ^ a) & mask) << shift);
        const a010 = base + (<usize>((x0 ^ b) & mask) << shift), a110 = base + (<usize>((x1 ^ b) & mask) << shift);
        const a001 = base + (<usize>((x0 ^ c) & mask) << shift), a101 = base + (<usize>((x1 ^ c) & mask) << shift);
        const a011 = base + (<usize>((x0 ^ d) & mask) << shift), a111 = base + (<usize>((x1 ^ d) & mask) << shift);
        v128.store(to, blend4(a000, a100, a010, a110, a001, a101, a011, a111, fx, fy, fz));
        if (shift == 5) v128.store(to, blend4(a000 + 16, a100 + 16, a010 + 16, a110 + 16, a001 + 16, a101 + 16, a011 + 16, a111 + 16, fx, fy, fz), 16);
        to += rowBytes;
      }
    } else {
      const square = resolution * resolution;
      for (let p = coords; p < end; p += 12) {
        const place = madd(v128.load(p), scale, half);
        const cell = cellOf(place);
        const r = <u32>i32x4.extract_lane(cell, 0) + resolution * <u32>i32x4.extract_lane(cell, 1) + square * <u32>i32x4.extract_lane(cell, 2);
        const f = f32x4.sub(place, f32x4.convert_i32x4_s(cell));
        const fx = splat0(f), fy = splat1(f), fz = splat2(f);
        const y = r + resolution, z = r + square, yz = z + resolution;
        const a000 = base + (<usize>wrapped(r, rows) << shift), a100 = base + (<usize>wrapped(r + 1, rows) << shift);
        const a010 = base + (<usize>wrapped(y, rows) << shift), a110 = base + (<usize>wrapped(y + 1, rows) << shift);
        const a001 = base + (<usize>wrapped(z, rows) << shift), a101 = base + (<usize>wrapped(z + 1, rows) << shift);
        const a011 = base + (<usize>wrapped(yz, rows) << shift), a111 = base + (<usize>wrapped(yz + 1, rows) << shift);
        v128.store(to, blend4(a000, a100, a010, a110, a001, a101, a011, a111, fx, fy, fz));
        if (shift == 5) v128.store(to, blend4(a000 + 16, a100 + 16, a010 + 16, a110 + 16, a001 + 16, a101 + 16, a011 + 16, a111 + 16, fx, fy, fz), 16);
        to += rowBytes;
      }
    }
  }
}

export function hashGridForward4(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32): void {
  forwardWide(n, coords, table, levels, levelCount, out, stride, 4);
}

export function hashGridForward8(n: i32, coords: usize, table: usize, levels: usize, levelCount: i32, out: usize, stride: i32): void {
  forwardWide(n, coords, table, levels, levelCount, out, stride, 5);
}
