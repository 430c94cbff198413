/**
 * Writes ONNX graphs: the part of onnx.proto (field numbers of the ONNX IR specification) that a feed-forward graph
 * needs, and a small builder on top. It is not a general ONNX library: float32 and int64 constants only, no
 * sub-graphs. The bytes depend on the graph alone, so a rebuild gives the same file.
 */
import protobuf from 'protobufjs';

const field = (id: number, type: string, rule?: 'repeated') => (rule ? { id, type, rule } : { id, type });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        docString: field(6, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: field(8, 'OperatorSetIdProto', 'repeated'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    GraphProto: {
      fields: {
        node: field(1, 'NodeProto', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'TensorProto', 'repeated'),
        input: field(11, 'ValueInfoProto', 'repeated'),
        output: field(12, 'ValueInfoProto', 'repeated'),
      },
    },
    NodeProto: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'AttributeProto', 'repeated'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        i: field(3, 'int64'),
        ints: field(8, 'int64', 'repeated'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: {
        dims: field(1, 'int64', 'repeated'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: field(1, 'Dimension', 'repeated') } },
    Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
});

const elementTypes = { float: 1, int64: 7 } as const;
const attributeTypes = { int: 2, ints: 7 } as const;

/** A string names a free dimension ("N"). */
export type Dimensions = readonly (number | string)[];

interface ValueInfo {
  name: string;
  type: object;
}

export class GraphBuilder {
  private readonly nodes: object[] = [];
  private readonly constants: object[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  input(name: string, type: keyof typeof elementTypes, dims: Dimensions): string {
    this.inputs.push(valueInfo(name, type, dims));
    return name;
  }

  output(name: string, dims: Dimensions): void {
    this.outputs.push(valueInfo(name, 'float', dims));
  }

  /** A float32 constant; no dims = a scalar. */
  floats(name: string, values: readonly number[], dims: readonly number[] = []): string {
    this.constants.push({ name, dims, dataType: elementTypes.float, rawData: bytesOf(Float32Array.from(values)) });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    this.constants.push({ name, dims: [values.length], dataType: elementTypes.int64, rawData: bytesOf(data) });
    return name;
  }

  /** Adds a node; its output is named `name`. Attributes are integers or lists of integers. */
  add(name: string, opType: string, input: readonly string[], attributes: Record<string, number | number[]> = {}) {
    const attribute = Object.entries(attributes).map(([key, value]) =>
      Array.isArray(value)
        ? { name: key, ints: value, type: attributeTypes.ints }
        : { name: key, i: value, type: attributeTypes.int },
    );
    this.nodes.push({ name, opType, input, output: [name], attribute });
    return name;
  }

  /** The file's bytes. */
  encode(opset: number, docString: string): Uint8Array {
    const type = root.lookupType('ModelProto');
    const model = type.fromObject({
      irVersion: 7,
      producerName: 'langfield',
      docString,
      graph: {
        name: this.name,
        node: this.nodes,
        initializer: this.constants,
        input: this.inputs,
        output: this.outputs,
      },
      opsetImport: [{ domain: '', version: opset }],
    });
    return Uint8Array.from(type.encode(model).finish());
  }
}

function valueInfo(name: string, type: keyof typeof elementTypes, dims: Dimensions): ValueInfo {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

/** Little-endian, as ONNX wants it; every machine that runs this is. */
function bytesOf(data: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
