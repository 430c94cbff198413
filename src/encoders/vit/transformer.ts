/**
 * The pre-norm transformer block that the towers of CLIP and SigLIP and DINO share, written as standard ONNX operators:
 * x += out(attention(LN1 x)), x += fc2(act(fc1(LN2 x))). Float32 throughout; half-precision weights are stored as
 * halves and widened by the runtime when it loads the graph.
 */
import type { GraphBuilder } from './onnx-writer.ts';
import { transposed, type Weight } from './weights.ts';

export type Activation = 'gelu' | 'quick_gelu' | 'gelu_tanh';

export interface TransformerShape {
  width: number;
  heads: number;
  layers: number;
  /** Exact (erf) GELU, x·sigmoid(1.702 x), or x/2·(1 + tanh(√(2/π)·(x + 0.044715 x³))). */
  activation: Activation;
  layerNormEps: number;
}

export interface NormWeights {
  weight: Weight;
  bias: Weight;
}

export interface LinearWeights {
  /** [out, in], as PyTorch stores it. */
  weight: Weight;
  bias: Weight;
}

export interface BlockWeights {
  norm1: NormWeights;
  query: LinearWeights;
  key: LinearWeights;
  value: LinearWeights;
  out: LinearWeights;
  norm2: NormWeights;
  fc1: LinearWeights;
  fc2: LinearWeights;
}

export interface BlockOptions {
  /** Name of a tensor added to the attention logits, broadcast to [N, heads, queries, tokens]. */
  mask?: string;
  /**
   * Narrows the tokens [N, T, width] to those whose result is wanted. The last block of a tower that reads one token
   * computes queries, projection and MLP for that token only; keys and values still come from all.
   */
  pick?: (name: string, tokens: string) => string;
  /**
   * Attention as one operator of ONNX Runtime, which never holds all logits at once: for thousands of tokens it takes
   * half the time and a fifth of the memory; for hundreds it is no faster. It cannot be had together with a mask here.
   */
  fused?: boolean;
}

/** Adds a weight as a constant of the graph; the result is float32. */
export function addWeight(graph: GraphBuilder, name: string, { data, shape }: Weight): string {
  if (data instanceof Float32Array) return graph.floats(name, data, shape);
  return graph.add(name, 'Cast', [graph.halves(`${name}_half`, data, shape)], { to: 1 });
}

/** Adds the parts of one transformer to a graph; constants that all blocks share are added once. */
export class TransformerBuilder {
  private readonly graph: GraphBuilder;
  private readonly shape: TransformerShape;

  /** The width must be a multiple of the heads. */
  constructor(graph: GraphBuilder, shape: TransformerShape) {
    this.graph = graph;
    this.shape = shape;
    const { width, heads, activation } = shape;
    graph.floats('logit_scale', [1 / Math.sqrt(width / heads)]);
    graph.integers('split_heads', [0, 0, heads, width / heads]);
    graph.integers('join_heads', [0, 0, width]);
    if (activation === 'quick_gelu') graph.floats('gelu_slope', [1.702]);
    else if (activation === 'gelu_tanh') {
      graph.floats('gelu_cubic', [0.044715]);
      graph.floats('gelu_scale', [Math.sqrt(2 / Math.PI)]);
      graph.floats('one', [1]);
      graph.floats('half', [0.5]);
    } else {
      graph.floats('gelu_scale', [Math.SQRT2]);
      graph.floats('one', [1]);
      graph.floats('half', [0.5]);
    }
  }

  norm(name: string, input: string, { weight, bias }: NormWeights): string {
    const { graph } = this;
    const inputs = [input, addWeight(graph, `${name}_weight`, weight), addWeight(graph, `${name}_bias`, bias)];
    return graph.add(name, 'LayerNormalization', inputs, { axis: -1, epsilon: { float: this.shape.layerNormEps } });
  }

  linear(name: string, input: string, { weight, bias }: LinearWeights): string {
    const { graph } = this;
    graph.add(`${name}_product`, 'MatMul', [input, addWeight(graph, `${name}_weight`, transposed(weight))]);
    return graph.add(name, 'Add', [`${name}_product`, addWeight(graph, `${name}_bias`, bias)]);
  }

  /** x [N, T, width] → [N, picked tokens, width]. */
  block(name: string, x: string, weights: BlockWeights, { mask, pick, fused }: BlockOptions = {}): string {
    const { graph } = this;
    const normed = this.norm(`${name}_norm1`, x, weights.norm1);
    const wanted = pick ? pick(`${name}_norm1_picked`, normed) : normed;
    const base = pick ? pick(`${name}_picked`, x) : x;
    const mixed = fused
      ? this.fusedAttention(name, wanted, normed, weights)
      : this.attention(name, wanted, normed, weights, mask);
    const attended = this.linear(`${name}_out`, mixed, weights.out);
    const middle = graph.add(`${name}_middle`, 'Add', [base, attended]);
    return this.feedForward(name, middle, weights);
  }

