/**
 * A graph of an encoder folder, loaded and held against encoder.json: the named inputs and outputs exist, their types,
 * ranks and fixed dimensions are the described ones, and nothing else is demanded. Every disagreement is one
 * LangfieldError that names the graph's file and the field of encoder.json.
 */
import { LangfieldError } from '../errors.ts';
import { joinPath } from '../platform/platform.ts';
import type { EncoderFolder } from './encoder-folder.ts';
import type { GraphPort, InferenceGraph, InferenceRuntime, TensorInput } from './inference-runtime.ts';

/** What encoder.json says of one input or output; undefined dimensions may be anything. */
export interface ExpectedPort {
  /** Field of encoder.json that names the port, such as "image.input". */
  field: string;
  name: string;
  types: readonly string[];
  shape: readonly (ExpectedDimension | undefined)[];
}

export interface ExpectedDimension {
  size: number;
  /** Field of encoder.json that says so; undefined for the three colour channels. */
  field?: string;
}

export interface CheckedGraph {
  readonly path: string;
  readonly inputs: readonly GraphPort[];
  /** Runs the graph; a failure or an output of another size than `expectedLength` is a LangfieldError. */
  run(inputs: Record<string, TensorInput>, expectedLength: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Loads a model and checks its ports; `section` is "image", "text" or "dense". */
export async function loadCheckedGraph(
  folder: Pick<EncoderFolder, 'path' | 'description'>,
  section: 'image' | 'text' | 'dense',
  model: Uint8Array,
  runtime: InferenceRuntime,
  threads: number | undefined,
  inputs: readonly ExpectedPort[],
  output: ExpectedPort,
): Promise<CheckedGraph> {
  const path = joinPath(folder.path, folder.description[section]!.file);
  let graph: InferenceGraph;
  try {
    graph = await runtime.loadGraph(model, { threads });
  } catch (cause) {
    throw runtimeFault(path, 'ONNX Runtime cannot load this graph', cause);
  }
  try {
    for (const input of inputs) checkPort(path, 'input', graph.inputs, input);
    checkPort(path, 'output', graph.outputs, output);
    const unknown = graph.inputs.find((port) => !inputs.some((input) => input.name === port.name));
    if (unknown)
      throw new LangfieldError({
        file: path,
        problem: 'the graph needs an input that encoder.json does not name',
        found: unknown.name,
        expected: `only ${inputs.map((input) => input.name).join(', ')}`,
        advice: `Export the ${section} graph without it`,
      });
  } catch (error) {
    await graph.close();
    throw error;
  }
  return {
    path,
    inputs: graph.inputs,
    async run(values, expectedLength) {
      const result = await graph.run(values, output.name).catch((cause: unknown) => {
        throw runtimeFault(path, 'ONNX Runtime cannot run this graph', cause);
      });
      if (result.data.length !== expectedLength)
        throw new LangfieldError({
          file: path,
          field: output.name,
          problem: `the graph disagrees with encoder.json about the size of ${output.field}`,
          found: `an output of shape [${result.shape.join(', ')}]`,
          expected: `${expectedLength} numbers`,
          advice: 'Correct encoder.json or export the graph again',
        });
      return result.data;
    },
    close: () => graph.close(),
  };
}

function checkPort(path: string, kind: string, ports: readonly GraphPort[], expected: ExpectedPort): void {
  const port = ports.find((candidate) => candidate.name === expected.name);
  const advice = 'Correct encoder.json or export the graph again';
  if (!port)
    throw new LangfieldError({
      file: path,
      field: expected.field,
      problem: `the graph has no ${kind} of the name encoder.json gives`,
      found: ports.map((candidate) => candidate.name).join(', '),
      expected: expected.name,
      advice,
    });
  if (!expected.types.includes(port.type))
    throw new LangfieldError({
      file: path,
      field: expected.field,
      problem: `${kind} "${port.name}" has a type langfield does not use`,
      found: port.type,
      expected: expected.types.join(' or '),
      advice: 'Export the graph again with that type',
    });
  if (port.shape.length !== expected.shape.length)
    throw new LangfieldError({
      file: path,
      field: expected.field,
      problem: `${kind} "${port.name}" has another number of axes`,
      found: describeShape(port.shape),
      expected: describeShape(expected.shape.map((dimension) => dimension?.size ?? '?')),
      advice,
    });
  expected.shape.forEach((dimension, axis) => {
    const size = port.shape[axis];
    if (!dimension || typeof size !== 'number' || size <= 0 || size === dimension.size) return;
    throw new LangfieldError({
      file: path,
      field: dimension.field ?? expected.field,
      problem: `the graph disagrees with encoder.json about axis ${axis} of ${kind} "${port.name}"`,
      found: `${size} in the graph`,
      expected: `${dimension.size}${dimension.field ? ' by encoder.json' : ' colour channels'}`,
      advice,
    });
  });
}

function describeShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

function runtimeFault(path: string, problem: string, cause: unknown): LangfieldError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new LangfieldError(
    { file: path, problem, found: message.split('\n')[0].slice(0, 300), advice: 'Export the graph again' },
    { cause },
  );
}

/** The size of axis 0 when the graph fixes it; undefined when it takes any number at once. */
export function fixedBatch(graph: CheckedGraph, input: string): number | undefined {
  const size = graph.inputs.find((port) => port.name === input)?.shape[0];
  return typeof size === 'number' && size > 0 ? size : undefined;
}

/** Makes each row of [rows, dim] a unit vector; a row without a direction or with NaN is the graph's fault. */
export function normaliseRows(values: Float32Array, dim: number, path: string): Float32Array {
  for (let start = 0; start < values.length; start += dim) {
    let sum = 0;
    for (let i = start; i < start + dim; i++) sum += values[i] * values[i];
    if (!(sum > 0) || !Number.isFinite(sum))
      throw new LangfieldError({
        file: path,
        problem: 'the graph returned an embedding without a direction',
        found: `a vector of length ${Math.sqrt(sum)}`,
        expected: 'finite numbers that are not all zero',
        advice: 'Check mean, std and the export of the graph',
      });
    const scale = 1 / Math.sqrt(sum);
    for (let i = start; i < start + dim; i++) values[i] *= scale;
  }
  return values;
}
