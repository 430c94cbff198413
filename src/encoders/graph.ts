/**
 * A graph of a model folder, loaded and held against its description (encoder.json, detector.json, segmenter.json): the
 * named inputs and outputs exist, their types, ranks and fixed dimensions are the described ones, and nothing else is
 * demanded. Every disagreement is one LangfieldError that names the graph's file and the field of the description.
 */
import { LangfieldError } from '../errors.ts';
import type { GraphPort, InferenceGraph, InferenceRuntime, TensorInput, TensorOutput } from './inference-runtime.ts';

/** What the description says of one input or output; undefined dimensions, or an undefined shape, may be anything. */
export interface ExpectedPort {
  /** Field of the description that names the port, such as "image.input". */
  field: string;
  name: string;
  types: readonly string[];
  shape?: readonly (ExpectedDimension | undefined)[];
  /** An input that the graph may do without. */
  optional?: boolean;
}

export interface ExpectedDimension {
  size: number;
  /** Field of the description that says so; undefined for the three colour channels. */
  field?: string;
}

/** A graph and what faults say of it. */
export interface GraphFile {
  path: string;
  model: Uint8Array;
  /** Name of the file that describes it, such as encoder.json. */
  description: string;
}

export interface CheckedGraph {
  readonly path: string;
  /** Name of the file that describes it. */
  readonly description: string;
  readonly inputs: readonly GraphPort[];
  /** Type of an input; undefined when the graph does without it. */
  typeOf(input: string): string | undefined;
  /** Runs the graph; one result per output name, in their order. A failure is a LangfieldError. */
  run(inputs: Record<string, TensorInput>, outputs: readonly string[]): Promise<TensorOutput[]>;
  close(): Promise<void>;
}

/** Loads a model and checks its ports. */
export async function loadCheckedGraph(
  { path, model, description }: GraphFile,
  runtime: InferenceRuntime,
  threads: number | undefined,
  inputs: readonly ExpectedPort[],
  outputs: readonly ExpectedPort[],
): Promise<CheckedGraph> {
  let graph: InferenceGraph;
  try {
    graph = await runtime.loadGraph(model, { threads });
  } catch (cause) {
    throw runtimeFault(path, 'ONNX Runtime cannot load this graph', cause);
  }
  const portOf = (name: string) => graph.inputs.find((port) => port.name === name);
  try {
    for (const input of inputs)
      if (!input.optional || portOf(input.name)) checkPort({ path, description }, 'input', graph.inputs, input);
    for (const output of outputs) checkPort({ path, description }, 'output', graph.outputs, output);
    const unknown = graph.inputs.find((port) => !inputs.some((input) => input.name === port.name));
    if (unknown)
      throw new LangfieldError({
        file: path,
        problem: `the graph needs an input that ${description} does not name`,
        found: unknown.name,
        expected: `only ${inputs.map((input) => input.name).join(', ')}`,
        advice: 'Export the graph without it',
      });
  } catch (error) {
    await graph.close();
    throw error;
  }
  return {
    path,
    description,
    inputs: graph.inputs,
    typeOf: (input) => portOf(input)?.type,
    run: (values, names) =>
      graph.runAll(values, names).catch((cause: unknown) => {
        throw runtimeFault(path, 'ONNX Runtime cannot run this graph', cause);
      }),
    close: () => graph.close(),
  };
}

/** Runs a graph of one output, which must have so many numbers. */
export async function runForLength(
  graph: CheckedGraph,
  inputs: Record<string, TensorInput>,
  output: { field: string; name: string },
  length: number,
): Promise<Float32Array> {
  const [result] = await graph.run(inputs, [output.name]);
  if (result.data.length === length) return result.data;
  throw new LangfieldError({
    file: graph.path,
    field: output.name,
    problem: `the graph disagrees with ${graph.description} about the size of ${output.field}`,
    found: `an output of shape [${result.shape.join(', ')}]`,
    expected: `${length} numbers`,
    advice: `Correct ${graph.description} or export the graph again`,
  });
}

function checkPort(
  { path, description }: Pick<GraphFile, 'path' | 'description'>,
  kind: string,
  ports: readonly GraphPort[],
  expected: ExpectedPort,
): void {
  const port = ports.find((candidate) => candidate.name === expected.name);
  const advice = `Correct ${description} or export the graph again`;
  if (!port)
    throw new LangfieldError({
      file: path,
      field: expected.field,
      problem: `the graph has no ${kind} of the name ${description} gives`,
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
  if (expected.shape === undefined) return;
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
      problem: `the graph disagrees with ${description} about axis ${axis} of ${kind} "${port.name}"`,
      found: `${size} in the graph`,
      expected: `${dimension.size}${dimension.field ? ` by ${description}` : ' colour channels'}`,
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
