/**
 * The forward pass of a pre-norm vision transformer in float64, written from the definitions and apart from the importer,
 * on a map of named float32 tensors; and random weights to run it on.
 */
import { randomUniform } from '../../math/random.ts';
import type { Tensor } from '../../formats/safetensors.ts';

export type Tensors = Map<string, Tensor>;
/** [tokens][width] */
export type Tokens = number[][];

/** Adds random tensors by name: matrices small enough that depth keeps the scale, norms near 1, the rest near 0. */
export class RandomTensors {
  readonly tensors: Tensors = new Map();
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  add(name: string, shape: number[], scale = 1 / Math.sqrt(shape[shape.length - 1]), offset = 0): void {
    const stream = this.tensors.size;
    const length = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from(
      { length },
      (_, i) => offset + 2 * scale * (randomUniform(this.seed, stream, i) - 0.5) * Math.sqrt(3),
    );
    this.tensors.set(name, { shape, data });
  }

  linear(name: string, out: number, input: number): void {
    this.add(`${name}.weight`, [out, input]);
    this.add(`${name}.bias`, [out], 0.25);
  }

  norm(name: string, width: number): void {
    this.add(`${name}.weight`, [width], 0.25, 1);
    this.add(`${name}.bias`, [width], 0.25);
  }
}

export class Float64Vit {
  private readonly tensors: Tensors;
  private readonly eps: number;
  private readonly gelu: (x: number) => number;

  constructor(tensors: Tensors, eps: number, gelu: (x: number) => number) {
    this.tensors = tensors;
    this.eps = eps;
    this.gelu = gelu;
  }

  numbers(name: string): Float32Array {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`no tensor ${name}`);
    return tensor.data;
  }

  /** Rows [from, to) of a weight and bias of PyTorch's layout. */
  affine(x: Tokens, weight: Float32Array, bias: Float32Array, from = 0, to = bias.length): Tokens {
    const input = weight.length / bias.length;
    return x.map((token) =>
      Array.from({ length: to - from }, (_, row) =>
        token.reduce((sum, value, i) => sum + value * weight[(from + row) * input + i], bias[from + row]),
      ),
    );
  }

  linear(name: string, x: Tokens): Tokens {
    return this.affine(x, this.numbers(`${name}.weight`), this.numbers(`${name}.bias`));
  }

  norm(name: string, x: Tokens): Tokens {
    const [weight, bias] = [this.numbers(`${name}.weight`), this.numbers(`${name}.bias`)];
    return x.map((token) => {
      const mean = token.reduce((sum, value) => sum + value, 0) / token.length;
      const variance = token.reduce((sum, value) => sum + (value - mean) ** 2, 0) / token.length;
      return token.map((value, i) => ((value - mean) / Math.sqrt(variance + this.eps)) * weight[i] + bias[i]);
    });
  }

  mlp(fc1: string, fc2: string, x: Tokens): Tokens {
    return this.linear(
      fc2,
      this.linear(fc1, x).map((token) => token.map(this.gelu)),
    );
  }

  /** Patches of `pixels` [3, height, width], row-major, what does not fill one is left out. */
  patches(name: string, pixels: Float32Array, height: number, width: number, patch: number): Tokens {
    const tokens: Tokens = [];
    for (let row = 0; row + patch <= height; row += patch)
      for (let col = 0; col + patch <= width; col += patch) {
        const values: number[] = [];
        for (let channel = 0; channel < 3; channel++)
          for (let y = 0; y < patch; y++)
            for (let x = 0; x < patch; x++) values.push(pixels[(channel * height + row + y) * width + col + x]);
        tokens.push(values);
      }
    return this.linear(name, tokens);
  }
}

export function attend(query: Tokens, key: Tokens, value: Tokens, heads: number): Tokens {
  const size = query[0].length / heads;
  return query.map((q) => {
    const out: number[] = [];
    for (let head = 0; head < heads; head++) {
      const part = (token: number[]) => token.slice(head * size, (head + 1) * size);
      const logits = key.map((k) => dot(part(q), part(k)) / Math.sqrt(size));
      const largest = Math.max(...logits);
      const weights = logits.map((logit) => Math.exp(logit - largest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let d = 0; d < size; d++)
        out.push(value.reduce((sum, v, token) => sum + (weights[token] / total) * v[head * size + d], 0));
    }
    return out;
  });
}

export const add = (a: Tokens, b: Tokens): Tokens => a.map((token, t) => token.map((value, i) => value + b[t][i]));

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

export const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** With the error function as its series, which converges for every size a hidden unit has here. */
export function exactGelu(x: number): number {
  const z = x / Math.SQRT2;
  let [term, sum] = [z, z];
  for (let n = 1; n < 200; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return 0.5 * x * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}
