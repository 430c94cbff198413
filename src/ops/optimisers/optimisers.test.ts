/**
 * Gates. Reference: torch's recorded steps within 2e-6 (float32). Kernels against the reference over 20 steps of
 * sparse gradients from several threads: relative L2 below 1e-5 for parameters and moments, cosine above 1 - 1e-9 for
 * the whole move; blocks of 16 that nothing touched keep their exact bits; lengths that are no multiple of 16.
 */
import { describe, expect, it } from 'vitest';
import { cosine, normals, relativeL2, uniforms } from '../../../test/numbers.ts';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { adamStep, biasCorrections, defaultBetas, radamStep, rectification } from './optimisers.ts';

const rate = 0.01;

describe.skipIf(!hasShared)('reference against the recorded steps', () => {
  const { arrays } = readVectors('09-optimizers');
  const gradientsOf = (step: number) => arrays.grads.data.slice((step - 1) * 6, step * 6);

  it.each([
    ['adam', null],
    ['radam', 1e-9],
    ['radam_wd', 0.01],
  ] as const)('%s', (name, weightDecay) => {
    const parameters = Float64Array.from(arrays.param0.data);
    const [first, second] = [new Float64Array(6), new Float64Array(6)];
    const steps: number[] = [];
    for (let step = 1; step <= 12; step++) {
      const settings = { rate, ...defaultBetas, step };
      if (weightDecay === null) adamStep(parameters, first, second, gradientsOf(step), settings);
      else radamStep(parameters, first, second, gradientsOf(step), { ...settings, weightDecay });
      steps.push(...parameters);
    }
    expect(relativeL2(steps, arrays[name].data)).toBeLessThan(2e-6);
  });
});

it('rectifies the variance from the sixth update on', () => {
  for (let step = 1; step <= 5; step++) expect(rectification(0.999, step)).toBeNull();
  expect(rectification(0.999, 6)).toBeGreaterThan(0);
  expect(rectification(0.999, 100_000)).toBeCloseTo(1, 6);
});

/**
 * Gradient of `count` elements in a step: elements 16-47 never, other blocks of 16 in the first step and then now and
 * then (from its first gradient on, a block also feels RAdam's decay in every step).
 */
function sparseGradients(step: number, thread: number, count: number): Float32Array {
  const values = normals(100 * step + thread, count);
  const lottery = uniforms(1000 + 100 * step + thread, Math.ceil(count / 16));
  return values.map((g, i) => {
    const block = Math.floor(i / 16);
    return block === 1 || block === 2 || (step > 1 && lottery[block] < 0.5) ? 0 : g * 1e-3;
  });
}

