import { describe, expect, it } from 'vitest';
import type { Camera } from './camera.ts';
import { axisAngle } from './matrices.ts';
import { composePoses, invertPose, poseFrom, transformPoint } from './poses.ts';
import { projectPoint } from './projection.ts';
import { randomUniform } from './random.ts';
import { pixelRay } from './rays.ts';
import { add, normalise, scale } from './vectors.ts';
import { fieldOfView, focalLength, resizeCamera, viewCamera } from './views.ts';

const pose = poseFrom(axisAngle(normalise([1, 2, -0.5]), 1.1), [0.3, -0.7, 2]);
const cameras: Record<string, Camera> = {
  perspective: {
    model: 'perspective',
    width: 64,
    height: 48,
    fx: 52,
    fy: 50.5,
    cx: 31.3,
    cy: 24.6,
    distortion: [0.12, -0.08, 0.015, -0.004, 0.003, -0.002],
    cameraToWorld: pose,
  },
  fisheye: {
    model: 'fisheye',
    width: 64,
    height: 48,
    fx: 21,
    fy: 21,
    cx: 32,
    cy: 24,
    distortion: [0.03, -0.01, 0.002, -0.0005, 0, 0],
    cameraToWorld: pose,
  },
};

describe('rays and projection are opposites', () => {
  for (const [name, camera] of Object.entries(cameras)) {
    it(name, () => {
      for (let i = 0; i < 200; i++) {
        const row = randomUniform(1, 5, i, 0) * camera.height - 0.5;
        const col = randomUniform(1, 5, i, 1) * camera.width - 0.5;
        const distance = 0.1 + 10 * randomUniform(1, 5, i, 2);
        const ray = pixelRay(camera, row, col);
        const seen = projectPoint(camera, add(ray.origin, scale(ray.direction, distance)));
        expect(seen?.row).toBeCloseTo(row + 0.5, 7);
        expect(seen?.col).toBeCloseTo(col + 0.5, 7);
      }
    });
  }

  it('points behind a perspective camera, or folded back by its lens, are not seen', () => {
    const camera = cameras.perspective;
    const behind = add(pixelRay(camera, 20, 30).origin, scale(pixelRay(camera, 20, 30).direction, -1));
    expect(projectPoint(camera, behind)).toBeUndefined();
    // x(1 − 0.3x²) turns round at x = 1.05: a point at x = 1.6 would land in the picture.
    const barrel: Camera = { ...camera, distortion: [-0.3, 0, 0, 0, 0, 0] };
    expect(projectPoint(barrel, transformPoint(pose, [1.6, 0, -1]))).toBeUndefined();
    expect(projectPoint(barrel, transformPoint(pose, [0.5, 0, -1]))).toBeDefined();
  });

  it('the fisheye principal point looks straight ahead', () => {
    const { direction } = pixelRay(cameras.fisheye, 23.5, 31.5);
    expect(direction).toEqual([-pose[2], -pose[6], -pose[10]].map((v) => expect.closeTo(v, 12)));
  });
});

describe('other picture sizes', () => {
  it('a resized photograph keeps its rays, also when the size was rounded', () => {
    const camera = cameras.perspective;
    const small = resizeCamera(camera, 31, 15);
    for (const [u, v] of [
      [0, 0],
      [1, 1],
      [0.25, 0.8],
    ]) {
      const big = pixelRay(camera, v * 48 - 0.5, u * 64 - 0.5).direction;
      const little = pixelRay(small, v * 15 - 0.5, u * 31 - 0.5).direction;
      for (let k = 0; k < 3; k++) expect(little[k]).toBeCloseTo(big[k], 12);
    }
  });

  it('the field of view is vertical', () => {
    const camera = viewCamera(pose, 256, 138, 50);
    expect(camera.fx).toBe(camera.fy);
    expect(camera.fy).toBeCloseTo(69 / Math.tan((25 * Math.PI) / 180), 12);
    expect(fieldOfView(camera).vertical).toBeCloseTo(50, 10);
    expect(fieldOfView(camera).horizontal).toBeGreaterThan(50);
    const top = pixelRay(camera, -0.5, 127.5).direction;
    const bottom = pixelRay(camera, 137.5, 127.5).direction;
    const cosine = top[0] * bottom[0] + top[1] * bottom[1] + top[2] * bottom[2];
    expect((Math.acos(cosine) * 180) / Math.PI).toBeCloseTo(50, 8);
    expect(focalLength(138, (50 * Math.PI) / 180)).toBe(camera.fy);
  });
});

describe('poses', () => {
  it('compose and invert', () => {
    const other = poseFrom(axisAngle([0, 0, 1], 0.4), [1, 2, 3]);
    const both = composePoses(pose, other);
    expect(transformPoint(both, [1, -1, 2])).toEqual(
      transformPoint(pose, transformPoint(other, [1, -1, 2])).map((v) => expect.closeTo(v, 12)),
    );
    const back = composePoses(invertPose(both)!, both);
    expect(Array.from(back)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0].map((v) => expect.closeTo(v, 12)));
    expect(invertPose(new Float64Array(12))).toBeUndefined();
  });
});
