/** Gates: the GPU kernels against the float64 reference, into and out of wider rows; below 1e-6. */
import { it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import { sphericalHarmonics, sphericalHarmonicsBackward } from './spherical-harmonics.ts';
import { sphericalHarmonicsBackwardKernel, sphericalHarmonicsKernel } from './spherical-harmonics.wgsl.ts';

const count = 71;
const stride = 21;
const column = 3;
const params = { directions: count, stride, column };
const directions = normals(1, 3 * count).map((v, i, all) => {
  const from = i - (i % 3);
  return v / Math.hypot(all[from], all[from + 1], all[from + 2]);
});

describeGpu('spherical harmonics kernels', (gpu) => {
  it('find the components', async () => {
    const [D, components] = [await gpu.floats(directions), await gpu.zeros('f32', count * stride)];
    await gpu.run(sphericalHarmonicsKernel, { params, buffers: { directions: D, components } });
    const rows = await gpu.read(components);
    const actual = Array.from({ length: count * 16 }, (_, i) => rows[Math.floor(i / 16) * stride + column + (i % 16)]);
    expectNear(actual, sphericalHarmonics(directions), 1e-6);
  });

  it('add the gradient of the directions', async () => {
    const gradient = normals(2, count * stride);
    const before = normals(3, count * 3);
    const [D, gradComponents] = [await gpu.floats(directions), await gpu.floats(gradient)];
    const gradDirections = await gpu.floats(before);
    const buffers = { directions: D, gradComponents, gradDirections };
    await gpu.run(sphericalHarmonicsBackwardKernel, { params, buffers });
    const dense = Float32Array.from(
      { length: count * 16 },
      (_, i) => gradient[Math.floor(i / 16) * stride + column + (i % 16)],
    );
    const expected = sphericalHarmonicsBackward(directions, dense).map((g, i) => g + before[i]);
    expectNear(await gpu.read(gradDirections), expected, 1e-6);
  });
});
