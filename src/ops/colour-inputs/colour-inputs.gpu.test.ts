/**
 * Gates: the GPU kernels against sums in float64, with and without appearance, rows longer than what is used of them, a
 * camera without rays: copies exact, sums below 1e-6.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import {
  appearanceBackwardKernel,
  colourInputsBackwardKernel,
  colourInputsKernel,
  harmonicsWidth,
  sigmoidBackwardKernel,
} from './colour-inputs.wgsl.ts';

const [rays, samples, geometry, cameraCount] = [11, 7, 5, 4];
const points = rays * samples;
const cameras = Uint32Array.from(uniforms(1, rays), (u) => Math.floor(u * (cameraCount - 1)));

describeGpu('colour input kernels', (gpu) => {
  for (const appearance of [0, 6]) {
    const width = harmonicsWidth + geometry + appearance;
    const stride = width + 3;
    const sizes = { rays, samples, geometry, appearance, stride };

    it(`put rows together with ${appearance} appearance numbers`, async () => {
      const harmonics = Float32Array.from(normals(2, rays * harmonicsWidth));
      const outputs = Float32Array.from(normals(3, points * (1 + geometry)));
      const table = Float32Array.from(normals(4, Math.max(1, cameraCount * appearance)));
      const inputs = await gpu.floats(new Float32Array(points * stride).fill(9));
      const buffers = {
        harmonics: await gpu.floats(harmonics),
        outputs: await gpu.floats(outputs),
        table: await gpu.floats(table),
        cameras: await gpu.place('u32', cameras),
        inputs,
      };
      await gpu.run(colourInputsKernel, { params: sizes, buffers });
      const expected = new Float32Array(points * stride).fill(9);
      for (let point = 0; point < points; point++) {
        const ray = Math.floor(point / samples);
        const at = point * stride;
        expected.set(harmonics.subarray(ray * harmonicsWidth, (ray + 1) * harmonicsWidth), at);
        expected.set(outputs.subarray(point * (1 + geometry) + 1, (point + 1) * (1 + geometry)), at + harmonicsWidth);
        const row = cameras[ray] * appearance;
        expected.set(table.subarray(row, row + appearance), at + harmonicsWidth + geometry);
      }
      expect(await gpu.read(inputs)).toEqual(expected);
    });

    it(`take gradients apart with ${appearance} appearance numbers`, async () => {
      const gradient = Float32Array.from(normals(5, points * stride));
      const gradOutputs = await gpu.floats(new Float32Array(points * (1 + geometry)).fill(7));
      const gradRay = await gpu.zeros('f32', rays * (harmonicsWidth + appearance));
      const gradInputs = await gpu.floats(gradient);
      await gpu.run(colourInputsBackwardKernel, { params: sizes, buffers: { gradInputs, gradOutputs, gradRay } });
      const outputs = new Float32Array(points * (1 + geometry)).fill(7);
      const ofRay = new Float64Array(rays * (harmonicsWidth + appearance));
      for (let point = 0; point < points; point++)
        for (let column = 0; column < width; column++) {
          const value = gradient[point * stride + column];
          const ray = Math.floor(point / samples);
          if (column < harmonicsWidth) ofRay[ray * (harmonicsWidth + appearance) + column] += value;
          else if (column < harmonicsWidth + geometry)
            outputs[point * (1 + geometry) + 1 + column - harmonicsWidth] = value;
          else ofRay[ray * (harmonicsWidth + appearance) + column - geometry] += value;
        }
      expect(await gpu.read(gradOutputs)).toEqual(outputs);
      expectNear(await gpu.read(gradRay), ofRay, 1e-6);
    });
  }

  it('add the gradient of the appearance table by camera', async () => {
    const appearance = 6;
    const width = harmonicsWidth + appearance;
    const [gradient, before] = [normals(6, rays * width), normals(7, cameraCount * appearance)];
    const gradTable = await gpu.floats(before);
    const buffers = {
      rayCameras: await gpu.place('u32', cameras),
      gradRay: await gpu.floats(gradient),
      gradTable,
    };
    await gpu.run(appearanceBackwardKernel, { params: { rays, cameras: cameraCount, appearance }, buffers });
    const expected = Float64Array.from(before);
    for (let ray = 0; ray < rays; ray++)
      for (let k = 0; k < appearance; k++)
        expected[cameras[ray] * appearance + k] += gradient[ray * width + harmonicsWidth + k];
    expectNear(await gpu.read(gradTable), expected, 1e-6);
  });

  it('go back through the sigmoid', async () => {
    const values = uniforms(8, 101);
    const gradients = normals(9, 101);
    const arrays = { values: await gpu.floats(values), gradients: await gpu.floats(gradients) };
    await gpu.run(sigmoidBackwardKernel, { params: { length: 101 }, buffers: arrays });
    expectNear(
      await gpu.read(arrays.gradients),
      Float64Array.from(values, (v, i) => gradients[i] * v * (1 - v)),
      1e-6,
    );
  });
});
