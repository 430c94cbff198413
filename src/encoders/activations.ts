/** The functions that turn logits into scores. */

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

export type Activation = 'none' | 'sigmoid' | 'softmax';

/** Applies an activation to every row of [rows, columns], in place; softmax runs over the columns. */
export function activateRows(values: Float32Array, columns: number, activation: Activation): void {
  if (activation === 'sigmoid') for (let i = 0; i < values.length; i++) values[i] = sigmoid(values[i]);
  if (activation !== 'softmax') return;
  for (let start = 0; start < values.length; start += columns) {
    const row = values.subarray(start, start + columns);
    const max = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += row[i] = Math.exp(row[i] - max);
    for (let i = 0; i < columns; i++) row[i] /= sum;
  }
}
