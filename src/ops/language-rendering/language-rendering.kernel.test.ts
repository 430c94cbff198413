/**
 * Gates: the hidden-space kernels against the float64 factored reference (loss, gradient to the hidden activations,
 * gradient to the last layer, DINO, relevancy): relative L2 below 1e-5.
 */
import { describe, expect, it } from 'vitest';
import { normals, relativeL2 } from '../../../test/numbers.ts';
import { KernelHarness } from '../../engines/wasm/harness.ts';
import { randomUniform } from '../../math/random.ts';
import { loadKernelModule } from '../../platform/node/kernels.ts';
import { factoredRelevancy, projectTexts } from '../relevancy/relevancy.ts';
import { factoredClipLoss, gramMatrix, renderHidden } from './factored.ts';

const module = loadKernelModule();
const [rays, samples, width, dim] = [5, 3, 32, 24];
const n = rays * samples;

function scene() {
  const h = new KernelHarness(module);
  const hidden = normals(1, n * width).map((v) => Math.max(0, v));
  hidden.fill(0, width, 2 * width);
  const weights = Float32Array.from({ length: n }, (_, i) => randomUniform(2, 9, i));
  const last = normals(3, width * dim).map((v) => v / 6);
  const targets = normals(4, rays * dim).map((v) => v / 5);
  const valid = Uint8Array.of(1, 1, 0, 1, 1);
  const place = (values: ArrayLike<number>) => h.memory.place(values);
  const room = (count: number) => h.memory.allocateFloats(count);
  const at = {
    hidden: place(hidden),
    weights: place(weights),
    last: place(last),
    targets: place(targets),
    zeros: room(width),
  };
  const transposed = room(width * dim);
  h.kernels.packPanelsTransposed(dim, width, width, at.last, dim, transposed);
  const gram = room(width * width);
  h.kernels.gemm(width, width, dim, at.last, dim, transposed, at.zeros, 0, gram, width);
  const packedGram = room(width * width);
  h.kernels.packPanels(width, width, gram, width, packedGram);
  const times = (address: number, rows: number) => {
    const out = room(rows * width);
    h.kernels.gemm(rows, width, width, address, width, packedGram, at.zeros, 0, out, width);
    return out;
  };
  const gramHidden = times(at.hidden, n);
  const norms = room(n);
  h.kernels.gramNorms(n, width, at.hidden, gramHidden, norms);
  const H = room(rays * width);
  h.kernels.renderHidden(rays, samples, width, at.hidden, at.weights, norms, H);
  return {
    h,
    hidden,
    weights,
    last,
    targets,
    valid,
    at,
    transposed,
    gramHidden,
    norms,
    H,
    GH: times(H, rays),
    room,
    place,
  };
}

