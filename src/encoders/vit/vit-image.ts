/**
 * CLIP's image tower as an ONNX graph: pixels [N, 3, rows, cols], normalised, → embedding [N, dim], projected and not
 * yet of unit length (the encoder divides by the length). Patches in row-major order behind the class token, which
 * alone is read at the end (open_clip `pool_type: tok`).
 */
import { GraphBuilder } from './onnx-writer.ts';
import {
  addWeight,
  type BlockWeights,
  type NormWeights,
  TransformerBuilder,
  type TransformerShape,
} from './transformer.ts';
import { reshaped, type Weight } from './weights.ts';

export interface ImageTowerShape extends TransformerShape {
  /** [rows, cols] of the picture, pixels. */
  imageSize: readonly [number, number];
  /** Side of the square patches, pixels. */
  patch: number;
  /** Width of the embedding. */
  dim: number;
}

export interface ImageTowerWeights {
  /** [width, 3, patch, patch] */
  patch: Weight;
  /** [width] */
  classToken: Weight;
  /** [1 + patches, width] */
  positions: Weight;
  normPre: NormWeights;
  /** In order. */
  blocks: readonly BlockWeights[];
  normPost: NormWeights;
  /** [width, dim] */
  projection: Weight;
}

/** 17 has LayerNormalization. */
export const opset = 17;

/** The bytes of an ONNX file with input "pixels" and output "embedding". */
export function imageTowerGraph(shape: ImageTowerShape, weights: ImageTowerWeights, description: string): Uint8Array {
  const { width, layers, imageSize, patch, dim } = shape;
  const graph = new GraphBuilder('clip-image');
  const transformer = new TransformerBuilder(graph, shape);
  graph.input('pixels', 'float', ['N', 3, ...imageSize]);
  graph.add('patch_grid', 'Conv', ['pixels', addWeight(graph, 'patch_weight', weights.patch)], {
    kernel_shape: [patch, patch],
    strides: [patch, patch],
  });
  graph.add('patches', 'Transpose', [addFlat(graph, 'patch_row', 'patch_grid')], { perm: [0, 2, 1] });
  const classToken = addWeight(graph, 'class_token', reshaped(weights.classToken, [1, 1, width]));
  graph.add('tokens', 'Concat', [addPerPicture(graph, 'class_tokens', classToken, 'pixels', width), 'patches'], {
    axis: 1,
  });
  const placed = graph.add('placed', 'Add', ['tokens', addWeight(graph, 'positions', weights.positions)]);
  let x = transformer.norm('norm_pre', placed, weights.normPre);
  const range = [graph.integers('zero', [0]), graph.integers('one_token', [1]), graph.integers('token_axis', [1])];
  const pick = (name: string, tokens: string) => graph.add(name, 'Slice', [tokens, ...range]);
  for (let i = 0; i < layers; i++)
    x = transformer.block(`block${i}`, x, weights.blocks[i], i === layers - 1 ? { pick } : {});
  const read = graph.add('read', 'Squeeze', [x, 'token_axis']);
  const normed = transformer.norm('norm_post', read, weights.normPost);
  graph.add('embedding', 'MatMul', [normed, addWeight(graph, 'projection', weights.projection)]);
  graph.output('embedding', ['N', dim]);
  return graph.encode(opset, description);
}

/** [N, C, rows, cols] → [N, C, rows·cols]. */
export function addFlat(graph: GraphBuilder, name: string, grid: string): string {
  return graph.add(name, 'Reshape', [grid, graph.integers(`${name}_shape`, [0, 0, -1])]);
}

/** A token [1, 1, width] once for each of the N pictures: [N, 1, width]. */
export function addPerPicture(
  graph: GraphBuilder,
  name: string,
  token: string,
  pictures: string,
  width: number,
): string {
  graph.add(`${name}_count`, 'Shape', [pictures], { start: 0, end: 1 });
  const shape = graph.add(`${name}_shape`, 'Concat', [`${name}_count`, graph.integers(`${name}_rest`, [1, width])], {
    axis: 0,
  });
  return graph.add(name, 'Expand', [token, shape]);
}
