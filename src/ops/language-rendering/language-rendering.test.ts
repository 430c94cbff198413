/**
 * Gates: the direct form against recorded vectors (1e-5 values, 1e-4 gradients) and central differences (1e-8);
 * the factored form against the direct one (1e-10, values and every gradient).
 */
import { describe, expect, it } from 'vitest';
import { hasShared, readVectors } from '../../../test/shared.ts';
import { randomUniform } from '../../math/random.ts';
import { linear, linearBackward } from '../mlp/mlp.ts';
import type { FactoredShape } from './factored.ts';
import { factoredClipLoss, gramMatrix, renderHidden } from './factored.ts';
import {
  clipLoss,
  dinoLoss,
  renderEmbeddings,
  renderEmbeddingsBackward,
  renderFeatures,
  renderFeaturesBackward,
} from './language-rendering.ts';

const random = (length: number, stream: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => 2 * randomUniform(5, stream, index) - 1);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number, absolute: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i] - expected[i]), `element ${i}: ${actual[i]} for ${expected[i]}`).toBeLessThanOrEqual(
      absolute + relative * Math.abs(expected[i]),
    );
}

describe.skipIf(!hasShared)('08-lerf-render-loss', () => {
  const load = () => {
    const { arrays } = readVectors('08-lerf-render-loss');
    const data = (name: string) => Float64Array.from(arrays[name].data);
    return {
      data,
      clip: { rays: 6, samples: 5, dim: 12 },
      dino: { rays: 6, samples: 5, dim: 7 },
      valid: new Uint8Array(6).fill(1),
    };
  };

  it('renders embeddings and features', () => {
    const { data, clip, dino } = load();
    expectClose(renderEmbeddings(clip, data('raw_clip'), data('weights')), data('clip'), 1e-5, 1e-6);
    expectClose(renderFeatures(dino, data('dino_samples'), data('weights')), data('dino'), 1e-5, 1e-6);
  });

  it('has the recorded losses and gradients', () => {
    const { data, clip, dino, valid } = load();
    const clipResult = clipLoss(12, data('clip'), data('target_clip'), valid);
    expect(clipResult.loss).toBeCloseTo(data('clip_loss')[0], 6);
    const gradRaw = renderEmbeddingsBackward(clip, data('raw_clip'), data('weights'), clipResult.gradRendered);
    expectClose(gradRaw, data('grad_raw_clip'), 1e-4, 1e-7);
    const dinoResult = dinoLoss(7, data('dino'), data('target_dino'));
    expect(dinoResult.loss / data('dino_loss')[0]).toBeCloseTo(1, 5);
    const gradDino = renderFeaturesBackward(dino, data('weights'), dinoResult.gradRendered);
    expectClose(gradDino, data('grad_dino'), 1e-4, 1e-6);
  });

  it('leaves a ray with a NaN target out of the value, as nanmean does, and out of the gradients', () => {
    const { data, valid } = load();
    const { meta } = readVectors('08-lerf-render-loss');
    const [ray] = meta.nan_rows_grad_raw_clip as number[];
    const target = data('target_clip');
    target[ray * 12 + 3] = Number.NaN;
    const { loss, gradRendered } = clipLoss(12, data('clip'), target, valid);
    expect(loss).toBeCloseTo(data('clip_loss_nan')[0], 6);
    expect(gradRendered.some(Number.isNaN)).toBe(false);
    expect([...gradRendered.slice(ray * 12, ray * 12 + 12)]).toEqual(new Array(12).fill(0));
    const dinoTarget = data('target_dino');
    dinoTarget[ray * 7] = Number.NaN;
    const dinoResult = dinoLoss(7, data('dino'), dinoTarget);
    expect(dinoResult.loss / data('dino_loss_nan')[0]).toBeCloseTo(1, 5);
    expect(dinoResult.gradRendered.some(Number.isNaN)).toBe(false);
  });
});