describe('language rendering kernels', () => {
  it('render H and find the loss and its gradients', () => {
    const { h, hidden, weights, last, targets, valid, at, transposed, gramHidden, norms, H, GH, room } = scene();
    const shape = { rays, samples, width, dim };
    const gram = gramMatrix(last, width);
    expect(relativeL2(h.read(H, rays * width), renderHidden(shape, hidden, weights, gram).hidden)).toBeLessThan(1e-5);

    const q = room(rays * width);
    h.kernels.gemm(rays, width, dim, at.targets, dim, transposed, at.zeros, 0, q, width);
    const squares = Float32Array.from({ length: rays }, (_, r) =>
      targets.slice(r * dim, (r + 1) * dim).reduce((s, v) => s + v * v, 0),
    );
    const [S, V] = [h.memory.place(squares), h.memory.allocate(rays)];
    h.memory.bytes(V, rays).set(valid);
    const [dH, coefficients, targetCoefficients, sum, grad] = [
      room(rays * width),
      room(rays),
      room(rays),
      h.memory.allocate(8),
      room(n * width),
    ];
    const scale = 0.1 / 4;
    h.kernels.hiddenLoss(rays, width, H, GH, q, S, V, scale, dH, coefficients, targetCoefficients, sum);
    h.kernels.hiddenBackward(rays, samples, width, at.hidden, gramHidden, at.weights, norms, dH, grad);

    const gradLast = room(width * dim);
    const symmetric = room(width * width);
    h.kernels.gemmTransposed(n, width, width, gramHidden, width, at.hidden, width, symmetric, width);
    const scaled = room(rays * Math.max(width, dim));
    h.kernels.scaleRows(rays, width, coefficients, H, width, scaled, width);
    h.kernels.gemmTransposed(rays, width, width, scaled, width, H, width, symmetric, width);
    h.kernels.scaleRows(rays, dim, targetCoefficients, at.targets, dim, scaled, dim);
    h.kernels.gemmTransposed(rays, width, dim, H, width, scaled, dim, gradLast, dim);
    const packedLast = room(width * dim);
    h.kernels.packPanels(width, dim, at.last, dim, packedLast);
    const doubled = h.memory.place(h.read(symmetric, width * width).map((v) => 2 * v));
    h.kernels.gemm(width, dim, width, doubled, width, packedLast, gradLast, dim, gradLast, dim);

    const expected = factoredClipLoss(shape, hidden, weights, last, targets, valid);
    const masked = expected.gradHidden.map((g, i) => (hidden[i] > 0 ? g : 0));
    expect(new Float64Array(h.memory.memory.buffer, sum, 1)[0]).toBeCloseTo(expected.loss, 5);
    expect(relativeL2(h.read(grad, n * width), masked)).toBeLessThan(1e-5);
    expect(relativeL2(h.read(gradLast, width * dim), expected.gradLastWeight)).toBeLessThan(1e-5);
  });

  it('scores phrases', () => {
    const { h, hidden, weights, last, H, GH, at, room } = scene();
    const texts = normals(7, 6 * dim).map((v) => v / 5);
    const projected = Float32Array.from(projectTexts(dim, last, texts.slice(0, 6 * dim)));
    const packed = room(8 * width);
    h.kernels.packPanelsTransposed(width, 8, 6, h.memory.place(projected), width, packed);
    const [dots, norms, out] = [room(rays * 8), room(rays), room(2 * rays)];
    h.kernels.gemm(rays, 8, width, H, width, packed, at.zeros, 0, dots, 8);
    h.kernels.gramNorms(rays, width, H, GH, norms);
    h.kernels.relevancyFromDots(rays, 2, 4, dots, 8, norms, out, rays);
    const rendering = renderHidden({ rays, samples, width, dim }, hidden, weights, gramMatrix(last, width));
    const project = (rows: Float32Array) => projectTexts(dim, last, rows);
    const expected = factoredRelevancy(
      width,
      rendering.hidden,
      rendering.norms,
      project(texts.slice(0, 2 * dim)),
      project(texts.slice(2 * dim)),
    );
    expect(relativeL2(h.read(out, 2 * rays), expected)).toBeLessThan(1e-5);
  });

  it('sums features along rays and leaves NaN targets out of the DINO loss', () => {
    const { h, weights, at, room, place } = scene();
    const features = normals(5, n * width).map((v) => Math.max(0, v));
    const [X, out] = [place(features), room(rays * width)];
    h.kernels.weightedSums(rays, samples, width, X, at.weights, out);
    const sums = new Float64Array(rays * width);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < width; c++) sums[Math.floor(i / samples) * width + c] += weights[i] * features[i * width + c];
    expect(relativeL2(h.read(out, rays * width), sums)).toBeLessThan(1e-6);

    const target = normals(6, rays * width);
    target[2 * width + 5] = Number.NaN;
    const [T, G, sum, gradX] = [place(target), room(rays * width), h.memory.allocate(8), room(n * width)];
    h.kernels.dinoLoss(rays, width, out, width, T, 0.25, G, sum);
    const gradient = sums.map((s, i) => (Math.floor(i / width) === 2 ? 0 : 0.5 * (s - target[i])));
    expect(relativeL2(h.read(G, rays * width), gradient)).toBeLessThan(1e-5);
    const loss = gradient.reduce((total, g) => total + g * g, 0);
    expect(new Float64Array(h.memory.memory.buffer, sum, 1)[0]).toBeCloseTo(loss, 3);
    h.kernels.weightedSumsBackward(rays, samples, width, X, at.weights, G, gradX);
    const expected = Float64Array.from(features, (f, i) =>
      f > 0 ? weights[Math.floor(i / width)] * gradient[Math.floor(i / width / samples) * width + (i % width)] : 0,
    );
    expect(relativeL2(h.read(gradX, n * width), expected)).toBeLessThan(1e-5);
  });

  it('gathers the chosen samples and their scales', () => {
    const h = new KernelHarness(module);
    const indices = h.memory.allocate(16);
    h.memory.words(indices, 4).set([0, 2, 1, 2]);
    const [W, E, u] = [
      h.memory.place([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
      h.memory.place([0, 1, 2, 4, 1, 2, 3, 5]),
      h.memory.place([0.5, 0.25]),
    ];
    const [R, w, m, s] = [
      h.memory.allocate(16),
      h.memory.allocateFloats(4),
      h.memory.allocateFloats(4),
      h.memory.allocateFloats(8),
    ];
    h.kernels.gatherSelected(2, 3, 2, indices, W, E, R, w, m);
    h.kernels.writeScales(2, 2, u, 2, m, s + 4, 2);
    expect([...h.memory.words(R, 4)]).toEqual([0, 0, 1, 1]);
    expect([...h.read(w, 4)].map((v) => Math.round(v * 10))).toEqual([1, 3, 5, 6]);
    expect([...h.read(m, 4)]).toEqual([0.5, 3, 2.5, 4]);
    expect([...h.read(s, 8)]).toEqual([0, 0.5, 0, 3, 0, 1.25, 0, 2]);
  });
});