  /** x + fc2(act(fc1(norm2 x))). */
  feedForward(name: string, x: string, weights: Pick<BlockWeights, 'norm2' | 'fc1' | 'fc2'>): string {
    const hidden = this.linear(`${name}_fc1`, this.norm(`${name}_norm2`, x, weights.norm2), weights.fc1);
    const mlp = this.linear(`${name}_fc2`, this.activate(`${name}_act`, hidden), weights.fc2);
    return this.graph.add(name, 'Add', [x, mlp]);
  }

  /** Attention of the tokens `wanted` to `tokens`, both [N, ·, width] after LN1; not yet projected. */
  attention(
    name: string,
    wanted: string,
    tokens: string,
    weights: Pick<BlockWeights, 'query' | 'key' | 'value'>,
    mask?: string,
  ): string {
    const { graph } = this;
    const perHead = (part: 'query' | 'key' | 'value', input: string, perm: readonly number[]): string => {
      const all = this.linear(`${name}_${part}_all`, input, weights[part]);
      const split = graph.add(`${name}_${part}_split`, 'Reshape', [all, 'split_heads']);
      return graph.add(`${name}_${part}`, 'Transpose', [split], { perm });
    };
    const query = perHead('query', wanted, [0, 2, 1, 3]); // [N, heads, Q, d]
    const key = perHead('key', tokens, [0, 2, 3, 1]); // [N, heads, d, T]
    const value = perHead('value', tokens, [0, 2, 1, 3]); // [N, heads, T, d]
    const scaled = graph.add(`${name}_query_scaled`, 'Mul', [query, 'logit_scale']);
    let logits = graph.add(`${name}_logits`, 'MatMul', [scaled, key]);
    if (mask) logits = graph.add(`${name}_masked`, 'Add', [logits, mask]);
    const shares = graph.add(`${name}_shares`, 'Softmax', [logits], { axis: -1 });
    const mixed = graph.add(`${name}_mixed`, 'MatMul', [shares, value]);
    const together = graph.add(`${name}_together`, 'Transpose', [mixed], { perm: [0, 2, 1, 3] });
    return graph.add(`${name}_joined`, 'Reshape', [together, 'join_heads']);
  }

  /** The same by ONNX Runtime's own operator. */
  private fusedAttention(name: string, wanted: string, tokens: string, weights: BlockWeights): string {
    const query = this.linear(`${name}_query`, wanted, weights.query);
    const key = this.linear(`${name}_key`, tokens, weights.key);
    const value = this.linear(`${name}_value`, tokens, weights.value);
    const heads = { num_heads: this.shape.heads };
    return this.graph.add(`${name}_joined`, 'com.microsoft::MultiHeadAttention', [query, key, value], heads);
  }

  private activate(name: string, x: string): string {
    const { graph } = this;
    if (this.shape.activation === 'quick_gelu') {
      const scaled = graph.add(`${name}_scaled`, 'Mul', [x, 'gelu_slope']);
      return graph.add(name, 'Mul', [x, graph.add(`${name}_gate`, 'Sigmoid', [scaled])]);
    }
    if (this.shape.activation === 'gelu_tanh') {
      const square = graph.add(`${name}_square`, 'Mul', [x, x]);
      const cube = graph.add(`${name}_cube`, 'Mul', [square, x]);
      const sum = graph.add(`${name}_sum`, 'Add', [x, graph.add(`${name}_cubic`, 'Mul', [cube, 'gelu_cubic'])]);
      const bent = graph.add(`${name}_tanh`, 'Tanh', [graph.add(`${name}_scaled`, 'Mul', [sum, 'gelu_scale'])]);
      const raised = graph.add(`${name}_raised`, 'Add', [bent, 'one']);
      return graph.add(name, 'Mul', [graph.add(`${name}_gated`, 'Mul', [x, raised]), 'half']);
    }
    // x/2 · (1 + erf(x/√2)), in the order that runtimes recognise as one operation.
    const scaled = graph.add(`${name}_scaled`, 'Div', [x, 'gelu_scale']);
    const raised = graph.add(`${name}_raised`, 'Add', [graph.add(`${name}_erf`, 'Erf', [scaled]), 'one']);
    return graph.add(name, 'Mul', [graph.add(`${name}_gated`, 'Mul', [x, raised]), 'half']);
  }
}
