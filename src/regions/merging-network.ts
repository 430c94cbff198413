/**
 * The small network that says how likely two neighbouring regions are one thing: dense layers with ReLU between them, the
 * last one a single number, the log-odds. It has only sums and products, in a fixed order, so every machine merges alike.
 */

/** Weights of one dense layer: `weights` is [outputs, inputs]. */
export interface DenseLayer {
  weights: ArrayLike<number>;
  biases: ArrayLike<number>;
}

export type MergingNetwork = readonly DenseLayer[];

/** A function from features [inputs] to the log-odds. It reuses its buffers: one caller at a time. */
export function networkLogit(network: MergingNetwork): (features: ArrayLike<number>) => number {
  const layers = network.map(({ weights, biases }) => ({
    weights: Float64Array.from(weights),
    biases: Float64Array.from(biases),
    outputs: new Float64Array(biases.length),
  }));
  return (features) => {
    let inputs = features;
    for (const [index, { weights, biases, outputs }] of layers.entries()) {
      const rectified = index < layers.length - 1;
      for (let row = 0, at = 0; row < outputs.length; row++) {
        let total = biases[row];
        for (let k = 0; k < inputs.length; k++) total += weights[at++] * inputs[k];
        outputs[row] = rectified && total < 0 ? 0 : total;
      }
      inputs = outputs;
    }
    return inputs[0];
  };
}
