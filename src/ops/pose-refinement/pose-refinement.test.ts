/**
 * Gates: gradients within 1e-6 (relative L2) of central differences, away from the clamp at 0.01 rad and below it;
 * recorded float32 vectors within 1e-6 forward and 1e-5 backward.
 */
import { describe, expect, it } from 'vitest';
import { centralDifferences, contractWith, normals, relativeL2 } from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { poseGradients, poseRegulariser, refineRays, rotationMatrix } from './pose-refinement.ts';

const rays = 11;
const cameras = Uint32Array.from({ length: rays }, (_, r) => (r * 7) % 4);
const origins = normals(1, rays * 3);
const directions = normals(2, rays * 3);
/** Camera 0 at rest, 1 below the clamp, 2 moderate, 3 beyond half a turn. */
const sizes = [0, 1e-3, 0.2, 3];
const poses = Float64Array.from(normals(3, 24), (x, i) => x * sizes[Math.floor(i / 6)]);

function refine(tangent: ArrayLike<number>): Float64Array {
  const [outOrigins, outDirections] = [new Float64Array(rays * 3), new Float64Array(rays * 3)];
  refineRays(tangent, cameras, origins, directions, outOrigins, outDirections);
  return Float64Array.from([...outOrigins, ...outDirections]);
}

describe('pose refinement', () => {
  it('has the gradient of central differences and adds it', () => {
    const cotangent = normals(4, rays * 6);
    const numeric = centralDifferences((x) => contractWith(refine(x), cotangent), poses);
    const gradients = new Float64Array(24).fill(2);
    const split = rays * 3;
    poseGradients(poses, cameras, directions, cotangent.subarray(0, split), cotangent.subarray(split), gradients);
    expect(
      relativeL2(
        gradients.map((g) => g - 2),
        numeric,
      ),
    ).toBeLessThan(1e-6);
  });

  it('leaves rays alone at zero and keeps lengths above the clamp', () => {
    expect(relativeL2(refine(new Float64Array(24)), [...origins, ...directions])).toBe(0);
    const rotation = rotationMatrix([0.4, -1.1, 0.3]);
    const gram = [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, k) => sum + rotation[3 * i + k] ** 2, 0));
    for (const square of gram) expect(square).toBeCloseTo(1, 12);
  });

  it('works in place on float32 rays', () => {
    const [o, d] = [origins.slice(), directions.slice()];
    refineRays(Float32Array.from(poses), cameras, o, d, o, d);
    expect(relativeL2([...o, ...d], refine(poses))).toBeLessThan(1e-6);
  });

  it('regularises by norms, with no pull at zero', () => {
    const { loss, gradPoses } = poseRegulariser(poses);
    const moving = poses.map((p, i) => (i < 6 ? 0 : p));
    const numeric = centralDifferences((x) => poseRegulariser(x).loss, moving, 1e-8);
    expect(loss).toBeGreaterThan(0);
    expect(gradPoses.slice(0, 6).every((g) => g === 0)).toBe(true);
    expect(relativeL2(gradPoses.slice(6), numeric.slice(6))).toBeLessThan(1e-6);
  });

  describe.skipIf(!hasShared)('against the recorded vectors', () => {
    const { arrays } = readVectors('07-camera-opt');
    const tangent = arrays.tangent.data;
    const one = Uint32Array.from({ length: 12 }, (_, i) => i);

    it('agrees in rotations, rays and regulariser', () => {
      const matrices = Array.from(one, (n) => {
        const r = rotationMatrix(tangent, 6 * n + 3);
        const t = tangent.slice(6 * n, 6 * n + 3);
        return [0, 1, 2].flatMap((i) => [...r.slice(3 * i, 3 * i + 3), t[i]]);
      });
      expect(relativeL2(matrices.flat(), arrays.so3xr3.data)).toBeLessThan(1e-6);
      const [o, d] = [new Float64Array(36), new Float64Array(36)];
      refineRays(tangent, one, arrays.ray_origins.data, arrays.ray_directions.data, o, d);
      expect(relativeL2(o, arrays.ray_origins_corrected.data)).toBeLessThan(1e-6);
      expect(relativeL2(d, arrays.ray_directions_corrected.data)).toBeLessThan(1e-6);
      const { loss, gradPoses } = poseRegulariser(tangent);
      expect(loss).toBeCloseTo(arrays.regularizer.data[0], 8);
      expect(relativeL2(gradPoses, arrays.regularizer_grad.data)).toBeLessThan(1e-5);
    });

    it('agrees in the gradient to the tangent', () => {
      // ⟨G, [R | t]⟩ is what three rays along the axes see: direction e_j picks column j of R.
      const cotangent = arrays.cotangent.data;
      const gradPoses = new Float64Array(72);
      for (let column = 0; column < 3; column++) {
        const axis = Float64Array.from({ length: 36 }, (_, i) => (i % 3 === column ? 1 : 0));
        const pick = (k: number) => Float64Array.from({ length: 36 }, (_, i) => cotangent[4 * i + k]);
        const gradOrigins = column === 0 ? pick(3) : new Float64Array(36);
        poseGradients(tangent, one, axis, gradOrigins, pick(column), gradPoses);
      }
      expect(relativeL2(gradPoses, arrays.grad_tangent.data)).toBeLessThan(1e-5);
    });
  });
});
