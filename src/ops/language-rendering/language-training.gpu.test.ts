/**
 * Gates: the GPU kernels of language training against the float64 references in the hidden space (factored.ts) and in
 * the direct form (language-rendering.ts): below 2e-5, since norms come from products with the Gram matrix. Among the
 * rays are ones without a target, with NaN in it, without any weight, and a sample of zeros; and batches of nothing.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear, type GpuBench } from '../../../test/gpu.ts';
import { normals, uniforms } from '../../../test/numbers.ts';
import { floatsToHalves, halvesToFloats } from '../../formats/half.ts';
import { ballCoordinates } from '../contraction/contraction.ts';
import {
  blendCornersKernel,
  clipRayBackwardKernel,
  clipRayLossesKernel,
  clipSampleBackwardKernel,
  clipTargetsKernel,
  hiddenRenderingKernel,
} from './clip-training.wgsl.ts';
import {
  divideByCountKernel,
  featureErrorKernel,
  weightedSumBackwardKernel,
  weightedSumKernel,
} from './dino-training.wgsl.ts';
import { factoredClipLoss, gramMatrix, renderHidden } from './factored.ts';
import { clipLossWeight, dinoLoss, renderFeatures } from './language-rendering.ts';
import { languageSamplesKernel, languageScalesKernel } from './language-samples.wgsl.ts';

const [rays, chosen, width, dim] = [9, 5, 70, 33];
const points = rays * chosen;
const shape = { rays, samples: chosen, width, dim };
const [noTarget, brokenTarget, noWeight, zeroSample] = [2, 4, 6, 8];

const hidden = normals(1, points * width).map((h, i) =>
  Math.floor(i / width) === zeroSample * chosen ? 0 : Math.fround(Math.max(0, h)),
);
const weights = uniforms(2, points).map((w, i) => (Math.floor(i / chosen) === noWeight ? 0 : Math.fround(w / chosen)));
const lastWeight = normals(3, width * dim).map((w) => Math.fround(0.2 * w));
const targets = normals(4, rays * dim).map((t, i) =>
  i === brokenTarget * dim + 3 ? Number.NaN : Math.fround((0.5 * t) / Math.sqrt(dim)),
);
const valid = Uint32Array.from({ length: rays }, (_, ray) => (ray === noTarget ? 0 : 1));

/** rows [count, inner] times matrix [inner, columns]. */
function product(rows: ArrayLike<number>, matrix: ArrayLike<number>, inner: number, columns: number): Float64Array {
  const count = rows.length / inner;
  return Float64Array.from({ length: count * columns }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += rows[Math.floor(at / columns) * inner + k] * matrix[k * columns + (at % columns)];
    return sum;
  });
}

const transposed = (matrix: ArrayLike<number>, rows: number, columns: number) =>
  Float64Array.from({ length: rows * columns }, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]);

/** Aᵀ B for A [rows, a], B [rows, b]. */
const outer = (A: ArrayLike<number>, B: ArrayLike<number>, a: number, b: number) =>
  product(transposed(A, A.length / a, a), B, A.length / a, b);

/** Forward kernels up to the losses of the rays. */
async function renderClip(gpu: GpuBench) {
  const gram = gramMatrix(lastWeight, width);
  const arrays = {
    hidden: await gpu.floats(hidden),
    weights: await gpu.floats(weights),
    gramHidden: await gpu.floats(product(hidden, gram, width, width)),
    norms: await gpu.zeros('f32', points),
    rayHidden: await gpu.zeros('f32', rays * width),
    targets: await gpu.floats(targets),
    valid: await gpu.place('u32', valid),
    squares: await gpu.zeros('f32', rays),
    lengths: await gpu.zeros('f32', rays * 2),
    counted: await gpu.zeros('f32', rays),
    losses: await gpu.zeros('f32', rays),
  };
  const { targets: clip, squares, norms, rayHidden } = arrays;
  gpu.recorder
    .dispatch(clipTargetsKernel, { params: { rays, dim }, buffers: { targets: clip, valid: arrays.valid, squares } })
    .dispatch(hiddenRenderingKernel, {
      params: { rays, chosen, width },
      buffers: { hidden: arrays.hidden, gramHidden: arrays.gramHidden, weights: arrays.weights, norms, rayHidden },
    });
  const cleaned = await gpu.read(clip);
  const gramRayHidden = await gpu.floats(product(await gpu.read(rayHidden), gram, width, width));
  const projected = await gpu.floats(product(cleaned, transposed(lastWeight, width, dim), dim, width));
  await gpu.run(clipRayLossesKernel, {
    params: { rays, width },
    buffers: { ...arrays, gramRayHidden, projected },
  });
  return { ...arrays, gram, cleaned, gramRayHidden, projected };
}

