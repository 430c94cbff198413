/** The writer's bytes against another implementation of the wire format, and against the runtime. */
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { loadNodeRuntime } from '../node-runtime.ts';
import { GraphBuilder } from './onnx-writer.ts';

function affine(): GraphBuilder {
  const graph = new GraphBuilder('affine');
  graph.input('x', 'float', ['N', 300]);
  graph.floats('slope', [2]);
  graph.add('scaled', 'Mul', ['x', 'slope']);
  graph.add('wide', 'Cast', [graph.halves('offset', Uint16Array.of(0x3c00, 0xc000), [2])], { to: 1 });
  graph.add('cut', 'Slice', [
    'scaled',
    graph.integers('from', [-2]),
    graph.integers('to', [2 ** 40]),
    graph.integers('axis', [-1]),
  ]);
  graph.add('y', 'Add', ['cut', 'wide']);
  graph.output('y', ['N', 2]);
  return graph;
}

describe('ONNX writer', () => {
  it('writes graphs that the runtime computes, with free and fixed sizes', async () => {
    const runtime = await loadNodeRuntime();
    const graph = await runtime.loadGraph(affine().encode(17, 'a test'), { threads: 1 });
    expect(graph.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['N', 300] }]);
    const data = Float32Array.from({ length: 600 }, (_, i) => i);
    const result = await graph.run({ x: { type: 'float32', data, shape: [2, 300] } }, 'y');
    expect([...result.data]).toEqual([597, 596, 1197, 1196]);
    await graph.close();
  });

  it('encodes attributes and operator sets as the schema says', () => {
    const graph = new GraphBuilder('attributes');
    graph.input('x', 'float', [1]);
    graph.add('y', 'com.example::Odd', ['x', ''], { minus: -3, list: [1, 300, -1], real: { float: 0.5 }, word: 'ab' });
    graph.output('y', [1]);
    const model = schema().lookupType('Model').decode(graph.encode(17, 'doc')).toJSON();
    expect(model).toEqual({
      irVersion: '8',
      doc: 'doc',
      opsets: [{ version: '17' }, { domain: 'com.example', version: '1' }],
      graph: {
        name: 'attributes',
        nodes: [
          {
            inputs: ['x', ''],
            outputs: ['y'],
            operator: 'Odd',
            domain: 'com.example',
            attributes: [
              { name: 'minus', i: '-3', type: 2 },
              { name: 'list', ints: ['1', '300', '-1'], type: 7 },
              { name: 'real', f: 0.5, type: 1 },
              { name: 'word', s: Buffer.from('ab').toString('base64'), type: 3 },
            ],
          },
        ],
      },
    });
  });

  it('finds mistakes while the graph is built', () => {
    const graph = affine();
    expect(() => graph.add('z', 'Neg', ['nowhere'])).toThrow(/reads the unknown nowhere/);
    expect(() => graph.add('y', 'Neg', ['x'])).toThrow(/the name y is taken/);
    expect(() => graph.floats('short', [1, 2, 3], [2, 2])).toThrow(/3 numbers do not fill/);
    expect(() => graph.output('nowhere', [1])).toThrow(/computed by no node/);
  });
});

/** The messages and fields the second test looks at, numbered after the ONNX schema. */
function schema(): protobuf.Root {
  return protobuf.parse(`syntax = "proto3";
    message Model { int64 irVersion = 1; string doc = 6; Graph graph = 7; repeated Opset opsets = 8; }
    message Opset { string domain = 1; int64 version = 2; }
    message Graph { repeated Node nodes = 1; string name = 2; }
    message Node {
      repeated string inputs = 1; repeated string outputs = 2; string operator = 4; string domain = 7;
      repeated Attribute attributes = 5;
    }
    message Attribute {
      string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8; int32 type = 20;
    }`).root;
}
