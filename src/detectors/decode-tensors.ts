/**
 * Decodings of plain tensors: `boxes` (DETR and its kin: boxes and scores apart), `rows` (YOLO: one tensor of box,
 * objectness and class scores) and `queries` (OWL-ViT, OWLv2: a column of logits per phrase).
 */
import type { TensorOutput } from '../encoders/inference-runtime.ts';
import type { DecodingContext, ScoredBoxes } from './decoding.ts';
import type { DetectorDecoding } from './detector-folder.ts';
import { activateRows, sigmoid } from '../encoders/activations.ts';

type Decoding<Kind extends DetectorDecoding['kind']> = Extract<DetectorDecoding, { kind: Kind }>;
type BoxForm = Pick<Decoding<'boxes'>, 'boxFormat' | 'boxUnits'>;

export function decodeBoxes(
  decoding: Decoding<'boxes'>,
  [boxes, classScores, objectness]: readonly TensorOutput[],
  context: DecodingContext,
): ScoredBoxes {
  const count = boxCount(boxes, 'decoding.boxes', context);
  const { values, columns } = scoreMatrix(classScores, 'decoding.scores', count, context);
  const { background, activation, objectnessActivation } = decoding;
  const foreground = background === 'none' ? columns : columns - 1;
  if (foreground !== context.columns) throw context.columnFault(foreground);
  activateRows(values, columns, activation);
  const scores = new Float32Array(count * foreground);
  const skip = background === 'first' ? 1 : 0;
  for (let i = 0; i < count; i++)
    scores.set(values.subarray(i * columns + skip, i * columns + skip + foreground), i * foreground);
  if (objectness) {
    if (objectness.data.length !== count)
      throw context.shapeFault('decoding.objectness', objectness, `[1, ${count}] or [1, ${count}, 1]`);
    multiplyRows(scores, foreground, (i) => objectness.data[i], objectnessActivation);
  }
  return { count, corners: cornersOf(boxes.data, count, decoding, context), columns: foreground, scores };
}

export function decodeRows(decoding: Decoding<'rows'>, output: TensorOutput, context: DecodingContext): ScoredBoxes {
  const { axes, objectness, activation, objectnessActivation } = decoding;
  const shape = withoutBatch(output.shape);
  const [count, width] = axes === 'rows-first' ? shape : shape.toReversed();
  const head = objectness ? 5 : 4;
  if (shape.length !== 2 || width <= head)
    throw context.shapeFault(
      'decoding.output',
      output,
      axes === 'rows-first' ? `[1, n, ${head} + classes]` : `[1, ${head} + classes, n]`,
    );
  const columns = width - head;
  if (columns !== context.columns) throw context.columnFault(columns);
  const at = (row: number, column: number) =>
    output.data[axes === 'rows-first' ? row * width + column : column * count + row];
  const boxes = Float32Array.from({ length: 4 * count }, (_, i) => at(i >> 2, i & 3));
  const scores = Float32Array.from({ length: columns * count }, (_, i) =>
    at(Math.floor(i / columns), head + (i % columns)),
  );
  activateRows(scores, columns, activation);
  if (objectness) multiplyRows(scores, columns, (row) => at(row, 4), objectnessActivation);
  return { count, corners: cornersOf(boxes, count, decoding, context), columns, scores };
}

export function decodeQueries([boxes, logits]: readonly TensorOutput[], context: DecodingContext): ScoredBoxes {
  const count = boxCount(boxes, 'decoding.boxes', context);
  const { values, columns } = scoreMatrix(logits, 'decoding.logits', count, context);
  if (columns !== context.columns) throw context.columnFault(columns);
  activateRows(values, columns, 'sigmoid');
  const form: BoxForm = { boxFormat: 'cxcywh', boxUnits: 'normalised' };
  return { count, corners: cornersOf(boxes.data, count, form, context), columns, scores: values };
}

/** One picture is asked at a time: a leading axis of one is the batch. */
function withoutBatch(shape: readonly number[]): readonly number[] {
  return shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
}

function boxCount(boxes: TensorOutput, field: string, context: DecodingContext): number {
  const shape = withoutBatch(boxes.shape);
  if (shape.length !== 2 || shape[1] !== 4) throw context.shapeFault(field, boxes, '[1, n, 4]');
  return shape[0];
}

/** A copy of the scores, which may be written on. */
function scoreMatrix(
  output: TensorOutput,
  field: string,
  count: number,
  context: DecodingContext,
): { values: Float32Array; columns: number } {
  const shape = withoutBatch(output.shape);
  if (shape.length !== 2 || shape[0] !== count)
    throw context.shapeFault(field, output, `[1, ${count}, columns], a row for each box`);
  return { values: output.data.slice(), columns: shape[1] };
}

function multiplyRows(
  scores: Float32Array,
  columns: number,
  factor: (row: number) => number,
  activation: 'none' | 'sigmoid',
): void {
  for (let row = 0; row * columns < scores.length; row++) {
    const weight = activation === 'sigmoid' ? sigmoid(factor(row)) : factor(row);
    for (let k = 0; k < columns; k++) scores[row * columns + k] *= weight;
  }
}

/** [n, 4] boxes of any form as corners in pixels of the input. */
function cornersOf(
  boxes: Float32Array,
  count: number,
  { boxFormat, boxUnits }: BoxForm,
  { width, height }: DecodingContext,
): Float32Array {
  const [scaleX, scaleY] = boxUnits === 'pixels' ? [1, 1] : [width, height];
  const corners = new Float32Array(4 * count);
  for (let i = 0; i < corners.length; i += 4) {
    const [a, b, c, d] = boxes.subarray(i, i + 4);
    const [x0, y0, x1, y1] = boxFormat === 'xyxy' ? [a, b, c, d] : [a - 0.5 * c, b - 0.5 * d, a + 0.5 * c, b + 0.5 * d];
    corners.set([x0 * scaleX, y0 * scaleY, x1 * scaleX, y1 * scaleY], i);
  }
  return corners;
}