describeGpu('language training kernels', (gpu) => {
  it('render hidden vectors and losses of rays', async () => {
    const arrays = await renderClip(gpu);
    const expected = renderHidden(shape, hidden, weights, arrays.gram);
    expectNear(await gpu.read(arrays.rayHidden), expected.hidden, 2e-5);
    expectNear(await gpu.read(arrays.norms), expected.sampleNorms, 2e-5);
    expect(Array.from(await gpu.read(arrays.counted))).toEqual([1, 1, 0, 1, 0, 1, 0, 1, 1]);
    expect(Array.from(await gpu.read(arrays.valid))).toEqual([1, 1, 0, 1, 0, 1, 1, 1, 1]);
    expect(arrays.cleaned.subarray(brokenTarget * dim, (brokenTarget + 1) * dim).every((t) => t === 0)).toBe(true);
    const losses = await gpu.read(arrays.losses);
    const { loss } = factoredClipLoss(shape, hidden, weights, lastWeight, targets, valid);
    expect((clipLossWeight * losses.reduce((a, b) => a + b, 0)) / 6 / loss).toBeCloseTo(1, 5);
  });

  it('find the gradients of the hidden activations and of the last layer', async () => {
    const arrays = await renderClip(gpu);
    const sums = await gpu.floats([0, 6]);
    const [towardsSelf, gradHidden] = [await gpu.zeros('f32', rays * width), await gpu.zeros('f32', points * width)];
    const { rayHidden, lengths, counted, projected, gramRayHidden, gramHidden, norms } = arrays;
    gpu.recorder
      .dispatch(clipRayBackwardKernel, {
        params: { rays, width, countSlot: 1 },
        buffers: {
          rayHidden,
          lengths,
          counted,
          sums,
          gradRayHidden: projected,
          towardsTarget: gramRayHidden,
          towardsSelf,
        },
      })
      .dispatch(clipSampleBackwardKernel, {
        params: { points, chosen, width },
        buffers: {
          hidden: arrays.hidden,
          weights: arrays.weights,
          norms,
          gradRayHidden: projected,
          scaled: gramHidden,
          gradHidden,
        },
      });
    const expected = factoredClipLoss(shape, hidden, weights, lastWeight, targets, valid);
    expectNear(
      await gpu.read(gradHidden),
      expected.gradHidden.map((g, i) => (hidden[i] > 0 ? g : 0)),
      2e-5,
    );
    const H = await gpu.read(rayHidden);
    const symmetric = outer(await gpu.read(gramHidden), hidden, width, width);
    outer(await gpu.read(towardsSelf), H, width, width).forEach((value, i) => {
      symmetric[i] += value;
    });
    const found = outer(await gpu.read(gramRayHidden), arrays.cleaned, width, dim);
    product(symmetric, lastWeight, width, dim).forEach((value, i) => {
      found[i] += value;
    });
    expectNear(found, expected.gradLastWeight, 2e-5);
  });

  it('sum features along rays, and find the loss with its gradients', async () => {
    const features = normals(5, rays * dim).map(Math.fround);
    const [counted, losses, gradFeatures, rayHidden] = await Promise.all(
      [rays, rays, rays * dim, rays * width].map((length) => gpu.zeros('f32', length)),
    );
    const placed = { hidden: await gpu.floats(hidden), weights: await gpu.floats(weights) };
    gpu.recorder
      .dispatch(weightedSumKernel, { params: { rays, chosen, width }, buffers: { ...placed, rayHidden } })
      .dispatch(featureErrorKernel, {
        params: { rays, dim },
        buffers: {
          features: await gpu.floats(features),
          targets: await gpu.floats(targets),
          counted,
          losses,
          gradFeatures,
        },
      })
      .dispatch(divideByCountKernel, {
        params: { length: rays * dim, countSlot: 0 },
        buffers: { sums: await gpu.floats([rays - 1]), values: gradFeatures },
      });
    expectNear(await gpu.read(rayHidden), renderFeatures({ rays, samples: chosen, dim: width }, hidden, weights), 2e-6);
    const expected = dinoLoss(dim, features, targets);
    const sum = (await gpu.read(losses)).reduce((a, b) => a + b, 0);
    expect(sum / (rays - 1) / expected.loss).toBeCloseTo(1, 5);
    expect(Array.from(await gpu.read(counted))).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
    expectNear(await gpu.read(gradFeatures), expected.gradRendered, 2e-6);

    const gradRay = normals(6, rays * width);
    const gradHidden = await gpu.zeros('f32', points * width);
    await gpu.run(weightedSumBackwardKernel, {
      params: { points, chosen, width },
      buffers: { ...placed, gradRayHidden: await gpu.floats(gradRay), gradHidden },
    });
    const wanted = hidden.map((h, i) => {
      const point = Math.floor(i / width);
      return h > 0 ? weights[point] * gradRay[Math.floor(point / chosen) * width + (i % width)] : 0;
    });
    expectNear(await gpu.read(gradHidden), wanted, 2e-6);
  });

  it('blend corners, and read none without a share', async () => {
    const embeddings = normals(12, rays * 8 * dim).map((v) => 0.1 * v);
    const shares = uniforms(13, rays * 8).map((u, i) => (i % 3 === 1 ? 0 : u));
    const halves = floatsToHalves(embeddings);
    const rounded = halvesToFloats(halves);
    shares.forEach((share, k) => {
      if (share === 0) halves.fill(0x7e00, k * dim, (k + 1) * dim);
    });
    const blended = await gpu.zeros('f32', rays * dim);
    const buffers = {
      halves: await gpu.place('u32', new Uint32Array(halves.buffer)),
      shares: await gpu.floats(shares),
      targets: blended,
    };
    await gpu.run(blendCornersKernel, { params: { rays, dim }, buffers });
    const expected = Float64Array.from({ length: rays * dim }, (_, i) => {
      let sum = 0;
      for (let k = 8 * Math.floor(i / dim); k < 8 * Math.floor(i / dim) + 8; k++)
        if (shares[k] !== 0) sum += shares[k] * rounded[k * dim + (i % dim)];
      return sum;
    });
    expectNear(await gpu.read(blended), expected, 2e-5); // halves below 6e-5 may count as nothing
  });

  it('divide by no ray at all', async () => {
    const values = await gpu.floats([1, 2]);
    const params = { length: 2, countSlot: 0 };
    await gpu.run(divideByCountKernel, { params, buffers: { sums: await gpu.floats([0]), values } });
    expect(Array.from(await gpu.read(values))).toEqual([0, 0]);
  });

  it('take the chosen samples of rays to coordinates, weights and scales', async () => {
    const samples = 6;
    const [origins, directions] = [normals(7, rays * 3), normals(8, rays * 3)];
    const distances = uniforms(9, rays * (samples + 1)).map((u, i) => (i % (samples + 1)) + u);
    const [all, scales] = [uniforms(10, rays * samples), uniforms(11, rays)];
    const indices = Uint32Array.from({ length: points }, (_, i) => [0, 1, 3, 4, 5][i % chosen]);
    const stride = 4;
    const [coordinates, chosenWeights, inputs] = await Promise.all(
      [points * 3, points, points * stride].map((length) => gpu.zeros('f32', length)),
    );
    const placed = {
      directions: await gpu.floats(directions),
      distances: await gpu.floats(distances),
      indices: await gpu.place('u32', indices),
    };
    gpu.recorder
      .dispatch(languageSamplesKernel, {
        params: { rays, samples, chosen },
        buffers: {
          ...placed,
          origins: await gpu.floats(origins),
          weights: await gpu.floats(all),
          coordinates,
          chosenWeights,
        },
      })
      .dispatch(languageScalesKernel, {
        params: { rays, samples, chosen, stride, column: 2, heightOverFocal: 1.3 },
        buffers: { ...placed, rayScales: await gpu.floats(scales), inputs },
      });
    const places = Float64Array.from(indices, (sample, i) => {
      const edge = Math.floor(i / chosen) * (samples + 1) + sample;
      return (distances[edge] + distances[edge + 1]) / 2;
    });
    const at = (i: number) => 3 * Math.floor(Math.floor(i / 3) / chosen) + (i % 3);
    const world = Float64Array.from(
      { length: points * 3 },
      (_, i) => origins[at(i)] + places[Math.floor(i / 3)] * directions[at(i)],
    );
    expectNear(await gpu.read(coordinates), ballCoordinates(world), 2e-6);
    expectNear(
      await gpu.read(chosenWeights),
      Array.from(indices, (sample, i) => all[Math.floor(i / chosen) * samples + sample]),
      1e-7,
    );
    const row = await gpu.read(inputs);
    const expected = Array.from(places, (place, i) => {
      const ray = Math.floor(i / chosen);
      return scales[ray] * 1.3 * place * Math.hypot(...directions.subarray(3 * ray, 3 * ray + 3));
    });
    expectNear(
      Array.from(places, (_, i) => row[i * stride + 2]),
      expected,
      2e-6,
    );
    expect(row[0]).toBe(0);
  });
});
