/**
 * DINO's key facet as an ONNX graph (spec §1.8): pixels [N, 3, H, W] of any size, normalised, → keys [N, patches,
 * width]: the key projection (with bias) of LayerNorm1 of the input of one block, class token dropped, patches
 * row-major, descriptors head-dim major (element d·heads + head). Nothing behind that projection is in the graph. A
 * photo is thousands of patches, so attention is ONNX Runtime's fused operator.
 */
import { GraphBuilder } from './onnx-writer.ts';
import { addWeight, type BlockWeights, TransformerBuilder, type TransformerShape } from './transformer.ts';
import { addFlat, addPerPicture, opset } from './vit-image.ts';
import { reordered, reshaped, sliced, transposed, type Weight, widened } from './weights.ts';

export interface DenseTowerShape extends TransformerShape {
  /** Side of the square patches, pixels. */
  patch: number;
  /** Side of the square grid the positional table was trained for, patches. */
  tableSide: number;
  /** Block whose keys are the features, 0-based. */
  keyBlock: number;
}

export interface DenseTowerWeights {
  /** [width, 3, patch, patch] */
  patch: Weight;
  /** [width] */
  patchBias: Weight;
  /** [width] */
  classToken: Weight;
  /** [1 + tableSide², width] */
  positions: Weight;
  /** In order. */
  blocks: readonly BlockWeights[];
}

/** The bytes of an ONNX file with input "pixels" and output "keys". */
export function denseTowerGraph(shape: DenseTowerShape, weights: DenseTowerWeights, description: string): Uint8Array {
  const { width, heads, patch, keyBlock } = shape;
  const graph = new GraphBuilder('dino-keys');
  const transformer = new TransformerBuilder(graph, shape);
  graph.input('pixels', 'float', ['N', 3, 'H', 'W']);
  const kernel = [addWeight(graph, 'patch_weight', weights.patch), addWeight(graph, 'patch_bias', weights.patchBias)];
  graph.add('grid', 'Conv', ['pixels', ...kernel], { kernel_shape: [patch, patch], strides: [patch, patch] });
  const positions = widened(weights.positions);
  graph.add('placed_grid', 'Add', ['grid', addGridPositions(graph, shape, positions)]);
  graph.add('patches', 'Transpose', [addFlat(graph, 'patch_row', 'placed_grid')], { perm: [0, 2, 1] });
  const token = widened(weights.classToken).data.map((value, i) => Math.fround(value + positions.data[i]));
  const classToken = graph.floats('class_token', token, [1, 1, width]);
  const classTokens = addPerPicture(graph, 'class_tokens', classToken, 'pixels', width);
  let x = graph.add('tokens', 'Concat', [classTokens, 'patches'], { axis: 1 });
  for (let i = 0; i < keyBlock; i++) x = transformer.block(`block${i}`, x, weights.blocks[i], { fused: true });
  const { norm1, key } = weights.blocks[keyBlock];
  const range = [
    graph.integers('one_token', [1]),
    graph.integers('to_end', [2 ** 31 - 1]),
    graph.integers('token_axis', [1]),
  ];
  const withoutClass = graph.add('without_class', 'Slice', [x, ...range]);
  // The rows of the projection come in the order of the descriptor, so that nothing is moved at run time.
  const perHead = width / heads;
  const order = Array.from({ length: width }, (_, i) => (i % heads) * perHead + Math.floor(i / heads));
  const descriptor = { weight: reordered(key.weight, order), bias: reordered(key.bias, order) };
  transformer.linear('keys', transformer.norm('key_norm', withoutClass, norm1), descriptor);
  graph.output('keys', ['N', 'P', width]);
  return graph.encode(opset, description);
}

/**
 * The positional table at the size of the grid, [1, width, rows, cols]: bicubic (a = −0.75, edge clamp) with the
 * scale factors (rows + 0.1)/side and (cols + 0.1)/side of the original code, whose 0.1 enters the sampling positions.
 * A square picture of as many patches as the table takes it as it is.
 */
function addGridPositions(graph: GraphBuilder, { width, tableSide }: DenseTowerShape, positions: Weight): string {
  const table = transposed(sliced(positions, 1, 1 + tableSide ** 2));
  addWeight(graph, 'table', reshaped(table, [1, width, tableSide, tableSide]));
  graph.add('grid_size', 'Shape', ['grid'], { start: 2, end: 4 });
  const sides = ['height', 'width'].map((name, axis) =>
    graph.add(name, 'Shape', ['pixels'], { start: 2 + axis, end: 3 + axis }),
  );
  graph.add('is_square', 'Equal', sides);
  graph.add('patch_count', 'ReduceProd', ['grid_size'], { axes: [0], keepdims: 1 });
  graph.add('fits', 'Equal', ['patch_count', graph.integers('table_count', [tableSide ** 2])]);
  graph.add('as_trained', 'And', ['is_square', 'fits']);
  graph.add('offset', 'Where', ['as_trained', graph.floats('none', [0], [1]), graph.floats('tenth', [0.1], [1])]);
  graph.add('grid_size_float', 'Cast', ['grid_size'], { to: 1 });
  graph.add('sampled_size', 'Add', ['grid_size_float', 'offset']);
  graph.add('grid_scales', 'Div', ['sampled_size', graph.floats('table_side', [tableSide], [1])]);
  graph.add('scales', 'Concat', [graph.floats('outer_scales', [1, 1], [2]), 'grid_scales'], { axis: 0 });
  return graph.add('grid_positions', 'Resize', ['table', '', 'scales'], {
    mode: 'cubic',
    cubic_coeff_a: { float: -0.75 },
    coordinate_transformation_mode: 'half_pixel',
  });
}
