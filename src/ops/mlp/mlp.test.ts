import { describe, expect, it } from 'vitest';
import { randomUniform } from '../../math/random.ts';
import type { LinearLayer } from './mlp.ts';
import { linear, mlpBackward, mlpForward } from './mlp.ts';

const random = (length: number, stream: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => 2 * randomUniform(11, stream, index) - 1);

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, index) => sum + value * b[index], 0);

describe('mlp', () => {
  it('multiplies with weights stored [inputs, outputs] and rectifies hidden layers only', () => {
    const hidden: LinearLayer = { inputs: 2, outputs: 2, weight: [1, -1, 2, 1], bias: [0.5, 0] };
    const output: LinearLayer = { inputs: 2, outputs: 1, weight: [-3, 5] };
    const [, h, y] = mlpForward([hidden, output], [1, 2, 1, 0]);
    expect([...h]).toEqual([5.5, 1, 1.5, 0]);
    expect([...y]).toEqual([-11.5, -4.5]);
  });

  it('has gradients that agree with central differences', () => {
    const widths = [5, 7, 6, 3];
    const weights = [0, 1, 2].map((l) => random(widths[l] * widths[l + 1], l));
    const biases = [random(7, 10), undefined, random(3, 12)];
    const layers: LinearLayer[] = weights.map((weight, l) => ({
      inputs: widths[l],
      outputs: widths[l + 1],
      weight,
      bias: biases[l],
    }));
    const inputs = random(4 * 5, 20);
    const cotangent = random(4 * 3, 21);
    const gradients = mlpBackward(layers, mlpForward(layers, inputs), cotangent);
    expect(gradients.gradBiases[1]).toBeUndefined();
    const pairs: [Float64Array, Float64Array][] = [
      [inputs, gradients.gradInputs],
      ...weights.map((weight, l): [Float64Array, Float64Array] => [weight, gradients.gradWeights[l]]),
      ...[0, 2].map((l): [Float64Array, Float64Array] => [biases[l]!, gradients.gradBiases[l]!]),
    ];
    const loss = () => dot(mlpForward(layers, inputs)[3], cotangent);
    for (const [values, gradient] of pairs) {
      expect(gradient.length).toBe(values.length);
      for (let i = 0; i < values.length; i++) {
        const kept = values[i];
        values[i] = kept + 1e-6;
        const above = loss();
        values[i] = kept - 1e-6;
        const below = loss();
        values[i] = kept;
        expect(gradient[i]).toBeCloseTo((above - below) / 2e-6, 7);
      }
    }
  });

  it('treats a first-layer bias as tcnn treats inputs padded with ones (savings A10)', () => {
    const weight = random(5 * 3, 1);
    const x = random(2 * 3, 2);
    const padded = Float64Array.from([0, 1].flatMap((row) => [...x.slice(row * 3, row * 3 + 3), 1, 1]));
    const bias = Float64Array.from([0, 1, 2], (o) => weight[9 + o] + weight[12 + o]);
    const plain = linear({ inputs: 3, outputs: 3, weight: weight.slice(0, 9), bias }, x);
    linear({ inputs: 5, outputs: 3, weight }, padded).forEach((value, i) => {
      expect(plain[i]).toBeCloseTo(value, 14);
    });
  });

  it('lets blocks of inputs that a ray or a scale shares be multiplied once (savings A7, A9)', () => {
    const weight = random(6 * 4, 3);
    const shared = random(2, 4);
    const own = random(3 * 4, 5);
    const rows = Float64Array.from([0, 1, 2].flatMap((row) => [...shared, ...own.slice(row * 4, row * 4 + 4)]));
    const whole = linear({ inputs: 6, outputs: 4, weight }, rows);
    const once = linear({ inputs: 2, outputs: 4, weight: weight.slice(0, 8) }, shared);
    linear({ inputs: 4, outputs: 4, weight: weight.slice(8) }, own).forEach((value, i) => {
      expect(once[i % 4] + value).toBeCloseTo(whole[i], 14);
    });
  });
});
