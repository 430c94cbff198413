/**
 * Gates: the GPU kernels against the float64 reference on near, far, tied and wild points; relative L2, cosine and
 * signed bias below 1e-6 (one rounding of coordinates near 1 is 6e-8), selectors equal.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import { ballCoordinates, cubeCoordinates, cubeCoordinatesBackward } from './contraction.ts';
import { ballCoordinatesKernel, cubeCoordinatesBackwardKernel, cubeCoordinatesKernel } from './contraction.wgsl.ts';

const corners = [0, 0, 0, 2, 2, -2, 1, 0.5, -0.25, -3, 3, 1, 1e4, 3, -7];
const points = Float32Array.of(...corners, ...normals(1, 3 * 70).map((x, i) => x * 2 ** ((i % 9) - 4)));
const count = points.length / 3;

describeGpu('contraction kernels', (gpu) => {
  it('find cube coordinates, selectors and gradients', async () => {
    const gradient = normals(2, points.length);
    const [P, G] = [await gpu.floats(points), await gpu.floats(gradient)];
    const [coordinates, selector] = [await gpu.zeros('f32', 3 * count), await gpu.zeros('f32', count)];
    const gradPoints = await gpu.zeros('f32', 3 * count);
    const params = { points: count };
    await gpu.run(cubeCoordinatesKernel, { params, buffers: { points: P, coordinates, selector } });
    await gpu.run(cubeCoordinatesBackwardKernel, { params, buffers: { points: P, gradCoordinates: G, gradPoints } });
    const expected = cubeCoordinates(points);
    expectNear(await gpu.read(coordinates), expected.coordinates, 1e-6);
    expect(await gpu.read(selector)).toEqual(Float32Array.from(expected.selector));
    expectNear(await gpu.read(gradPoints), cubeCoordinatesBackward(points, gradient), 1e-6);
  });

  it('find ball coordinates', async () => {
    const [P, coordinates] = [await gpu.floats(points), await gpu.zeros('f32', 3 * count)];
    await gpu.run(ballCoordinatesKernel, { params: { points: count }, buffers: { points: P, coordinates } });
    expectNear(await gpu.read(coordinates), ballCoordinates(points), 1e-6);
  });

  it('select no point that is not finite', async () => {
    const wild = [Number.NaN, 0, 0, 0, Number.NaN, 1];
    const [P, coordinates, selector] = [await gpu.floats(wild), await gpu.zeros('f32', 6), await gpu.zeros('f32', 2)];
    await gpu.run(cubeCoordinatesKernel, { params: { points: 2 }, buffers: { points: P, coordinates, selector } });
    expect(Array.from(await gpu.read(selector))).toEqual([0, 0]);
    expect(Array.from(await gpu.read(coordinates))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
