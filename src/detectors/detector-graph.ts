/**
 * The graph of a detector folder, loaded and held against detector.json: the named inputs and outputs exist and have
 * the types and fixed sizes that are described, and nothing else is demanded. Unlike graphs of encoders it returns
 * several outputs of one run.
 */
import type { GraphPort, OnnxRuntimeModule, TensorInput, TensorOutput } from '../encoders/inference-runtime.ts';
import { LangfieldError } from '../errors.ts';
import type { DetectorFolder } from './detector-folder.ts';
import { inputSize } from './picture-input.ts';

type Session = Awaited<ReturnType<OnnxRuntimeModule['InferenceSession']['create']>>;

export interface DetectorGraph {
  readonly path: string;
  readonly inputs: readonly GraphPort[];
  /** Runs the graph; one result per output name, in their order. */
  run(inputs: Record<string, TensorInput>, outputs: readonly string[]): Promise<TensorOutput[]>;
  close(): Promise<void>;
}

/** A name that detector.json gives, and the field that gives it. */
interface NamedPort {
  field: string;
  name: string;
}

export async function loadDetectorGraph(
  folder: DetectorFolder,
  onnx: OnnxRuntimeModule,
  outputs: readonly NamedPort[],
  threads?: number,
): Promise<DetectorGraph> {
  const path = folder.graphPath;
  const session = await createSession(folder.model, onnx, threads).catch((cause: unknown) => {
    throw runtimeFault(path, 'ONNX Runtime cannot load this graph', cause);
  });
  const [inputPorts, outputPorts] = [session.inputMetadata.map(portOf), session.outputMetadata.map(portOf)];
  try {
    checkInputs(folder, inputPorts);
    for (const output of outputs) namedPort(path, 'output', outputPorts, output, ['float32']);
  } catch (error) {
    await session.release();
    throw error;
  }
  return {
    path,
    inputs: inputPorts,
    async run(values, names) {
      const feeds = Object.fromEntries(Object.entries(values).map(([key, input]) => [key, tensorOf(onnx, input)]));
      const results = await session.run(feeds, [...names]).catch((cause: unknown) => {
        throw runtimeFault(path, 'ONNX Runtime cannot run this graph', cause);
      });
      return names.map((key) => ({
        type: 'float32',
        data: results[key].data as Float32Array,
        shape: results[key].dims,
      }));
    },
    close: () => session.release(),
  };
}

function createSession(model: Uint8Array, onnx: OnnxRuntimeModule, threads: number | undefined): Promise<Session> {
  return onnx.InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // As for encoders: idle threads sleep.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
  });
}

function checkInputs({ graphPath: path, description: { image, text } }: DetectorFolder, ports: GraphPort[]): void {
  const { width, height } = inputSize(image);
  const picture = { field: 'image.input', name: image.input };
  const shape = image.layout === 'nchw' ? [undefined, 3, height, width] : [undefined, height, width, 3];
  checkShape(path, namedPort(path, 'input', ports, picture, ['float32']), 'image.size', shape);
  const known = [picture];
  if (image.mask) {
    const mask = { field: 'image.mask.input', name: image.mask.input };
    const port = namedPort(path, 'input', ports, mask, ['int64', 'int32', 'float32']);
    checkShape(path, port, 'image.mask.size', [undefined, ...image.mask.size]);
    known.push(mask);
  }
  const tokens = text ? [{ field: 'text.input', name: text.input }] : [];
  if (text?.maskInput !== undefined) tokens.push({ field: 'text.maskInput', name: text.maskInput });
  for (const input of tokens) {
    const port = namedPort(path, 'input', ports, input, ['int64', 'int32']);
    checkShape(path, port, 'text.contextLength', [undefined, text?.contextLength]);
  }
  known.push(...tokens);
  const unknown = ports.find((port) => !known.some((each) => each.name === port.name));
  if (unknown)
    throw new LangfieldError({
      file: path,
      problem: 'the graph needs an input that detector.json does not name',
      found: unknown.name,
      expected: `only ${known.map((each) => each.name).join(', ')}`,
      advice: 'Export the graph without it',
    });
}

function namedPort(
  path: string,
  kind: 'input' | 'output',
  ports: readonly GraphPort[],
  { field, name }: NamedPort,
  types: readonly string[],
): GraphPort {
  const port = ports.find((candidate) => candidate.name === name);
  if (!port)
    throw new LangfieldError({
      file: path,
      field,
      problem: `the graph has no ${kind} of the name detector.json gives`,
      found: ports.map((candidate) => candidate.name).join(', '),
      expected: name,
      advice: 'Correct detector.json or export the graph again',
    });
  if (!types.includes(port.type))
    throw new LangfieldError({
      file: path,
      field,
      problem: `${kind} "${name}" has a type langfield does not use`,
      found: port.type,
      expected: types.join(' or '),
      advice: 'Export the graph again with that type',
    });
  return port;
}

function checkShape(path: string, port: GraphPort, field: string, expected: readonly (number | undefined)[]): void {
  const fits = (size: number | string, axis: number) =>
    typeof size !== 'number' || size <= 0 || expected[axis] === undefined || size === expected[axis];
  if (port.shape.length === expected.length && port.shape.every(fits)) return;
  throw new LangfieldError({
    file: path,
    field,
    problem: `the graph disagrees with detector.json about the shape of input "${port.name}"`,
    found: `[${port.shape.join(', ')}]`,
    expected: `[${expected.map((size) => size ?? '?').join(', ')}]`,
    advice: 'Correct detector.json or export the graph again',
  });
}

function tensorOf(onnx: OnnxRuntimeModule, { type, data, shape }: TensorInput) {
  if (type === 'float32') return new onnx.Tensor('float32', data as Float32Array, shape);
  if (type === 'int32') return new onnx.Tensor('int32', data as Int32Array, shape);
  return new onnx.Tensor('int64', BigInt64Array.from(data, BigInt), shape);
}

function portOf(port: Session['inputMetadata'][number]): GraphPort {
  return port.isTensor
    ? { name: port.name, type: port.type, shape: port.shape }
    : { name: port.name, type: 'not a tensor', shape: [] };
}

function runtimeFault(path: string, problem: string, cause: unknown): LangfieldError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new LangfieldError(
    { file: path, problem, found: message.split('\n')[0].slice(0, 300), advice: 'Export the graph again' },
    { cause },
  );
}
