/** Fits the merging network to examples: weighted cross-entropy on the log-odds, Adam, one pass of mini-batches after the other. */
import { randomInteger, randomNormal } from '../../src/math/random.ts';
import { adamStep, defaultBetas } from '../../src/ops/optimisers/optimisers.ts';
import type { DenseLayer, MergingNetwork } from '../../src/regions/merging-network.ts';
import { pairFeatureCount } from '../../src/regions/pair-features.ts';
import type { Examples } from './examples.ts';

export interface FitOptions {
  hidden: readonly number[];
  epochs: number;
  batch: number;
  learningRate: number;
  /** Decay of weights per step, relative to the learning rate. */
  decay: number;
  seed: number;
}

const stream = 63;

/** A dense layer in training. */
class Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly values: Float64Array;
  readonly gradients: Float64Array;
  readonly activations: Float64Array;
  readonly errors: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;

  constructor(inputs: number, outputs: number, seed: number, number: number) {
    this.inputs = inputs;
    this.outputs = outputs;
    const scale = Math.sqrt(2 / inputs);
    // Weights [outputs, inputs], then biases.
    this.values = Float64Array.from({ length: (inputs + 1) * outputs }, (_, i) =>
      i < inputs * outputs ? scale * randomNormal(seed, stream, number, i) : 0,
    );
    this.gradients = new Float64Array(this.values.length);
    this.first = new Float64Array(this.values.length);
    this.second = new Float64Array(this.values.length);
    this.activations = new Float64Array(outputs);
    this.errors = new Float64Array(outputs);
  }

  forward(inputs: Float64Array, rectified: boolean): Float64Array {
    const { values, activations, outputs } = this;
    const count = this.inputs;
    for (let row = 0, at = 0; row < outputs; row++) {
      let total = values[count * outputs + row];
      for (let k = 0; k < count; k++) total += values[at++] * inputs[k];
      activations[row] = rectified && total < 0 ? 0 : total;
    }
    return activations;
  }

  /** Takes `errors`, adds to `gradients`, and gives the errors of the layer below. */
  backward(inputs: Float64Array, below?: Layer): void {
    const { values, gradients, errors, outputs } = this;
    const count = this.inputs;
    below?.errors.fill(0);
    for (let row = 0; row < outputs; row++) {
      const error = errors[row];
      if (error === 0) continue;
      const at = row * count;
      for (let k = 0; k < count; k++) gradients[at + k] += error * inputs[k];
      gradients[count * outputs + row] += error;
      if (below) for (let k = 0; k < count; k++) below.errors[k] += error * values[at + k];
    }
    if (below) for (let k = 0; k < count; k++) if (below.activations[k] <= 0) below.errors[k] = 0;
  }

  step(rate: number, decay: number, number: number): void {
    const { values, gradients, first, second } = this;
    for (let i = 0; i < values.length; i++) values[i] *= 1 - rate * decay;
    adamStep(values, first, second, gradients, { ...defaultBetas, epsilon: 1e-8, rate, step: number });
    gradients.fill(0);
  }
}

export function fitNetwork(examples: Examples, options: FitOptions): { network: MergingNetwork; loss: number } {
  const { means, scales } = standardise(examples);
  const widths = [pairFeatureCount, ...options.hidden, 1];
  const layers = widths.slice(1).map((outputs, i) => new Layer(widths[i], outputs, options.seed, i));
  const steps = options.epochs * Math.floor(examples.count / options.batch);
  const meanWeight = examples.weights.subarray(0, examples.count).reduce((a, b) => a + b, 0) / examples.count;
  const inputs = new Float64Array(pairFeatureCount);
  let loss = 0;
  let seen = 0;
  for (let step = 0; step < steps; step++) {
    for (let item = 0; item < options.batch; item++) {
      const index = randomInteger(examples.count, options.seed, stream, step, item);
      const at = index * pairFeatureCount;
      for (let k = 0; k < pairFeatureCount; k++) inputs[k] = (examples.features[at + k] - means[k]) * scales[k];
      const weight = examples.weights[index] / meanWeight;
      const error = learnOne(layers, inputs, examples.targets[index], weight / options.batch);
      if (step >= 0.9 * steps) {
        loss += weight * error;
        seen += weight;
      }
    }
    const rate = options.learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    for (const layer of layers) layer.step(rate, options.decay, step + 1);
  }
  return {
    network: layers.map((layer, i) => denseLayer(layer, i === 0 ? { means, scales } : undefined)),
    loss: loss / seen,
  };
}

/** Returns the cross-entropy before the step. */
function learnOne(layers: readonly Layer[], inputs: Float64Array, target: number, weight: number): number {
  let values = inputs;
  for (const [i, layer] of layers.entries()) values = layer.forward(values, i < layers.length - 1);
  const logit = values[0];
  const last = layers.length - 1;
  layers[last].errors[0] = weight * (1 / (1 + Math.exp(-logit)) - target);
  for (let i = last; i >= 0; i--) layers[i].backward(i > 0 ? layers[i - 1].activations : inputs, layers[i - 1]);
  return Math.max(0, logit) - target * logit + Math.log1p(Math.exp(-Math.abs(logit)));
}

function standardise({ features, count }: Examples): { means: Float64Array; scales: Float64Array } {
  const means = new Float64Array(pairFeatureCount);
  const scales = new Float64Array(pairFeatureCount);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < pairFeatureCount; k++) means[k] += features[i * pairFeatureCount + k] / count;
  for (let i = 0; i < count; i++)
    for (let k = 0; k < pairFeatureCount; k++)
      scales[k] += (features[i * pairFeatureCount + k] - means[k]) ** 2 / count;
  return { means, scales: scales.map((variance) => 1 / Math.sqrt(variance + 1e-8)) };
}

/** The layer as the product runs it; the standardisation of the features goes into the first one's weights. */
function denseLayer(layer: Layer, standard?: { means: Float64Array; scales: Float64Array }): DenseLayer {
  const { inputs, outputs, values } = layer;
  const weights = values.slice(0, inputs * outputs);
  const biases = values.slice(inputs * outputs);
  if (standard)
    for (let row = 0; row < outputs; row++)
      for (let k = 0; k < inputs; k++) {
        weights[row * inputs + k] *= standard.scales[k];
        biases[row] -= weights[row * inputs + k] * standard.means[k];
      }
  return { weights: [...weights].map(rounded), biases: [...biases].map(rounded) };
}

const rounded = (value: number) => Number(value.toPrecision(5));