describe('direct form', () => {
  it('has a gradient that agrees with central differences, in both Huber branches', () => {
    const shape = { rays: 3, samples: 4, dim: 6 };
    const raw = random(72, 1);
    const weights = random(12, 2).map(Math.abs);
    // Ray 2 has targets so far away that some channels are in the linear branch.
    const targets = random(18, 3).map((value, i) => (i >= 12 ? 2 * value : value));
    const valid = [1, 0, 1];
    const loss = () => clipLoss(6, renderEmbeddings(shape, raw, weights), targets, valid).loss;
    const rendered = renderEmbeddings(shape, raw, weights);
    expect(rendered.some((value, c) => Math.abs(value - targets[c]) > 1.25)).toBe(true);
    const { gradRendered } = clipLoss(6, rendered, targets, valid);
    const gradRaw = renderEmbeddingsBackward(shape, raw, weights, gradRendered);
    for (let i = 0; i < raw.length; i++) {
      const kept = raw[i];
      raw[i] = kept + 1e-6;
      const above = loss();
      raw[i] = kept - 1e-6;
      const below = loss();
      raw[i] = kept;
      expect(gradRaw[i]).toBeCloseTo((above - below) / 2e-6, 8);
    }
  });

  it('keeps zero vectors clean', () => {
    const shape = { rays: 3, samples: 2, dim: 3 };
    const raw = Float64Array.from([0, 0, 0, 1, 2, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]);
    const weights = Float64Array.from([0.5, 0.25, 0.5, 0.5, 0, 0]);
    const embeddings = renderEmbeddings(shape, raw, weights);
    expectClose(embeddings, [1 / 3, 2 / 3, 2 / 3, 0, 0, 0, 0, 0, 0], 1e-12, 0);
    const { loss, gradRendered } = clipLoss(3, embeddings, new Float64Array(9), [1, 1, 1]);
    expect(loss).toBeCloseTo(0.05, 12);
    const gradRaw = renderEmbeddingsBackward(shape, raw, weights, gradRendered);
    expect(gradRaw.every(Number.isFinite)).toBe(true);
    expect([...gradRaw.slice(6)]).toEqual(new Array(12).fill(0));
  });

  it('reports a term without any counted ray as not computed', () => {
    const { loss, gradRendered } = clipLoss(2, [1, 0], [0, 1], [0]);
    expect(loss).toBeNaN();
    expect([...gradRendered]).toEqual([0, 0]);
  });
});

describe('factored form', () => {
  const shape: FactoredShape = { rays: 4, samples: 3, width: 5, dim: 9 };
  const embeddingShape = { rays: 4, samples: 3, dim: 9 };
  const make = () => ({
    hidden: random(60, 1).map((value) => Math.max(value, 0)),
    weights: random(12, 2).map(Math.abs),
    lastWeight: random(45, 3),
    targets: random(36, 4).map((value) => value / 3),
    valid: Uint8Array.from([1, 1, 0, 1]),
  });

  function compare(input: ReturnType<typeof make>): void {
    const layer = { inputs: 5, outputs: 9, weight: input.lastWeight };
    const raw = linear(layer, input.hidden);
    const direct = clipLoss(9, renderEmbeddings(embeddingShape, raw, input.weights), input.targets, input.valid);
    const gradRaw = renderEmbeddingsBackward(embeddingShape, raw, input.weights, direct.gradRendered);
    const { gradX, gradWeight } = linearBackward(layer, input.hidden, gradRaw);
    const { hidden, weights, lastWeight, targets, valid } = input;
    const factored = factoredClipLoss(shape, hidden, weights, lastWeight, targets, valid);
    expect(factored.loss).toBeCloseTo(direct.loss, 12);
    expectClose(factored.gradHidden, gradX, 1e-10, 1e-15);
    expectClose(factored.gradLastWeight, gradWeight, 1e-10, 1e-15);
    expect(gradWeight.some((value) => Math.abs(value) > 1e-4)).toBe(true);
  }

  it('agrees with the direct form in loss, dh and dW', () => compare(make()));

  it('agrees where samples, rays or targets are degenerate', () => {
    const input = make();
    input.hidden.fill(0, 0, 5);
    input.hidden.fill(0, 15, 30);
    input.targets[3 * 9 + 4] = Number.NaN;
    compare(input);
  });

  it('renders the embedding that the direct form renders', () => {
    const { hidden, weights, lastWeight } = make();
    const layer = { inputs: 5, outputs: 9, weight: lastWeight };
    const rendering = renderHidden(shape, hidden, weights, gramMatrix(lastWeight, 5));
    const embeddings = linear(layer, rendering.hidden).map((value, i) => value / rendering.norms[Math.floor(i / 9)]);
    expectClose(embeddings, renderEmbeddings(embeddingShape, linear(layer, hidden), weights), 1e-12, 1e-15);
  });

  it('lets the DINO output layer run after the sum (A8)', () => {
    const { hidden, weights, lastWeight } = make();
    const layer = { inputs: 5, outputs: 9, weight: lastWeight };
    const after = linear(layer, renderFeatures({ ...embeddingShape, dim: 5 }, hidden, weights));
    expectClose(after, renderFeatures(embeddingShape, linear(layer, hidden), weights), 1e-12, 1e-15);
  });
});
