/**
 * Writes a complete encoder folder with graphs of a few numbers, so that tests of encoders and of everything behind
 * them run on any machine without weights. Image: mean colour times a matrix. Text: mean of token vectors. Dense
 * (optional): one convolution with patches. Graphs are written field by field after the public ONNX schema.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const { Writer } = protobuf;

export type Shape = readonly (number | string)[];

export interface GraphSpec {
  inputs: { name: string; type: 'float32' | 'int64' | 'float64'; shape: Shape }[];
  outputs: { name: string; type: 'float32' | 'float64'; shape: Shape }[];
  weights: { name: string; shape: readonly number[]; data: Float32Array }[];
  nodes: { op: string; inputs: string[]; output: string; ints?: Record<string, number | number[]> }[];
}

const elementTypes = { float32: 1, int64: 7, float64: 11 };

/** An ONNX model (opset 13). */
export function writeModel(graph: GraphSpec): Uint8Array {
  const body = Writer.create();
  for (const node of graph.nodes) {
    const message = Writer.create();
    for (const input of node.inputs) message.uint32(10).string(input);
    message.uint32(18).string(node.output).uint32(34).string(node.op);
    for (const [name, value] of Object.entries(node.ints ?? {})) {
      const attribute = Writer.create().uint32(10).string(name);
      if (typeof value === 'number') attribute.uint32(24).int64(value).uint32(160).int32(2);
      else {
        for (const item of value) attribute.uint32(64).int64(item);
        attribute.uint32(160).int32(7);
      }
      message.uint32(42).bytes(attribute.finish());
    }
    body.uint32(10).bytes(message.finish());
  }
  body.uint32(18).string('tiny');
  for (const weight of graph.weights) {
    const tensor = Writer.create();
    for (const size of weight.shape) tensor.uint32(8).int64(size);
    tensor.uint32(16).int32(1).uint32(66).string(weight.name);
    tensor.uint32(74).bytes(new Uint8Array(weight.data.buffer, weight.data.byteOffset, weight.data.byteLength));
    body.uint32(42).bytes(tensor.finish());
  }
  for (const port of graph.inputs) body.uint32(90).bytes(valueInfo(port));
  for (const port of graph.outputs) body.uint32(98).bytes(valueInfo(port));
  const opset = Writer.create().uint32(10).string('').uint32(16).int64(13).finish();
  return Writer.create().uint32(8).int64(8).uint32(66).bytes(opset).uint32(58).bytes(body.finish()).finish();
}

function valueInfo(port: { name: string; type: keyof typeof elementTypes; shape: Shape }): Uint8Array {
  const shape = Writer.create();
  for (const size of port.shape) {
    const dimension = Writer.create();
    if (typeof size === 'number') dimension.uint32(8).int64(size);
    else dimension.uint32(18).string(size);
    shape.uint32(10).bytes(dimension.finish());
  }
  const tensor = Writer.create().uint32(8).int32(elementTypes[port.type]).uint32(18).bytes(shape.finish()).finish();
  const type = Writer.create().uint32(10).bytes(tensor).finish();
  return Writer.create().uint32(10).string(port.name).uint32(18).bytes(type).finish();
}

export const tinyVocabulary = ['[PAD]', '[UNK]', 'object', 'things', 'stuff', 'texture', 'red', 'green', 'blue'];

/** Directions of red, green, blue in the tiny space; [3, 4] row-major, the last axis is a constant. */
export const tinyColourMatrix = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
export const tinyConstant = Float32Array.of(0, 0, 0, 0.25);

export interface TinyEncoderOptions {
  /** Changes to encoder.json before it is written. */
  edit?: (description: Record<string, Record<string, unknown>>) => void;
  image?: GraphSpec;
  text?: GraphSpec;
  dense?: GraphSpec;
  tokenizer?: string;
}

const side = 8;
const context = 4;

