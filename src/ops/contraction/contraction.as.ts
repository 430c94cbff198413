// CPU kernels of the contraction, fused with the placement of samples on rays (contraction.ts, ray-sampling.ts). The
// cube kernels take four samples of a ray at a time. A position that is not finite becomes (0, 0, 0), so that the hash
// grid never indexes with NaN.
import { laneSum, madd, root } from '../simd/simd.as';
import { loadLanes, loadStrided, pointsX, pointsY, pointsZ, storeLanes, storePoints } from '../simd/lanes.as';

/** Mid-points of up to four bins. */
// @ts-ignore: decorator
@inline
function midpoints4(euclid: usize, left: i32): v128 {
  return f32x4.mul(f32x4.add(loadLanes(euclid, left), loadLanes(euclid + 4, left)), f32x4.splat(0.5));
}

// @ts-ignore: decorator
@inline
function largestMagnitude(x: v128, y: v128, z: v128): v128 {
  return f32x4.pmax(f32x4.pmax(f32x4.abs(x), f32x4.abs(y)), f32x4.abs(z));
}

/** (2 - 1/m) / m outside the unit cube, 1 inside. */
// @ts-ignore: decorator
@inline
function contractionFactor(m: v128, inverse: v128): v128 {
  const outside = f32x4.mul(inverse, f32x4.sub(f32x4.splat(2), inverse));
  return v128.bitselect(f32x4.splat(1), outside, f32x4.lt(m, f32x4.splat(1)));
}

/** (c + 2) / 4. */
// @ts-ignore: decorator
@inline
function gridCoordinate(x: v128, factor: v128): v128 {
  return madd(f32x4.mul(x, factor), f32x4.splat(0.25), f32x4.splat(0.5));
}

// @ts-ignore: decorator
@inline
function strictlyInside(c: v128): v128 {
  return v128.and(f32x4.gt(c, f32x4.splat(0)), f32x4.lt(c, f32x4.splat(1)));
}

/**
 * Grid coordinates of the mid-points of all bins, in the contracted cube.
 * origins, directions [R, 3]; euclid [R, S + 1]; out: coords [R, S, 3], selector [R, S] 0 or 1
 */
export function placeSamplesCube(
  rays: i32,
  samples: i32,
  origins: usize,
  directions: usize,
  euclid: usize,
  coords: usize,
  selector: usize,
): void {
  for (let r = 0; r < rays; r++) {
    const ox = v128.load32_splat(origins);
    const oy = v128.load32_splat(origins, 4);
    const oz = v128.load32_splat(origins, 8);
    const dx = v128.load32_splat(directions);
    const dy = v128.load32_splat(directions, 4);
    const dz = v128.load32_splat(directions, 8);
    for (let s = 0; s < samples; s += 4) {
      const left = samples - s;
      const t = midpoints4(euclid + (s << 2), left);
      const x = madd(dx, t, ox);
      const y = madd(dy, t, oy);
      const z = madd(dz, t, oz);
      const m = largestMagnitude(x, y, z);
      const factor = contractionFactor(m, f32x4.div(f32x4.splat(1), m));
      const cx = gridCoordinate(x, factor);
      const cy = gridCoordinate(y, factor);
      const cz = gridCoordinate(z, factor);
      const selected = v128.and(strictlyInside(cx), v128.and(strictlyInside(cy), strictlyInside(cz)));
      storePoints(coords + s * 12, v128.and(cx, selected), v128.and(cy, selected), v128.and(cz, selected), left);
      storeLanes(selector + (s << 2), v128.and(selected, f32x4.splat(1)), left);
    }
    origins += 12;
    directions += 12;
    euclid += (samples + 1) << 2;
    coords += samples * 12;
    selector += samples << 2;
  }
}

/** The part of the norm's gradient on one axis: sign(x) / ties where |x| is the norm. */
// @ts-ignore: decorator
@inline
function normShare(x: v128, onAxis: v128, share: v128): v128 {
  return v128.and(onAxis, v128.or(share, v128.and(x, i32x4.splat(0x80000000))));
}

/**
 * ADDS the cotangents of origins and directions for gradCoords [R, S, 3]; distances are detached.
 * gradOrigins, gradDirections [R, 3]
 */
