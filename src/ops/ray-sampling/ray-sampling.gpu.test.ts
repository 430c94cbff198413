/**
 * Gates: the GPU kernels against the float64 reference. Random numbers and chosen indices equal; edges and coordinates
 * below 2e-6; resampled edges below 2e-5 (quantiles of a float32 histogram), gradients below 1e-5.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear } from '../../../test/gpu.ts';
import { normals, randomEdges, uniforms } from '../../../test/numbers.ts';
import { randomUniform, streams } from '../../math/random.ts';
import { cubeCoordinates, cubeCoordinatesBackward } from '../contraction/contraction.ts';
import {
  euclideanEdges,
  initialEdges,
  largestWeights,
  resampleEdges,
  samplePoints,
  samplePointsBackward,
} from './ray-sampling.ts';
import {
  drawJitterKernel,
  euclideanEdgesKernel,
  initialEdgesKernel,
  largestWeightsKernel,
  planeParams,
  resampleEdgesKernel,
  sampleCoordinatesBackwardKernel,
  sampleCoordinatesKernel,
} from './ray-sampling.wgsl.ts';

const rays = 5;
const row = (values: Float32Array, ray: number, width: number) => values.subarray(ray * width, (ray + 1) * width);
const perRay = (f: (ray: number) => ArrayLike<number>): number[] =>
  Array.from({ length: rays }, (_, ray) => Array.from(f(ray))).flat();

describeGpu('ray sampling kernels', (gpu) => {
  it('draw the numbers that the CPU draws, bit for bit', async () => {
    const jitter = await gpu.zeros('f32', rays * 3);
    for (const [seed, counter] of [
      [0, 0],
      [4294967295, 29_999],
      [123_456_789, 4_000_000_000],
    ]) {
      const params = { rays, seed, stream: streams.jitter, counter };
      await gpu.run(drawJitterKernel, { params, buffers: { jitter } });
      const expected = perRay((ray) => [0, 1, 2].map((k) => randomUniform(seed, streams.jitter, counter, ray, k)));
      expect(Array.from(await gpu.read(jitter))).toEqual(expected);
    }
  });

  for (const train of [0, 1])
    it(`lay out first edges and distances, ${train ? 'with' : 'without'} jitter`, async () => {
      const jitter = uniforms(1, rays * 3);
      for (const samples of [1, 7, 64]) {
        const length = rays * (samples + 1);
        const [spacing, distances] = [await gpu.zeros('f32', length), await gpu.zeros('f32', length)];
        const buffers = { jitter: await gpu.floats(jitter), edges: spacing };
        const euclid = { params: { edges: length, ...planeParams(0.05, 1000) }, buffers: { spacing, distances } };
        gpu.recorder.dispatch(initialEdgesKernel, { params: { rays, samples, train }, buffers });
        gpu.recorder.dispatch(euclideanEdgesKernel, euclid);
        const expected = perRay((ray) => initialEdges(samples, train ? jitter[3 * ray] : null));
        const actual = await gpu.read(spacing);
        expectNear(actual, expected, 2e-6);
        expectNear(await gpu.read(distances), euclideanEdges(actual, 0.05, 1000), 2e-6);
      }
    });

  for (const [bins, samples, anneal, train] of [
    [1, 3, 1, 1],
    [64, 32, 0.4, 1],
    [256, 96, 1, 0],
    [97, 48, 0, 1],
  ])
    it(`resample ${samples} of ${bins} bins with anneal ${anneal}`, async () => {
      const weights = uniforms(2, rays * bins).map((u, i) => (i % 7 === 0 ? 0 : u ** 8));
      const [edges, jitter] = [randomEdges(3, rays, bins), uniforms(4, rays * 3)];
      const newEdges = await gpu.zeros('f32', rays * (samples + 1));
      const buffers = {
        weights: await gpu.floats(weights),
        edges: await gpu.floats(edges),
        jitter: await gpu.floats(jitter),
        newEdges,
      };
      await gpu.run(resampleEdgesKernel, { params: { rays, bins, samples, anneal, train, column: 1 }, buffers });
      const expected = perRay((ray) =>
        resampleEdges(
          row(weights, ray, bins),
          row(edges, ray, bins + 1),
          samples,
          anneal,
          train ? jitter[3 * ray + 1] : null,
        ),
      );
      expectNear(await gpu.read(newEdges), expected, 2e-5);
    });

  it('place samples and send gradients to the rays', async () => {
    const samples = 70;
    const [origins, directions] = [normals(5, rays * 3).map((x) => x * 0.4), normals(6, rays * 3)];
    const distances = randomEdges(7, rays, samples).map((e) => e * 9);
    const [gradient, before] = [normals(8, rays * samples * 3), normals(9, rays * 3)];
    const points = Float64Array.from(
      perRay((ray) => samplePoints(row(origins, ray, 3), row(directions, ray, 3), row(distances, ray, samples + 1))),
    );
    const [coordinates, selector] = [await gpu.zeros('f32', points.length), await gpu.zeros('f32', rays * samples)];
    const given = {
      origins: await gpu.floats(origins),
      directions: await gpu.floats(directions),
      distances: await gpu.floats(distances),
    };
    const [gradOrigins, gradDirections] = [await gpu.floats(before), await gpu.floats(before)];
    const back = { ...given, gradCoordinates: await gpu.floats(gradient), gradOrigins, gradDirections };
    const params = { rays, samples };
    gpu.recorder
      .dispatch(sampleCoordinatesKernel, { params, buffers: { ...given, coordinates, selector } })
      .dispatch(sampleCoordinatesBackwardKernel, { params, buffers: back });
    const expected = cubeCoordinates(points);
    expectNear(await gpu.read(coordinates), expected.coordinates, 2e-6);
    expect(await gpu.read(selector)).toEqual(Float32Array.from(expected.selector));
    const gradPoints = cubeCoordinatesBackward(points, gradient);
    const ofRays = Array.from({ length: rays }, (_, ray) =>
      samplePointsBackward(
        row(distances, ray, samples + 1),
        gradPoints.subarray(ray * samples * 3, (ray + 1) * samples * 3),
      ),
    );
    const added = (values: Float64Array[]) => values.flatMap((v) => Array.from(v)).map((g, i) => g + before[i]);
    expectNear(await gpu.read(gradOrigins), added(ofRays.map((r) => r.gradOrigin)), 1e-5);
    expectNear(await gpu.read(gradDirections), added(ofRays.map((r) => r.gradDirection)), 1e-5);
  });

  it('choose the largest weights, the lower index among equals', async () => {
    for (const [samples, chosen] of [
      [48, 12],
      [130, 24],
      [3, 3],
    ]) {
      const weights = uniforms(10, rays * samples).map((u) => Math.round(u * 20) / 20);
      const indices = await gpu.zeros('u32', rays * chosen);
      const buffers = { weights: await gpu.floats(weights), indices };
      await gpu.run(largestWeightsKernel, { params: { rays, samples, chosen }, buffers });
      const expected = perRay((ray) => largestWeights(row(weights, ray, samples), chosen));
      expect(Array.from(await gpu.read(indices))).toEqual(expected);
    }
  });
});