describe.each(['adam', 'radam'] as const)('%s kernel', (name) => {
  const weightDecay = 1e-3;

  function update(
    h: KernelHarness,
    range: [number, number],
    addresses: { parameters: number; first: number; second: number; gradients: number },
    stride: number,
    threads: number,
    step: number,
  ): number {
    const { beta1, beta2, epsilon } = defaultBetas;
    const { correction1, correction2 } = biasCorrections({ beta1, beta2, step });
    const { parameters, first, second, gradients } = addresses;
    const common = [...range, parameters, first, second, gradients, stride, threads, rate, beta1, beta2];
    common.push(correction1, correction2, epsilon);
    if (name === 'adam') return h.kernels.adamUpdate(...common);
    const rect = rectification(beta2, step);
    return h.kernels.radamUpdate(...common, rect === null ? 0 : 1, rect ?? 0, weightDecay);
  }

  it.each([
    [96, 1],
    [100, 3],
    [7, 2],
    [83, 2],
  ])('follows the reference on %i elements with %i threads', (count, threads) => {
    const h = new KernelHarness(loadKernelModule());
    const start = normals(1, count).map((x) => x * 0.1);
    const expected = {
      parameters: Float64Array.from(start),
      first: new Float64Array(count),
      second: new Float64Array(count),
    };
    const guard = 4;
    const place = (values: ArrayLike<number>) => h.memory.place([...Array.from(values), 5, 5, 5, 5]);
    const stride = (count + guard) * 4;
    const addresses = {
      parameters: place(start),
      first: place(new Float32Array(count)),
      second: place(new Float32Array(count)),
      gradients: h.memory.allocate(stride * threads),
    };
    const middle = Math.min(48, count);
    for (let step = 1; step <= 20; step++) {
      const sum = new Float64Array(count);
      for (let t = 0; t < threads; t++) {
        const gradient = sparseGradients(step, t, count);
        h.memory.floats(addresses.gradients + t * stride, count).set(gradient);
        for (let i = 0; i < count; i++) sum[i] += gradient[i];
      }
      expect(update(h, [0, middle], addresses, stride, threads, step)).toBe(0);
      expect(update(h, [middle, count], addresses, stride, threads, step)).toBe(0);
      const settings = { rate, ...defaultBetas, step };
      if (name === 'adam') adamStep(expected.parameters, expected.first, expected.second, sum, settings);
      else radamStep(expected.parameters, expected.first, expected.second, sum, { ...settings, weightDecay });
    }
    // RAdam's decay moves elements that never had a gradient in the reference; the kernel leaves those blocks alone.
    const untouched = (i: number) => i >= 16 && i < 48;
    const touched = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => !untouched(i));
    const parameters = h.read(addresses.parameters, count);
    expect(relativeL2(touched(parameters), touched(expected.parameters))).toBeLessThan(1e-5);
    const move = (values: ArrayLike<number>) => touched(values).map((p, i) => p - touched(start)[i]);
    expect(cosine(move(parameters), move(expected.parameters))).toBeGreaterThan(1 - 1e-9);
    expect(relativeL2(touched(h.read(addresses.first, count)), touched(expected.first))).toBeLessThan(1e-5);
    expect(relativeL2(touched(h.read(addresses.second, count)), touched(expected.second))).toBeLessThan(3e-5);
    expect(Array.from(parameters).filter((_, i) => untouched(i))).toEqual(
      Array.from(start).filter((_, i) => untouched(i)),
    );
    for (let t = 0; t < threads; t++)
      expect(h.read(addresses.gradients + t * stride, count).every((g) => g === 0)).toBe(true);
    for (const address of [addresses.parameters, addresses.first, addresses.second])
      expect(Array.from(h.read(address + count * 4, guard))).toEqual([5, 5, 5, 5]);
  });

  it('leaves out gradients that are not finite and counts them', () => {
    const h = new KernelHarness(loadKernelModule());
    const count = 21;
    const gradient = new Float32Array(count).fill(0.1);
    gradient.set([Number.NaN, 0.1, Number.POSITIVE_INFINITY], 3);
    gradient[20] = Number.NEGATIVE_INFINITY;
    const addresses = {
      parameters: h.memory.place(new Float32Array(count).fill(0)),
      first: h.memory.place(new Float32Array(count)),
      second: h.memory.place(new Float32Array(count)),
      gradients: h.memory.place(gradient),
    };
    expect(update(h, [0, count], addresses, 0, 1, 1)).toBe(3);
    const parameters = h.read(addresses.parameters, count);
    parameters.forEach((p, i) => {
      expect(p).toBeCloseTo([3, 5, 20].includes(i) ? 0 : name === 'adam' ? -0.01 : -0.001, 6);
    });
  });

  it('lets moments die out instead of lingering as denormal numbers', () => {
    const h = new KernelHarness(loadKernelModule());
    const addresses = {
      parameters: h.memory.place(new Float32Array(16).fill(0)),
      first: h.memory.place(new Float32Array(16).fill(1.05e-30)),
      second: h.memory.place(new Float32Array(16).fill(1.1755e-38)),
      gradients: h.memory.place(new Float32Array(16).fill(1e-30)),
    };
    update(h, [0, 16], addresses, 0, 1, 10);
    for (const address of [addresses.first, addresses.second, addresses.parameters])
      expect(h.read(address, 16).every((x) => Math.abs(x) === 0)).toBe(true);
  });
});
