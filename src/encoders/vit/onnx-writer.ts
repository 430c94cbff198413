/**
 * Writes ONNX graphs: the protobuf wire format by hand, for the part of onnx.proto (field numbers of the ONNX IR
 * specification) that a feed-forward graph needs, and a small builder on top. It is no general ONNX library: it reads
 * nothing and knows no sub-graphs. The bytes depend on the graph alone, so a rebuild gives the same file. Weights are
 * kept by reference and copied once, when the file is put together.
 */
import { LangfieldError } from '../../errors.ts';

/** ONNX's element types (TensorProto.DataType). */
const elementTypes = { float: 1, int64: 7, float16: 10 } as const;
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;
/** A protobuf message cannot be longer; the runtime refuses such a file. */
const largestFile = 2 ** 31 - 1;

/** A string names a free dimension ("N"). */
export type Dimensions = readonly (number | string)[];
/** Numbers are integers; a float is wrapped so that 1.0 stays one. */
export type Attribute = number | readonly number[] | string | { float: number };

/** One protobuf message under construction: a list of byte runs and their total length. */
class Message {
  readonly runs: Uint8Array[] = [];
  length = 0;

  integer(field: number, value: number): this {
    this.key(field, 0);
    return this.push(varint(value));
  }

  float(field: number, value: number): this {
    this.key(field, 5);
    return this.push(littleEndian(Float32Array.of(value)));
  }

  bytes(field: number, value: Uint8Array): this {
    this.key(field, 2);
    this.push(varint(value.length));
    return this.push(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Packed, one length for all. */
  integers(field: number, values: readonly number[]): this {
    const packed = new Message();
    for (const value of values) packed.push(varint(value));
    return values.length === 0 ? this : this.message(field, packed);
  }

  message(field: number, value: Message): this {
    this.key(field, 2);
    this.push(varint(value.length));
    for (const run of value.runs) this.runs.push(run);
    this.length += value.length;
    return this;
  }

  /** The bytes in one piece. */
  finish(): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.length);
    let offset = 0;
    for (const run of this.runs) {
      file.set(run, offset);
      offset += run.length;
    }
    return file;
  }

  private key(field: number, wireType: number): void {
    this.push(varint(field * 8 + wireType));
  }

  private push(run: Uint8Array): this {
    this.runs.push(run);
    this.length += run.length;
    return this;
  }
}

