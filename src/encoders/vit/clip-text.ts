/**
 * CLIP's text tower as an ONNX graph: ids [N, L] → embedding [N, dim], projected and not yet of unit length. The mask
 * is causal, so nothing behind the end token matters: the graph cuts all rows behind the last end token of the batch,
 * and the last block computes the end token alone.
 */
import { GraphBuilder } from './onnx-writer.ts';
import {
  addWeight,
  type BlockWeights,
  type NormWeights,
  TransformerBuilder,
  type TransformerShape,
} from './transformer.ts';
import { opset } from './vit-image.ts';
import type { Weight } from './weights.ts';

export interface TextTowerShape extends TransformerShape {
  /** Most tokens of a text. */
  contextLength: number;
  vocabSize: number;
  /** Width of the embedding. */
  dim: number;
  /** Where the result is read: at the first of the largest ids of a row, or at the first token of this id. */
  endToken: 'largest' | number;
}

export interface TextTowerWeights {
  /** [vocabSize, width] */
  tokens: Weight;
  /** [contextLength, width] */
  positions: Weight;
  /** In order. */
  blocks: readonly BlockWeights[];
  normFinal: NormWeights;
  /** [width, dim] */
  projection: Weight;
}

/** The bytes of an ONNX file with input "ids" (int64) and output "embedding". */
export function textTowerGraph(shape: TextTowerShape, weights: TextTowerWeights, description: string): Uint8Array {
  const { layers, contextLength, dim } = shape;
  const graph = new GraphBuilder('clip-text');
  const transformer = new TransformerBuilder(graph, shape);
  graph.input('ids', 'int64', ['N', 'L']);
  const zero = graph.integers('zero', [0]);
  const first = graph.integers('first_axis', [0]);
  const second = graph.integers('second_axis', [1]);
  const end = addEndPosition(graph, shape.endToken);
  graph.add('last', 'ReduceMax', [end], { keepdims: 1 });
  const length = graph.add('length', 'Add', ['last', graph.integers('one_more', [1])]);
  graph.add('kept', 'Slice', ['ids', zero, length, second]);
  graph.add('words', 'Gather', [addWeight(graph, 'table', weights.tokens), 'kept'], { axis: 0 });
  graph.add('places', 'Slice', [addWeight(graph, 'positions', weights.positions), zero, length, first]);
  let x = graph.add('placed', 'Add', ['words', 'places']);
  const causal = graph.floats('causal', causalMask(contextLength), [contextLength, contextLength]);
  graph.add('mask_rows', 'Slice', [causal, zero, length, first]);
  const mask = graph.add('mask', 'Slice', ['mask_rows', zero, length, second]); // [T, T]
  // The row of the end token, for every text.
  graph.add('end_mask_rows', 'Gather', [mask, end], { axis: 0 });
  const endMask = graph.add('end_mask', 'Unsqueeze', ['end_mask_rows', graph.integers('middle_axes', [1, 2])]);
  const index = graph.add('end_index', 'Unsqueeze', [end, second]); // [N, 1]
  const pick = (name: string, tokens: string) => {
    const picked = graph.add(`${name}_row`, 'GatherND', [tokens, index], { batch_dims: 1 });
    return graph.add(name, 'Unsqueeze', [picked, second]);
  };
  for (let i = 0; i < layers; i++)
    x = transformer.block(`block${i}`, x, weights.blocks[i], i === layers - 1 ? { mask: endMask, pick } : { mask });
  const read = graph.add('read', 'Squeeze', [x, second]);
  const normed = transformer.norm('norm_final', read, weights.normFinal);
  graph.add('embedding', 'MatMul', [normed, addWeight(graph, 'projection', weights.projection)]);
  graph.output('embedding', ['N', dim]);
  return graph.encode(opset, description);
}

/** Position of the end token of every text: int64 [N]. A text without one is read at its first token. */
function addEndPosition(graph: GraphBuilder, endToken: 'largest' | number): string {
  const first = { axis: 1, keepdims: 0, select_last_index: 0 };
  if (endToken === 'largest') return graph.add('end', 'ArgMax', ['ids'], first);
  graph.add('is_end', 'Equal', ['ids', graph.integers('end_token', endToken)]);
  return graph.add('end', 'ArgMax', [graph.add('end_flags', 'Cast', ['is_end'], { to: 6 })], first);
}

/** [length, length]: 0 up to the diagonal, -∞ behind it. */
function causalMask(length: number): Float32Array {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++)
    mask.fill(Number.NEGATIVE_INFINITY, row * length + row + 1, (row + 1) * length);
  return mask;
}
