/**
 * The head of FastestDet (github.com/dog-qiuqiu/FastestDet, BSD-3): one feature map [1, 5 + classes, rows, cols] whose
 * channels are objectness (0 … 1), the box as four raw numbers, and class probabilities. Every cell proposes one box:
 * centre = (cell + tanh(offset)) / cells, side = sigmoid(number), both as fractions of the picture; its score for a
 * class is objectness · probability.
 */
import type { TensorOutput } from '../encoders/inference-runtime.ts';
import type { DecodingContext, ScoredBoxes } from './decoding.ts';
import { sigmoid } from '../encoders/activations.ts';

export function decodeFastestDet(output: TensorOutput, context: DecodingContext): ScoredBoxes {
  const { data, shape } = output;
  if (shape.length !== 4 || shape[0] !== 1 || shape[1] < 6)
    throw context.shapeFault('decoding.output', output, '[1, 5 + classes, rows, cols]');
  const [, channels, rows, cols] = shape;
  const columns = channels - 5;
  if (columns !== context.columns) throw context.columnFault(columns);
  const count = rows * cols;
  const corners = new Float32Array(4 * count);
  const scores = new Float32Array(columns * count);
  const at = (channel: number, cell: number) => data[channel * count + cell];
  for (let cell = 0; cell < count; cell++) {
    const x = (((cell % cols) + Math.tanh(at(1, cell))) / cols) * context.width;
    const y = ((Math.floor(cell / cols) + Math.tanh(at(2, cell))) / rows) * context.height;
    const halfWidth = 0.5 * sigmoid(at(3, cell)) * context.width;
    const halfHeight = 0.5 * sigmoid(at(4, cell)) * context.height;
    corners.set([x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight], 4 * cell);
    for (let k = 0; k < columns; k++) scores[cell * columns + k] = at(0, cell) * at(5 + k, cell);
  }
  return { count, corners, columns, scores };
}