/** A 64-bit varint; negative numbers as two's complement, ten bytes. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export class GraphBuilder {
  private readonly name: string;
  private readonly nodes: Message[] = [];
  private readonly constants: Message[] = [];
  private readonly inputs: Message[] = [];
  private readonly outputs: Message[] = [];
  private readonly names = new Set<string>();
  /** Operator sets beside ONNX's own that nodes come from. */
  private readonly domains = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  input(name: string, type: 'float' | 'int64', dims: Dimensions): string {
    this.inputs.push(valueInfo(this.claim(name), type, dims));
    return name;
  }

  /** `name` must be the name of a node. */
  output(name: string, dims: Dimensions): void {
    if (!this.names.has(name)) throw new Error(`output ${name} is computed by no node`);
    this.outputs.push(valueInfo(name, 'float', dims));
  }

  /** A float32 constant; no dims = a scalar. A Float32Array is not copied until `encode`. */
  floats(name: string, values: Float32Array | readonly number[], dims: readonly number[] = []): string {
    const data = values instanceof Float32Array ? values : Float32Array.from(values);
    return this.constant(name, 'float', data, data.length, dims);
  }

  /** A float16 constant from the bits of its numbers. */
  halves(name: string, bits: Uint16Array, dims: readonly number[]): string {
    return this.constant(name, 'float16', bits, bits.length, dims);
  }

  /** An int64 constant of one axis, or a scalar. */
  integers(name: string, values: readonly number[] | number): string {
    const list = typeof values === 'number' ? [values] : values;
    const data = BigInt64Array.from(list, BigInt);
    return this.constant(name, 'int64', data, data.length, typeof values === 'number' ? [] : [list.length]);
  }

  /**
   * Adds a node; its one output is named `name`. An empty input name leaves out an optional input. "domain::Operator"
   * names an operator of another set than ONNX's own.
   */
  add(name: string, opType: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.addNode([name], opType, inputs, attributes)[0];
  }

  /** Adds a node of several outputs. */
  addNode(
    outputs: readonly string[],
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
  ): readonly string[] {
    const node = new Message();
    for (const input of inputs) {
      if (input !== '' && !this.names.has(input)) throw new Error(`node ${outputs[0]} reads the unknown ${input}`);
      node.text(1, input);
    }
    for (const output of outputs) node.text(2, this.claim(output));
    const [operator, domain] = opType.split('::').reverse();
    node.text(3, outputs[0]).text(4, operator);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attributeMessage(key, value));
    if (domain !== undefined) {
      this.domains.add(domain);
      node.text(7, domain);
    }
    this.nodes.push(node);
    return outputs;
  }

  /** The file's bytes. */
  encode(opset: number, description: string): Uint8Array<ArrayBuffer> {
    const graph = new Message();
    for (const node of this.nodes) graph.message(1, node);
    graph.text(2, this.name);
    for (const constant of this.constants) graph.message(5, constant);
    for (const input of this.inputs) graph.message(11, input);
    for (const output of this.outputs) graph.message(12, output);
    const model = new Message()
      // The IR version that came with the opset.
      .integer(1, opset >= 15 ? 8 : 7)
      .text(2, 'langfield')
      .text(6, description)
      .message(7, graph)
      .message(8, new Message().text(1, '').integer(2, opset));
    for (const domain of this.domains) model.message(8, new Message().text(1, domain).integer(2, 1));
    if (model.length > largestFile)
      throw new LangfieldError({
        problem: `the graph ${this.name} does not fit into one ONNX file`,
        found: `${(model.length / 1e9).toFixed(1)} GB`,
        expected: 'at most 2.1 GB',
        advice: 'Use weights in half precision (F16) or a smaller model',
      });
    return model.finish();
  }

  private constant(
    name: string,
    type: keyof typeof elementTypes,
    data: Float32Array | Uint16Array | BigInt64Array,
    count: number,
    dims: readonly number[],
  ): string {
    const expected = dims.reduce((product, size) => product * size, 1);
    if (expected !== count) throw new Error(`${name}: ${count} numbers do not fill [${dims}]`);
    const tensor = new Message()
      .integers(1, dims)
      .integer(2, elementTypes[type])
      .text(8, this.claim(name))
      .bytes(9, littleEndian(data));
    this.constants.push(tensor);
    return name;
  }

  private claim(name: string): string {
    if (this.names.has(name)) throw new Error(`the name ${name} is taken`);
    this.names.add(name);
    return name;
  }
}

function attributeMessage(name: string, value: Attribute): Message {
  const attribute = new Message().text(1, name);
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, attributeTypes.int);
  if (typeof value === 'string') return attribute.text(4, value).integer(20, attributeTypes.string);
  if ('float' in value) return attribute.float(2, value.float).integer(20, attributeTypes.float);
  return attribute.integers(8, value).integer(20, attributeTypes.ints);
}

function valueInfo(name: string, type: keyof typeof elementTypes, dims: Dimensions): Message {
  const shape = new Message();
  for (const size of dims)
    shape.message(1, typeof size === 'string' ? new Message().text(2, size) : new Message().integer(1, size));
  const tensorType = new Message().integer(1, elementTypes[type]).message(2, shape);
  return new Message().text(1, name).message(2, new Message().message(1, tensorType));
}

/** Little-endian, as ONNX wants it; every machine that runs this is. */
function littleEndian(data: Float32Array | Uint16Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
