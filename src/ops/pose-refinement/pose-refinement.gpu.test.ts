/**
 * Gates: the GPU kernels against the float64 reference, with rotations of zero, below and above the threshold of 0.01
 * radians; cameras without rays: below 2e-6. Beyond the radian where the series ends WGSL promises three digits of a sine:
 * below 2e-3.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import { poseGradients, poseRegulariser, refineRays } from './pose-refinement.ts';
import { poseBackwardKernel, refineRaysKernel } from './pose-refinement.wgsl.ts';

const rays = 150;
const angles = [0, 0.003, 0.02, 0.7, 0.95, 1e-5, 0.1];
const poses = Float32Array.from(normals(1, 6 * angles.length), (value, i) => {
  const camera = Math.floor(i / 6);
  if (i % 6 < 3) return camera === 0 ? 0 : 0.1 * value;
  // A direction of unit length times the angle of this camera.
  return angles[camera] * [2 / 3, -1 / 3, 2 / 3][i % 3];
});
/** The last two cameras see nothing. */
const cameras = Uint32Array.from(uniforms(2, rays), (u) => Math.floor(u * (angles.length - 2)));
const origins = normals(3, rays * 3);
const directions = normals(4, rays * 3);

describeGpu('pose refinement kernels', (gpu) => {
  it('move rays', async () => {
    const [refinedOrigins, refinedDirections] = [await gpu.zeros('f32', rays * 3), await gpu.zeros('f32', rays * 3)];
    const buffers = {
      poses: await gpu.floats(poses),
      cameras: await gpu.place('u32', cameras),
      origins: await gpu.floats(origins),
      directions: await gpu.floats(directions),
      refinedOrigins,
      refinedDirections,
    };
    await gpu.run(refineRaysKernel, { params: { rays }, buffers });
    const expected = [new Float64Array(rays * 3), new Float64Array(rays * 3)];
    refineRays(poses, cameras, origins, directions, expected[0], expected[1]);
    expectNear(await gpu.read(refinedOrigins), expected[0], 2e-6);
    expectNear(await gpu.read(refinedDirections), expected[1], 2e-6);
  });

  it('find the gradient of the poses, regulariser included, and its loss', async () => {
    const [gradOrigins, gradDirections] = [normals(5, rays * 3), normals(6, rays * 3)];
    const before = normals(7, poses.length);
    const [gradPoses, losses] = [await gpu.floats(before), await gpu.zeros('f32', angles.length)];
    const buffers = {
      poses: await gpu.floats(poses),
      rayCameras: await gpu.place('u32', cameras),
      directions: await gpu.floats(directions),
      gradOrigins: await gpu.floats(gradOrigins),
      gradDirections: await gpu.floats(gradDirections),
      gradPoses,
      losses,
    };
    await gpu.run(poseBackwardKernel, { params: { rays, cameras: angles.length }, buffers });
    const { loss, gradPoses: expected } = poseRegulariser(poses);
    poseGradients(poses, cameras, directions, gradOrigins, gradDirections, expected);
    expectNear(
      await gpu.read(gradPoses),
      expected.map((value, i) => value + before[i]),
      2e-6,
    );
    const sum = (await gpu.read(losses)).reduce((total, value) => total + value, 0);
    expect(Math.abs(sum / loss - 1)).toBeLessThan(2e-6);
  });

  it.each([
    [0.003, 5e-6],
    [0.02, 5e-6],
    [2.5, 2e-3],
  ])('move rays and find the gradient of a rotation by %f', async (angle, gate) => {
    const pose = [0.1, -0.2, 0.3, ...[2 / 3, -1 / 3, 2 / 3].map((part) => angle * part)].map(Math.fround);
    const seen = new Uint32Array(rays);
    const [gradOrigins, gradDirections] = [new Float64Array(rays * 3), normals(6, rays * 3)];
    const [gradPoses, losses, refinedOrigins, refinedDirections] = await Promise.all(
      [6, 1, rays * 3, rays * 3].map((length) => gpu.zeros('f32', length)),
    );
    const placed = { poses: await gpu.floats(pose), directions: await gpu.floats(directions) };
    const rayCameras = await gpu.place('u32', seen);
    gpu.recorder
      .dispatch(refineRaysKernel, {
        params: { rays },
        buffers: {
          ...placed,
          cameras: rayCameras,
          origins: await gpu.floats(origins),
          refinedOrigins,
          refinedDirections,
        },
      })
      .dispatch(poseBackwardKernel, {
        params: { rays, cameras: 1 },
        buffers: {
          ...placed,
          rayCameras,
          gradOrigins: await gpu.floats(gradOrigins),
          gradDirections: await gpu.floats(gradDirections),
          gradPoses,
          losses,
        },
      });
    const moved = [new Float64Array(rays * 3), new Float64Array(rays * 3)];
    refineRays(pose, seen, origins, directions, moved[0], moved[1]);
    expectNear(await gpu.read(refinedDirections), moved[1], gate);
    const { gradPoses: expected } = poseRegulariser(pose);
    poseGradients(pose, seen, directions, gradOrigins, gradDirections, expected);
    expectNear((await gpu.read(gradPoses)).subarray(3), expected.subarray(3), gate);
  });
});
