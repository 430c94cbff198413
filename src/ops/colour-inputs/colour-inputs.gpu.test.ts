/**
 * Gates: the GPU kernels against sums in float64, in rows longer than what is used of them, with a camera that has no rays:
 * copies exact, sums below 1e-6.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import { appearanceBackwardKernel, appearanceRowsKernel } from './colour-inputs.wgsl.ts';

const [rays, cameraCount, appearance, stride, column] = [11, 4, 6, 11, 3];
const cameras = Uint32Array.from(uniforms(1, rays), (u) => Math.floor(u * (cameraCount - 1)));

describeGpu('appearance kernels', (gpu) => {
  it('give every ray the appearance of its camera', async () => {
    const table = Float32Array.from(normals(4, cameraCount * appearance));
    const rows = await gpu.floats(new Float32Array(rays * stride).fill(9));
    const buffers = { table: await gpu.floats(table), rayCameras: await gpu.place('u32', cameras), rows };
    await gpu.run(appearanceRowsKernel, { params: { rays, appearance, stride, column }, buffers });
    const expected = new Float32Array(rays * stride).fill(9);
    for (const [ray, camera] of cameras.entries())
      expected.set(table.subarray(camera * appearance, (camera + 1) * appearance), ray * stride + column);
    expect(await gpu.read(rows)).toEqual(expected);
  });

  it('add the gradient of the appearance table by camera', async () => {
    const [gradient, before] = [normals(6, rays * stride), normals(7, cameraCount * appearance)];
    const gradTable = await gpu.floats(before);
    const buffers = {
      rayCameras: await gpu.place('u32', cameras),
      gradRows: await gpu.floats(gradient),
      gradTable,
    };
    const params = { rays, cameras: cameraCount, appearance, stride, column };
    await gpu.run(appearanceBackwardKernel, { params, buffers });
    const expected = Float64Array.from(before);
    for (const [ray, camera] of cameras.entries())
      for (let k = 0; k < appearance; k++) expected[camera * appearance + k] += gradient[ray * stride + column + k];
    expectNear(await gpu.read(gradTable), expected, 1e-6);
  });
});
