/**
 * ONNX Runtime on WebAssembly, for browsers; Node can run it as well. In a file of its own, so that a bundle which never
 * imports web-runtime.ts holds nothing of WebGPU's build. Threads are used only on pages that are cross-origin isolated.
 */
import type * as ort from 'onnxruntime-web';
import { LangfieldError } from '../errors.ts';
import { type InferenceRuntime, inferenceRuntime, type OnnxRuntimeModule } from './inference-runtime.ts';

export interface WasmRuntimeOptions {
  /** Threads of WebAssembly; default: as many as the machine has, on an isolated page. */
  threads?: number;
  /** URL of the folder with onnxruntime-web's .wasm files; default: beside its script. */
  wasmFolder?: string;
  /** URL of ort-wasm-simd-threaded.wasm itself, for bundlers that rename it. */
  wasmFile?: string;
}

export interface WebRuntime extends InferenceRuntime {
  readonly device: 'wasm' | 'webgpu';
}

export async function loadWasmRuntime(options: WasmRuntimeOptions = {}): Promise<WebRuntime> {
  return webRuntime(import('onnxruntime-web/wasm'), 'wasm', options);
}

/** A build of onnxruntime-web, set up. What WebGPU cannot do goes to WebAssembly, node by node. */
export async function webRuntime(
  build: Promise<typeof ort>,
  device: WebRuntime['device'],
  { threads, wasmFolder, wasmFile }: WasmRuntimeOptions,
): Promise<WebRuntime> {
  const module = await build.catch((cause: unknown) => {
    throw new LangfieldError(
      {
        problem: 'ONNX Runtime cannot be loaded in this browser',
        found: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        advice: 'Use a current version of Chrome, Edge, Firefox or Safari',
      },
      { cause },
    );
  });
  const { wasm } = module.env;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  wasm.numThreads = isolated ? (threads ?? navigator.hardwareConcurrency) : 1;
  if (wasmFile !== undefined) wasm.wasmPaths = { wasm: wasmFile };
  else if (wasmFolder !== undefined) wasm.wasmPaths = wasmFolder.replace(/\/?$/, '/');
  const providers = device === 'webgpu' ? ['webgpu', 'wasm'] : ['wasm'];
  return { device, ...inferenceRuntime(module as unknown as OnnxRuntimeModule, providers) };
}