export function placeSamplesCubeBackward(
  rays: i32,
  samples: i32,
  origins: usize,
  directions: usize,
  euclid: usize,
  gradCoords: usize,
  gradOrigins: usize,
  gradDirections: usize,
): void {
  const one = f32x4.splat(1);
  for (let r = 0; r < rays; r++) {
    const ox = v128.load32_splat(origins);
    const oy = v128.load32_splat(origins, 4);
    const oz = v128.load32_splat(origins, 8);
    const dx = v128.load32_splat(directions);
    const dy = v128.load32_splat(directions, 4);
    const dz = v128.load32_splat(directions, 8);
    let sumX = f32x4.splat(0), sumY = f32x4.splat(0), sumZ = f32x4.splat(0);
    let momentX = f32x4.splat(0), momentY = f32x4.splat(0), momentZ = f32x4.splat(0);
    for (let s = 0; s < samples; s += 4) {
      const left = samples - s;
      const p = gradCoords + s * 12;
      let gx: v128, gy: v128, gz: v128;
      if (left >= 4) {
        const a = v128.load(p);
        const b = v128.load(p, 16);
        const c = v128.load(p, 32);
        gx = pointsX(a, b, c);
        gy = pointsY(a, b, c);
        gz = pointsZ(a, b, c);
      } else {
        gx = loadStrided(p, 3, left);
        gy = loadStrided(p + 4, 3, left);
        gz = loadStrided(p + 8, 3, left);
      }
      const t = midpoints4(euclid + (s << 2), left);
      const x = madd(dx, t, ox);
      const y = madd(dy, t, oy);
      const z = madd(dz, t, oz);
      const m = largestMagnitude(x, y, z);
      const inverse = f32x4.div(one, m);
      const factor = contractionFactor(m, inverse);
      const selected = v128.and(
        strictlyInside(gridCoordinate(x, factor)),
        v128.and(strictlyInside(gridCoordinate(y, factor)), strictlyInside(gridCoordinate(z, factor))),
      );
      const quarter = v128.and(selected, f32x4.splat(0.25));
      gx = f32x4.mul(gx, quarter);
      gy = f32x4.mul(gy, quarter);
      gz = f32x4.mul(gz, quarter);
      // d factor / dm = 2 (1/m - 1) / m^2; the norm's gradient is shared by the axes that attain it.
      const slope = f32x4.mul(f32x4.mul(inverse, inverse), f32x4.mul(f32x4.splat(2), f32x4.sub(inverse, one)));
      const dot = madd(gx, x, madd(gy, y, f32x4.mul(gz, z)));
      const outside = v128.and(selected, f32x4.ge(m, one));
      const gradM = v128.and(outside, f32x4.mul(dot, slope));
      const onX = f32x4.eq(f32x4.abs(x), m);
      const onY = f32x4.eq(f32x4.abs(y), m);
      const onZ = f32x4.eq(f32x4.abs(z), m);
      const ties = f32x4.add(v128.and(onX, one), f32x4.add(v128.and(onY, one), v128.and(onZ, one)));
      const share = f32x4.div(one, f32x4.pmax(ties, one));
      gx = v128.and(selected, madd(gradM, normShare(x, onX, share), f32x4.mul(gx, factor)));
      gy = v128.and(selected, madd(gradM, normShare(y, onY, share), f32x4.mul(gy, factor)));
      gz = v128.and(selected, madd(gradM, normShare(z, onZ, share), f32x4.mul(gz, factor)));
      sumX = f32x4.add(sumX, gx);
      sumY = f32x4.add(sumY, gy);
      sumZ = f32x4.add(sumZ, gz);
      momentX = madd(gx, t, momentX);
      momentY = madd(gy, t, momentY);
      momentZ = madd(gz, t, momentZ);
    }
    store<f32>(gradOrigins, load<f32>(gradOrigins) + laneSum(sumX));
    store<f32>(gradOrigins, load<f32>(gradOrigins, 4) + laneSum(sumY), 4);
    store<f32>(gradOrigins, load<f32>(gradOrigins, 8) + laneSum(sumZ), 8);
    store<f32>(gradDirections, load<f32>(gradDirections) + laneSum(momentX));
    store<f32>(gradDirections, load<f32>(gradDirections, 4) + laneSum(momentY), 4);
    store<f32>(gradDirections, load<f32>(gradDirections, 8) + laneSum(momentZ), 8);
    origins += 12;
    directions += 12;
    euclid += (samples + 1) << 2;
    gradCoords += samples * 12;
    gradOrigins += 12;
    gradDirections += 12;
  }
}

/**
 * Grid coordinates in the contracted ball, for selected samples (language field).
 * rays [n] i32 ray of each sample; mids [n] its distance; origins, directions [R, 3]; out: coords [n, 3]
 */
export function placeSamplesBall(
  n: i32,
  rays: usize,
  origins: usize,
  directions: usize,
  mids: usize,
  coords: usize,
): void {
  for (let i = 0; i < n; i++) {
    const row = <usize>load<i32>(rays + (i << 2)) * 12;
    const t = load<f32>(mids + (i << 2));
    const x = load<f32>(origins + row) + t * load<f32>(directions + row);
    const y = load<f32>(origins + row, 4) + t * load<f32>(directions + row, 4);
    const z = load<f32>(origins + row, 8) + t * load<f32>(directions + row, 8);
    const m = root(x * x + y * y + z * z);
    const inverse: f32 = 1 / m;
    // A quarter of the contraction factor; infinite and undefined positions fail the comparison.
    const factor: f32 = m < 1 ? 0.25 : 0.25 * inverse * (2 - inverse);
    const finite = m < Infinity;
    const p = coords + i * 12;
    store<f32>(p, finite ? x * factor + 0.5 : 0);
    store<f32>(p, finite ? y * factor + 0.5 : 0, 4);
    store<f32>(p, finite ? z * factor + 0.5 : 0, 8);
  }
}