export function tinyImageGraph(dim = 4): GraphSpec {
  return {
    inputs: [{ name: 'pixels', type: 'float32', shape: ['N', 3, side, side] }],
    outputs: [{ name: 'embedding', type: 'float32', shape: ['N', dim] }],
    weights: [
      { name: 'matrix', shape: [3, dim], data: dim === 4 ? tinyColourMatrix : new Float32Array(3 * dim).fill(1) },
      { name: 'constant', shape: [dim], data: dim === 4 ? tinyConstant : new Float32Array(dim) },
    ],
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['pixels'], output: 'pooled' },
      { op: 'Flatten', inputs: ['pooled'], output: 'colour', ints: { axis: 1 } },
      { op: 'MatMul', inputs: ['colour', 'matrix'], output: 'product' },
      { op: 'Add', inputs: ['product', 'constant'], output: 'embedding' },
    ],
  };
}

export function tinyTextGraph(): GraphSpec {
  const table = new Float32Array(tinyVocabulary.length * 4);
  for (let row = 0; row < tinyVocabulary.length; row++) table[4 * row + (row >= 6 ? row - 6 : 3)] = 1;
  return {
    inputs: [{ name: 'ids', type: 'int64', shape: ['N', context] }],
    outputs: [{ name: 'embedding', type: 'float32', shape: ['N', 4] }],
    weights: [{ name: 'table', shape: [tinyVocabulary.length, 4], data: table }],
    nodes: [
      { op: 'Gather', inputs: ['table', 'ids'], output: 'vectors', ints: { axis: 0 } },
      { op: 'ReduceMean', inputs: ['vectors'], output: 'embedding', ints: { axes: [1], keepdims: 0 } },
    ],
  };
}

/** Mean red and mean green of every 4×4 patch, [1, 2, rows, cols]. */
export function tinyDenseGraph(): GraphSpec {
  const kernel = new Float32Array(2 * 3 * 16);
  kernel.fill(1 / 16, 0, 16);
  kernel.fill(1 / 16, 64, 80);
  return {
    inputs: [{ name: 'pixels', type: 'float32', shape: [1, 3, 'H', 'W'] }],
    outputs: [{ name: 'features', type: 'float32', shape: [1, 2, 'rows', 'cols'] }],
    weights: [{ name: 'kernel', shape: [2, 3, 4, 4], data: kernel }],
    nodes: [
      {
        op: 'Conv',
        inputs: ['pixels', 'kernel'],
        output: 'features',
        ints: { kernel_shape: [4, 4], strides: [4, 4], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 },
      },
    ],
  };
}

/** Writes the folder and returns its path. */
export function writeTinyEncoder(folder: string, options: TinyEncoderOptions = {}): string {
  mkdirSync(folder, { recursive: true });
  const description: Record<string, Record<string, unknown>> = {
    image: {
      file: 'image.onnx',
      input: 'pixels',
      output: 'embedding',
      size: side,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    text: { file: 'text.onnx', input: 'ids', output: 'embedding', contextLength: context, padId: 0, unkId: 1 },
  };
  if (options.dense)
    description.dense = {
      file: 'dense.onnx',
      input: 'pixels',
      output: 'features',
      size: 16,
      patch: 4,
      dim: 2,
      outputLayout: 'nchw',
      mean: [0, 0, 0],
      std: [1, 1, 1],
    };
  Object.assign(description, { name: 'tiny', dim: 4 });
  options.edit?.(description);
  writeFileSync(join(folder, 'encoder.json'), JSON.stringify(description, null, 1));
  writeFileSync(join(folder, 'image.onnx'), writeModel(options.image ?? tinyImageGraph()));
  writeFileSync(join(folder, 'text.onnx'), writeModel(options.text ?? tinyTextGraph()));
  if (options.dense) writeFileSync(join(folder, 'dense.onnx'), writeModel(options.dense));
  const vocab = Object.fromEntries(tinyVocabulary.map((word, id) => [word, id]));
  writeFileSync(
    join(folder, 'tokenizer.json'),
    options.tokenizer ??
      JSON.stringify({
        version: '1.0',
        truncation: null,
        padding: null,
        added_tokens: [],
        normalizer: { type: 'Lowercase' },
        pre_tokenizer: { type: 'WhitespaceSplit' },
        post_processor: null,
        decoder: null,
        model: { type: 'WordLevel', continuing_subword_prefix: '##', vocab, unk_token: '[UNK]' },
      }),
  );
  return folder;
}
