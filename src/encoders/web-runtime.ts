/**
 * ONNX Runtime for the browser, on WebAssembly. In a file of its own, so that a bundle which never imports it never
 * sees the package. One thread: phrases are short, and threads of the runtime would compete with the engine's.
 */
import { LangfieldError } from '../errors.ts';
import { type InferenceRuntime, inferenceRuntime, type OnnxRuntimeModule } from './inference-runtime.ts';

/** @param wasm URL of onnxruntime-web's ort-wasm-simd-threaded.wasm */
export async function loadWebRuntime(wasm: string): Promise<InferenceRuntime> {
  try {
    const module = await import('onnxruntime-web/wasm');
    module.env.wasm.wasmPaths = { wasm };
    module.env.wasm.numThreads = 1;
    return inferenceRuntime(module as unknown as OnnxRuntimeModule);
  } catch (cause) {
    throw new LangfieldError(
      {
        problem: 'ONNX Runtime cannot be loaded in this browser',
        found: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        advice: 'Use a current version of Chrome, Edge, Firefox or Safari',
      },
      { cause },
    );
  }
}
