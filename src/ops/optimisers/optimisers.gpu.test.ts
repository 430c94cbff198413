/**
 * Gates: eight steps of the GPU kernels against the float64 reference, with gradients that come and go: parameters,
 * moments below 1e-5 (float32 powers of β over eight steps); untouched numbers keep their bits. The same after a rest that
 * is long enough for the first moments to become 0.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals } from '../../../test/numbers.ts';
import { adamStep, defaultBetas, radamStep } from './optimisers.ts';
import { optimiserParams, optimiserKernel } from './optimisers.wgsl.ts';

const length = 203;
const steps = 8;
const scale = 2 ** 20;

/** Numbers 0 … 63 never have a gradient; the others have one in every second step. */
function gradientsOf(step: number): Float32Array {
  return normals(step, length).map((g, i) => (i < 64 || (i + step) % 2 === 0 ? 0 : g * 0.1));
}

describeGpu('optimiser kernels', (gpu) => {
  for (const rule of ['adam', 'radam'] as const)
    for (const storage of ['f32', 'fixed'] as const)
      it(`step ${rule} from ${storage} gradients`, async () => {
        const start = normals(9, length);
        const reference = [Float64Array.from(start), new Float64Array(length), new Float64Array(length)];
        const [parameters, first, second] = [
          await gpu.floats(start),
          await gpu.zeros('f32', length),
          await gpu.zeros('f32', length),
        ];
        const missing = await gpu.zeros('u32', 1);
        for (let step = 1; step <= steps; step++) {
          const values = gradientsOf(step);
          const fixed = Int32Array.from(values, (g) => Math.round(g * scale));
          const gradients = await gpu.place('u32', new Uint32Array((storage === 'fixed' ? fixed : values).buffer));
          const settings = { ...defaultBetas, rate: 0.01, step, weightDecay: 1e-9 };
          const params = optimiserParams(rule, length, settings, scale);
          const buffers = { gradients, first, second, parameters, missing };
          await gpu.run(optimiserKernel(rule, storage), { params, buffers });
          const used = storage === 'fixed' ? Float64Array.from(fixed, (g) => g / scale) : values;
          const [p, m, v] = reference;
          if (rule === 'adam') adamStep(p, m, v, used, settings);
          else radamStep(p, m, v, used, settings);
          expect((await gpu.read(gradients)).every((bits) => bits === 0)).toBe(true);
        }
        const actual = await gpu.read(parameters);
        // RAdam's weight decay moves the others in the reference and not here: see the kernel.
        const touched = (values: Float32Array | Float64Array) => values.subarray(64);
        expectNear(touched(actual), touched(reference[0]), 1e-5);
        expectNear(touched(await gpu.read(first)), touched(reference[1]), 1e-5);
        expectNear(touched(await gpu.read(second)), touched(reference[2]), 1e-5);
        expect(actual.subarray(0, 64)).toEqual(start.subarray(0, 64));
        expect(Array.from(await gpu.read(missing))).toEqual([0]);
      });

  it('let second moments fade while numbers rest', async () => {
    const rest = 40;
    const start = normals(11, 8);
    const reference = [Float64Array.from(start), new Float64Array(8), new Float64Array(8)];
    const arrays = { parameters: await gpu.floats(start), first: await gpu.zeros('f32', 8) };
    const [second, missing] = [await gpu.zeros('f32', 8), await gpu.zeros('u32', 1)];
    for (let step = 1; step <= rest + 2; step++) {
      // A first moment of 0.1 ^ 40 counts as 0; four numbers have no gradient at all before the last step.
      const resting = step > 1 && step < rest + 2;
      const values = normals(step, 8).map((g, i) => (resting || (i < 4 && step === 1) ? 0 : g));
      const gradients = await gpu.place('u32', new Uint32Array(values.buffer));
      const settings = { ...defaultBetas, beta1: 0.1, beta2: 0.98, rate: 0.01, step, weightDecay: 0 };
      const buffers = { gradients, ...arrays, second, missing };
      await gpu.run(optimiserKernel('adam', 'f32'), { params: optimiserParams('adam', 8, settings), buffers });
      adamStep(reference[0], reference[1], reference[2], values, settings);
      if (step === rest + 1) expect(await gpu.read(arrays.first)).toEqual(new Float32Array(8));
    }
    expectNear(await gpu.read(second), reference[2], 1e-5);
    expectNear(await gpu.read(arrays.parameters), reference[0], 1e-5);
  });

  it('count gradients that are not finite, and move the others', async () => {
    const gradients = await gpu.place(
      'u32',
      new Uint32Array(Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -1, -Infinity).buffer),
    );
    const [parameters, first] = [await gpu.zeros('f32', 5), await gpu.zeros('f32', 5)];
    const [second, missing] = [await gpu.zeros('f32', 5), await gpu.zeros('u32', 1)];
    const params = optimiserParams('adam', 5, { ...defaultBetas, rate: 0.5, step: 1, weightDecay: 0 });
    const buffers = { gradients, first, second, parameters, missing };
    await gpu.run(optimiserKernel('adam', 'f32'), { params, buffers });
    expectNear(await gpu.read(parameters), [-0.5, 0, 0, 0.5, 0], 1e-5);
    expect(Array.from(await gpu.read(missing))).toEqual([3]);
  });
});
