/**
 * Gates: the GPU kernels against the float64 reference for even and odd numbers of samples and bins: losses and
 * gradients below 1e-5; gradients that are added to keep what was there.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, randomEdges, uniforms } from '../../../test/numbers.ts';
import { sumValuesKernel } from '../wgsl/sum-values.wgsl.ts';
import { distortionLoss, interlevelLoss, squaredError } from './losses.ts';
import { distortionLossKernel, interlevelLossKernel, maxSamples, squaredErrorKernel } from './losses.wgsl.ts';

const rays = 5;
const gradFactor = 0.125;
const row = (values: Float32Array, ray: number, width: number) => values.subarray(ray * width, (ray + 1) * width);
const each = <T>(f: (ray: number) => T): T[] => Array.from({ length: rays }, (_, ray) => f(ray));
const scaled = (gradients: Float64Array[]) => gradients.flatMap((g) => Array.from(g, (v) => v * gradFactor));

describeGpu('loss kernels', (gpu) => {
  it('find squared errors', async () => {
    const [prediction, wanted] = [uniforms(1, rays * 3), uniforms(2, rays * 3)];
    const [losses, gradPrediction] = [await gpu.zeros('f32', rays), await gpu.zeros('f32', rays * 3)];
    const buffers = {
      prediction: await gpu.floats(prediction),
      wanted: await gpu.floats(wanted),
      losses,
      gradPrediction,
    };
    await gpu.run(squaredErrorKernel, { params: { rays, channels: 3, gradFactor }, buffers });
    const expected = each((ray) => squaredError(row(prediction, ray, 3), row(wanted, ray, 3)));
    expectNear(
      await gpu.read(losses),
      expected.map(({ loss }) => loss),
      1e-6,
    );
    expectNear(await gpu.read(gradPrediction), scaled(expected.map((e) => e.gradPrediction)), 1e-6);
  });

  for (const [samples, bins] of [
    [48, 96],
    [33, 7],
    [1, 1],
    [130, 257],
  ])
    it(`compare ${samples} samples with ${bins} bins`, async () => {
      const [edges, proposalEdges] = [randomEdges(3, rays, samples), randomEdges(4, rays, bins)];
      const weights = uniforms(5, rays * samples).map((u) => u / samples);
      const proposalWeights = uniforms(6, rays * bins).map((u) => u / bins / 2);
      const [losses, gradProposalWeights] = [await gpu.zeros('f32', rays), await gpu.zeros('f32', rays * bins)];
      const buffers = {
        edges: await gpu.floats(edges),
        weights: await gpu.floats(weights),
        proposalEdges: await gpu.floats(proposalEdges),
        proposalWeights: await gpu.floats(proposalWeights),
        losses,
        gradProposalWeights,
      };
      await gpu.run(interlevelLossKernel, { params: { rays, samples, bins, gradFactor }, buffers });
      const expected = each((ray) =>
        interlevelLoss(
          row(edges, ray, samples + 1),
          row(weights, ray, samples),
          row(proposalEdges, ray, bins + 1),
          row(proposalWeights, ray, bins),
        ),
      );
      expect(Math.max(...expected.map(({ loss }) => loss)), 'the case has a loss').toBeGreaterThan(0);
      expectNear(
        await gpu.read(losses),
        expected.map(({ loss }) => loss),
        1e-5,
      );
      expectNear(await gpu.read(gradProposalWeights), scaled(expected.map((e) => e.gradProposalWeights)), 1e-5);
    });

  for (const samples of [48, 1, 97])
    it(`find the distortion of ${samples} samples`, async () => {
      const [edges, before] = [randomEdges(7, rays, samples), normals(8, rays * samples)];
      const weights = uniforms(9, rays * samples).map((u) => u / samples);
      const [losses, gradWeights] = [await gpu.zeros('f32', rays), await gpu.floats(before)];
      const buffers = { edges: await gpu.floats(edges), weights: await gpu.floats(weights), losses, gradWeights };
      await gpu.run(distortionLossKernel, { params: { rays, samples, gradFactor }, buffers });
      const expected = each((ray) => distortionLoss(row(edges, ray, samples + 1), row(weights, ray, samples)));
      expectNear(
        await gpu.read(losses),
        expected.map(({ loss }) => loss),
        1e-5,
      );
      const added = scaled(expected.map((e) => e.gradWeights)).map((g, i) => g + before[i]);
      expectNear(await gpu.read(gradWeights), added, 1e-5);
    });

  it('add up rays into a slot', async () => {
    const values = uniforms(11, 1000);
    const sums = await gpu.floats([7, 7, 7]);
    const buffers = { values: await gpu.floats(values), sums };
    await gpu.run(sumValuesKernel, { params: { length: 1000, slot: 1, factor: 0.01 }, buffers });
    await gpu.run(sumValuesKernel, { params: { length: 0, slot: 2, factor: 1 }, buffers });
    const mean = values.reduce((sum, v) => sum + v, 0) / 100;
    expectNear(await gpu.read(sums), [7, mean, 0], 1e-6);
  });

  it('refuse rays that do not fit', () => {
    const params = { rays: 1, samples: maxSamples + 1, bins: 4, gradFactor };
    expect(() => interlevelLossKernel.groups(params)).toThrow(/513 samples/);
    expect(() => distortionLossKernel.groups(params)).toThrow(/513 samples/);
  });
});
