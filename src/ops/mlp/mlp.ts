/**
 * Multi-layer perceptron (spec §2.3, §4.1), float64 reference: y = W_n ReLU(… ReLU(x W_0 + b_0) …) + b_n with
 * weights stored [inputs, outputs]. ReLU after every layer but the last, which is linear; activations on the output
 * (exp, sigmoid) belong to the caller. tcnn's padding with ones is the bias of the first layer (savings A10).
 */

export interface LinearLayer {
  inputs: number;
  outputs: number;
  /** [inputs, outputs] */
  weight: ArrayLike<number>;
  /** [outputs] */
  bias?: ArrayLike<number>;
}

export interface MlpGradients {
  /** [rows, inputs of the first layer] */
  gradInputs: Float64Array;
  /** Per layer, [inputs, outputs]. */
  gradWeights: Float64Array[];
  /** Per layer, [outputs]; undefined where the layer has no bias. */
  gradBiases: (Float64Array | undefined)[];
}

/** x [rows, inputs] to x W + b [rows, outputs]. */
export function linear(layer: LinearLayer, x: ArrayLike<number>): Float64Array {
  const { inputs, outputs, weight, bias } = layer;
  const rows = x.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    if (bias) for (let o = 0; o < outputs; o++) y[row * outputs + o] = bias[o];
    for (let i = 0; i < inputs; i++) {
      const value = x[row * inputs + i];
      for (let o = 0; o < outputs; o++) y[row * outputs + o] += value * weight[i * outputs + o];
    }
  }
  return y;
}

/** Gradients of `linear` for `gradY` [rows, outputs]. */
export function linearBackward(
  layer: LinearLayer,
  x: ArrayLike<number>,
  gradY: ArrayLike<number>,
): { gradX: Float64Array; gradWeight: Float64Array; gradBias: Float64Array | undefined } {
  const { inputs, outputs, weight, bias } = layer;
  const rows = x.length / inputs;
  const gradX = new Float64Array(rows * inputs);
  const gradWeight = new Float64Array(inputs * outputs);
  const gradBias = bias ? new Float64Array(outputs) : undefined;
  for (let row = 0; row < rows; row++) {
    if (gradBias) for (let o = 0; o < outputs; o++) gradBias[o] += gradY[row * outputs + o];
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let o = 0; o < outputs; o++) {
        sum += gradY[row * outputs + o] * weight[i * outputs + o];
        gradWeight[i * outputs + o] += x[row * inputs + i] * gradY[row * outputs + o];
      }
      gradX[row * inputs + i] = sum;
    }
  }
  return { gradX, gradWeight, gradBias };
}

/**
 * @param inputs [rows, inputs of the first layer]
 * @returns one array per stage: the inputs, each hidden layer after its ReLU, the linear outputs (last)
 */
export function mlpForward(layers: readonly LinearLayer[], inputs: ArrayLike<number>): Float64Array[] {
  const activations: Float64Array[] = [Float64Array.from(inputs)];
  layers.forEach((layer, l) => {
    const y = linear(layer, activations[l]);
    activations.push(l + 1 < layers.length ? y.map((value) => Math.max(value, 0)) : y);
  });
  return activations;
}

/** Gradients for `gradOutputs` [rows, outputs], given what `mlpForward` returned. */
export function mlpBackward(
  layers: readonly LinearLayer[],
  activations: readonly Float64Array[],
  gradOutputs: ArrayLike<number>,
): MlpGradients {
  const gradWeights: Float64Array[] = [];
  const gradBiases: (Float64Array | undefined)[] = [];
  let gradY: Float64Array = Float64Array.from(gradOutputs);
  for (let l = layers.length - 1; l >= 0; l--) {
    const { gradX, gradWeight, gradBias } = linearBackward(layers[l], activations[l], gradY);
    gradWeights[l] = gradWeight;
    gradBiases[l] = gradBias;
    gradY = l > 0 ? gradX.map((value, index) => (activations[l][index] > 0 ? value : 0)) : gradX;
  }
  return { gradInputs: gradY, gradWeights, gradBiases };
}
