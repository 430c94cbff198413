/**
 * SigLIP's towers as ONNX graphs. Image: pixels [N, 3, side, side] → embedding [N, width]; patches with a bias, no class
 * token, and at the end one learned probe that attends to all patches. Text: ids [N, L] → embedding [N, dim]; no mask at
 * all, read at the last place, padding included, so that texts must be padded to the length they were trained with.
 */
import { GraphBuilder } from './onnx-writer.ts';
import {
  addWeight,
  type BlockWeights,
  type LinearWeights,
  type NormWeights,
  TransformerBuilder,
  type TransformerShape,
} from './transformer.ts';
import { addFlat, addPerPicture, opset } from './vit-image.ts';
import { reshaped, type Weight } from './weights.ts';

export interface SiglipImageShape extends TransformerShape {
  /** Side of the square picture, pixels. */
  side: number;
  patch: number;
}

export interface SiglipImageWeights {
  /** [width, 3, patch, patch] */
  patch: Weight;
  /** [width] */
  patchBias: Weight;
  /** [patches, width] */
  positions: Weight;
  blocks: readonly BlockWeights[];
  normPost: NormWeights;
  /** [1, 1, width] */
  probe: Weight;
  /** Of the probe; the norm is the MLP's. */
  head: Pick<BlockWeights, 'query' | 'key' | 'value' | 'out' | 'norm2' | 'fc1' | 'fc2'>;
}

/** The bytes of an ONNX file with input "pixels" and output "embedding". */
export function siglipImageGraph(
  shape: SiglipImageShape,
  weights: SiglipImageWeights,
  description: string,
): Uint8Array {
  const { width, layers, side, patch } = shape;
  const graph = new GraphBuilder('siglip-image');
  const transformer = new TransformerBuilder(graph, shape);
  graph.input('pixels', 'float', ['N', 3, side, side]);
  const kernel = [addWeight(graph, 'patch_weight', weights.patch), addWeight(graph, 'patch_bias', weights.patchBias)];
  graph.add('grid', 'Conv', ['pixels', ...kernel], { kernel_shape: [patch, patch], strides: [patch, patch] });
  const patches = graph.add('patches', 'Transpose', [addFlat(graph, 'patch_row', 'grid')], { perm: [0, 2, 1] });
  let x = graph.add('placed', 'Add', [patches, addWeight(graph, 'positions', weights.positions)]);
  for (let i = 0; i < layers; i++) x = transformer.block(`block${i}`, x, weights.blocks[i]);
  const normed = transformer.norm('norm_post', x, weights.normPost);
  const probe = addWeight(graph, 'probe', reshaped(weights.probe, [1, 1, width]));
  const probes = addPerPicture(graph, 'probes', probe, 'pixels', width);
  const mixed = transformer.attention('head', probes, normed, weights.head);
  const attended = transformer.linear('head_out', mixed, weights.head.out);
  const pooled = transformer.feedForward('pooled', attended, weights.head);
  graph.add('embedding', 'Squeeze', [pooled, graph.integers('probe_axis', [1])]);
  graph.output('embedding', ['N', width]);
  return graph.encode(opset, description);
}

export interface SiglipTextShape extends TransformerShape {
  contextLength: number;
  vocabSize: number;
  dim: number;
}

export interface SiglipTextWeights {
  /** [vocabSize, width] */
  tokens: Weight;
  /** [contextLength, width] */
  positions: Weight;
  blocks: readonly BlockWeights[];
  normFinal: NormWeights;
  /** [dim, width] */
  head: LinearWeights;
}

/** The bytes of an ONNX file with input "ids" (int64) and output "embedding". */
export function siglipTextGraph(shape: SiglipTextShape, weights: SiglipTextWeights, description: string): Uint8Array {
  const { layers, contextLength, dim } = shape;
  const graph = new GraphBuilder('siglip-text');
  const transformer = new TransformerBuilder(graph, shape);
  graph.input('ids', 'int64', ['N', contextLength]);
  graph.add('words', 'Gather', [addWeight(graph, 'table', weights.tokens), 'ids'], { axis: 0 });
  let x = graph.add('placed', 'Add', ['words', addWeight(graph, 'positions', weights.positions)]);
  const axis = graph.integers('token_axis', [1]);
  const range = [graph.integers('last', [-1]), graph.integers('end', [2 ** 31 - 1]), axis];
  const pick = (name: string, tokens: string) => graph.add(name, 'Slice', [tokens, ...range]);
  for (let i = 0; i < layers; i++)
    x = transformer.block(`block${i}`, x, weights.blocks[i], i === layers - 1 ? { pick } : {});
  const read = graph.add('read', 'Squeeze', [x, axis]);
  transformer.linear('embedding', transformer.norm('norm_final', read, weights.normFinal), weights.head);
  graph.output('embedding', ['N', dim]);
  return graph.encode(opset, description);
}
