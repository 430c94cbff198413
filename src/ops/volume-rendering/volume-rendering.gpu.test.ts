/**
 * Gates: the GPU kernels against the float64 reference for rays of 1, 48, 64, 65 and 200 samples, thin and opaque:
 * relative L2, cosine and signed bias below 1e-5 (float32 sums of optical depths up to 40).
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, randomEdges, uniforms } from '../../../test/numbers.ts';
import {
  compositeColour,
  compositeColourBackward,
  compositeWeights,
  compositeWeightsBackward,
  densityActivation,
  densityActivationBackward,
  medianDepth,
} from './volume-rendering.ts';
import {
  compositeColourBackwardKernel,
  compositeColourKernel,
  compositeWeightsBackwardKernel,
  compositeWeightsKernel,
  densityActivationBackwardKernel,
  densityActivationKernel,
  maxSamples,
  medianDepthKernel,
} from './volume-rendering.wgsl.ts';

const rays = 5;
const row = (values: Float32Array, ray: number, width: number) => values.subarray(ray * width, (ray + 1) * width);

/** One result of every ray after another. */
function perRay(f: (ray: number) => ArrayLike<number>): number[] {
  return Array.from({ length: rays }, (_, ray) => Array.from(f(ray))).flat();
}

describeGpu('volume rendering kernels', (gpu) => {
  it('activate densities', async () => {
    const [points, stride, initialDensity] = [130, 3, 0.01];
    const raw = normals(1, points * stride).map((x) => x * 9);
    const selector = uniforms(2, points).map((u) => (u < 0.2 ? 0 : 1));
    const gradient = normals(3, points);
    const column = raw.filter((_, i) => i % stride === 0);
    const [R, S] = [await gpu.floats(raw), await gpu.floats(selector)];
    const [density, gradRaw] = [await gpu.zeros('f32', points), await gpu.zeros('f32', points * stride)];
    const params = { points, stride, initialDensity };
    await gpu.run(densityActivationKernel, { params, buffers: { raw: R, selector: S, density } });
    expectNear(await gpu.read(density), densityActivation(column, selector, initialDensity), 1e-5);
    const buffers = { raw: R, selector: S, gradDensity: await gpu.floats(gradient), gradRaw };
    await gpu.run(densityActivationBackwardKernel, { params, buffers });
    const actual = (await gpu.read(gradRaw)).filter((_, i) => i % stride === 0);
    expectNear(actual, densityActivationBackward(column, selector, initialDensity, gradient), 1e-5);
  });

  for (const samples of [1, 48, 64, 65, 200]) {
    const edges = randomEdges(samples, rays, samples).map((e) => e * 4);
    // Ray 0 is empty, ray 4 opaque at once.
    const density = uniforms(4, rays * samples).map((u, i) => u * [0, 0.01, 1, 20, 1000][Math.floor(i / samples)]);
    const ofRay = (ray: number) => [row(density, ray, samples), row(edges, ray, samples + 1)] as const;
    const weights = Float32Array.from(perRay((ray) => compositeWeights(...ofRay(ray))));

    it(`weigh ${samples} samples and go back`, async () => {
      const gradient = normals(5, rays * samples);
      const [D, E] = [await gpu.floats(density), await gpu.floats(edges)];
      const [W, gradDensity] = [await gpu.zeros('f32', rays * samples), await gpu.zeros('f32', rays * samples)];
      const params = { rays, samples };
      await gpu.run(compositeWeightsKernel, { params, buffers: { density: D, edges: E, weights: W } });
      expectNear(await gpu.read(W), weights, 1e-5);
      const buffers = { density: D, edges: E, gradWeights: await gpu.floats(gradient), gradDensity };
      await gpu.run(compositeWeightsBackwardKernel, { params, buffers });
      const expected = perRay((ray) => compositeWeightsBackward(...ofRay(ray), row(gradient, ray, samples)));
      expectNear(await gpu.read(gradDensity), expected, 1e-5);
    });

    it(`composite colours and depth of ${samples} samples and go back`, async () => {
      const [colours, gradRgb] = [uniforms(6, rays * samples * 3), normals(7, rays * 3)];
      const [W, C, E] = [await gpu.floats(weights), await gpu.floats(colours), await gpu.floats(edges)];
      const [rgb, accumulation] = [await gpu.zeros('f32', rays * 3), await gpu.zeros('f32', rays)];
      const [depth, before] = [await gpu.zeros('f32', rays), normals(8, rays * samples)];
      const [gradWeights, gradColours] = [await gpu.floats(before), await gpu.zeros('f32', rays * samples * 3)];
      const params = { rays, samples };
      const given = { weights: W, colours: C, accumulation };
      gpu.recorder
        .dispatch(compositeColourKernel, { params, buffers: { ...given, rgb } })
        .dispatch(medianDepthKernel, { params, buffers: { weights: W, edges: E, depth } })
        .dispatch(compositeColourBackwardKernel, {
          params,
          buffers: { ...given, gradRgb: await gpu.floats(gradRgb), gradWeights, gradColours },
        });
      const ray = (r: number) => [row(weights, r, samples), row(colours, r, samples * 3)] as const;
      expectNear(
        await gpu.read(rgb),
        perRay((r) => compositeColour(...ray(r))),
        1e-5,
      );
      expectNear(
        await gpu.read(depth),
        perRay((r) => [medianDepth(row(weights, r, samples), row(edges, r, samples + 1))]),
        1e-5,
      );
      const back = Array.from({ length: rays }, (_, r) => compositeColourBackward(...ray(r), row(gradRgb, r, 3)));
      const expected = back.flatMap(({ gradWeights }) => Array.from(gradWeights)).map((g, i) => g + before[i]);
      expectNear(await gpu.read(gradWeights), expected, 1e-5);
      expectNear(
        await gpu.read(gradColours),
        back.flatMap(({ gradColours }) => Array.from(gradColours)),
        1e-5,
      );
    });
  }

  it('give NaN densities no weight, and refuse rays that do not fit', async () => {
    const density = await gpu.floats([Number.NaN, 1, 1, Number.POSITIVE_INFINITY, 1, 2]);
    const [edges, weights] = [await gpu.floats([0, 1, 2, 3, 0, 1, 2, 3]), await gpu.zeros('f32', 6)];
    const params = { rays: 2, samples: 3 };
    await gpu.run(compositeWeightsKernel, { params, buffers: { density, edges, weights } });
    expect(Array.from(await gpu.read(weights))).toEqual([0, 0, 0, 1, 0, 0]);
    expect(() => compositeWeightsBackwardKernel.groups({ rays: 1, samples: maxSamples + 1 })).toThrow(/513 samples/);
  });
});
