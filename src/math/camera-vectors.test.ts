// Camera rays against recorded nerfstudio numbers (float32): 1e-5 absolute on unit directions.
import { describe, expect, it } from 'vitest';
import { hasShared, readVectors, type VectorFile } from '../../test/shared.ts';
import type { Camera, CameraModel } from './camera.ts';
import { type Distortion, noDistortion, undistort } from './distortion.ts';
import { frameRays, pixelRay } from './rays.ts';

describe.skipIf(!hasShared)('07-camera-rays', () => {
  const arrays: VectorFile['arrays'] = hasShared ? readVectors('07-camera-rays').arrays : {};

  const camera = (index: number, model: CameraModel, intrinsics: number[], distortion: number[]): Camera => ({
    model,
    width: 64,
    height: 48,
    fx: intrinsics[0],
    fy: intrinsics[1],
    cx: intrinsics[2],
    cy: intrinsics[3],
    distortion: distortion as unknown as Distortion,
    cameraToWorld: Float64Array.from(arrays['c2w'].data.slice(index * 12, index * 12 + 12)),
  });

  for (const name of ['perspective', 'perspective_opencv', 'fisheye', 'fisheye_distorted']) {
    it(name, () => {
      const model = name.startsWith('fisheye') ? 'fisheye' : 'perspective';
      const distortion = arrays[`${name}_distortion`]?.data ?? noDistortion;
      const directions = arrays[`${name}_directions`].data;
      const coordinates = arrays['coords_yx'].data;
      let checked = 0;
      arrays['camera_index'].data.forEach((index, i) => {
        const ray = pixelRay(
          camera(index, model, arrays[`${name}_intrinsics`].data, distortion),
          coordinates[i * 2] - 0.5,
          coordinates[i * 2 + 1] - 0.5,
        );
        expect(Math.hypot(...ray.direction)).toBeCloseTo(1, 12);
        for (let k = 0; k < 3; k++) {
          expect(Math.abs(ray.origin[k] - arrays[`${name}_origins`].data[i * 3 + k])).toBeLessThan(1e-6);
          const expected = directions[i * 3 + k];
          // The recorded 0/0 at the fisheye's principal point must be a number here.
          if (Number.isNaN(expected)) expect(ray.direction[k]).not.toBeNaN();
          else expect(Math.abs(ray.direction[k] - expected)).toBeLessThan(1e-5);
          if (!Number.isNaN(expected)) checked++;
        }
      });
      expect(checked).toBeGreaterThanOrEqual(24);
    });
  }

  it('undistortion, also where the lens model has no solution', () => {
    const check = (input: string, output: string, parameters: number[], tolerance: number) => {
      const target = new Float64Array(2);
      const points = arrays[input].data;
      for (let i = 0; i < points.length; i += 2) {
        undistort(parameters as unknown as Distortion, points[i], points[i + 1], target);
        for (let k = 0; k < 2; k++) expect(Math.abs(target[k] - arrays[output].data[i + k])).toBeLessThan(tolerance);
      }
    };
    check('undistort_in', 'undistort_iter10', arrays['perspective_opencv_distortion'].data, 1e-6);
    // Points without a solution wander chaotically under Newton in float32: only the solvable third one is compared.
    const target = new Float64Array(2);
    undistort(arrays['undistort_strong_params'].data as unknown as Distortion, 0.2, 0.1, target);
    expect(Math.abs(target[0] - arrays['undistort_strong_out'].data[4])).toBeLessThan(1e-6);
    expect(Math.abs(target[1] - arrays['undistort_strong_out'].data[5])).toBeLessThan(1e-6);
  });

  it('a whole frame, and integer pixel indices', () => {
    const base = camera(0, 'perspective', [3, 3.1, 2, 1.5], [0, 0, 0, 0, 0, 0]);
    const rays = frameRays({ ...base, width: 4, height: 3 });
    const expected = arrays['frame_directions'].data;
    rays.directions.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(2e-6);
    });
    expect(frameRays({ ...base, width: 4, height: 3 }, 1, 1).directions).toEqual(rays.directions.slice(12, 24));
  });
});
