/**
 * The little that models need of ONNX Runtime. onnxruntime-node and onnxruntime-web export the same module, so one
 * adaptor serves both; this file imports neither (types only), which keeps the room free of Node. The packages are loaded
 * by node-runtime.ts, wasm-runtime.ts and web-runtime.ts.
 */
import type * as ort from 'onnxruntime-node';

export type OnnxRuntimeModule = Pick<typeof ort, 'InferenceSession' | 'Tensor'>;

export interface TensorInput {
  type: 'float32' | 'int32' | 'int64';
  /** int64 data arrive as Int32Array here and are widened by the runtime adaptor. */
  data: Float32Array | Int32Array;
  shape: readonly number[];
}

export interface TensorOutput {
  type: string;
  data: Float32Array;
  shape: readonly number[];
}

/** A named input or output of a graph; a string or -1 in `shape` is a free dimension. */
export interface GraphPort {
  name: string;
  type: string;
  shape: readonly (number | string)[];
}

export interface InferenceGraph {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Runs the graph and returns one output; only float32 outputs are handed back. */
  run(inputs: Record<string, TensorInput>, output: string): Promise<TensorOutput>;
  /** The same for several outputs of one run, in the order of their names. */
  runAll(inputs: Record<string, TensorInput>, outputs: readonly string[]): Promise<TensorOutput[]>;
  close(): Promise<void>;
}

export interface InferenceRuntime {
  /** Loads a graph from the bytes of its ONNX file; rejects with the runtime's own message. */
  loadGraph(model: Uint8Array, options: { threads?: number }): Promise<InferenceGraph>;
}

/** @param executionProviders of ONNX Runtime, the preferred one first; default: its own choice */
export function inferenceRuntime(module: OnnxRuntimeModule, executionProviders?: readonly string[]): InferenceRuntime {
  return {
    async loadGraph(model, { threads }) {
      const session = await module.InferenceSession.create(model, {
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(executionProviders && { executionProviders }),
        // Idle threads of the runtime sleep instead of spinning: on a machine with other work (photo decoding, the
        // training that comes after) spinning doubles the processor time of every tile.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
      });
      const runAll: InferenceGraph['runAll'] = async (inputs, outputs) => {
        const feeds: Record<string, ort.Tensor> = {};
        for (const [name, input] of Object.entries(inputs)) feeds[name] = createTensor(module, input);
        const results = await session.run(feeds, [...outputs]);
        return outputs.map((output) => {
          const { data, dims, type } = results[output];
          if (!(data instanceof Float32Array)) throw new Error(`output "${output}" is ${type}, not float32`);
          return { type, data, shape: dims };
        });
      };
      return {
        inputs: session.inputMetadata.map(describePort),
        outputs: session.outputMetadata.map(describePort),
        run: async (inputs, output) => (await runAll(inputs, [output]))[0],
        runAll,
        close: () => session.release(),
      };
    },
  };
}

function createTensor(module: OnnxRuntimeModule, input: TensorInput): ort.Tensor {
  if (input.type === 'float32') return new module.Tensor('float32', input.data as Float32Array, input.shape);
  if (input.type === 'int32') return new module.Tensor('int32', input.data as Int32Array, input.shape);
  return new module.Tensor('int64', BigInt64Array.from(input.data, BigInt), input.shape);
}

function describePort(port: ort.InferenceSession.ValueMetadata): GraphPort {
  return port.isTensor
    ? { name: port.name, type: port.type, shape: port.shape }
    : { name: port.name, type: 'not a tensor', shape: [] };
}
