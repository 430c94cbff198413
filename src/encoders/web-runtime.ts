/**
 * ONNX Runtime for the browser, with the interface of node-runtime.ts: on WebGPU where the browser has an adapter, else
 * on WebAssembly, which Node can run as well. The WebAssembly build is not even loaded when WebGPU is there, and the other
 * way round. WebAssembly uses threads only on pages that are cross-origin isolated.
 */
import { LangfieldError } from '../errors.ts';
import { type InferenceRuntime, inferenceRuntime, type OnnxRuntimeModule } from './inference-runtime.ts';

export interface WebRuntimeOptions {
  /** auto: WebGPU where there is an adapter. */
  device?: 'auto' | 'wasm' | 'webgpu';
  /** Threads of WebAssembly; default: as many as the machine has, on an isolated page. */
  threads?: number;
  /** URL of the folder with onnxruntime-web's .wasm files; default: beside its script. */
  wasmFolder?: string;
}

export interface WebRuntime extends InferenceRuntime {
  readonly device: 'wasm' | 'webgpu';
}

export async function loadWebRuntime(options: WebRuntimeOptions = {}): Promise<WebRuntime> {
  const { device: wanted = 'auto', threads, wasmFolder } = options;
  const device = wanted === 'auto' ? ((await hasAdapter()) ? 'webgpu' : 'wasm') : wanted;
  if (wanted === 'webgpu' && !(await hasAdapter()))
    throw new LangfieldError({
      problem: 'there is no WebGPU here',
      expected: 'a browser with a WebGPU adapter',
      advice: 'Leave the device out to use WebAssembly',
    });
  const module = await (device === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm'));
  const { wasm } = module.env;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  wasm.numThreads = isolated ? (threads ?? navigator.hardwareConcurrency) : 1;
  if (wasmFolder !== undefined) wasm.wasmPaths = wasmFolder.replace(/\/?$/, '/');
  // What WebGPU cannot do goes to WebAssembly, node by node.
  const providers = device === 'webgpu' ? ['webgpu', 'wasm'] : ['wasm'];
  return { device, ...inferenceRuntime(module as unknown as OnnxRuntimeModule, providers) };
}

async function hasAdapter(): Promise<boolean> {
  // Node before 21 has no navigator.
  const { gpu } = (globalThis.navigator ?? {}) as { gpu?: { requestAdapter(): Promise<unknown> } };
  return gpu !== undefined && (await gpu.requestAdapter().catch(() => null)) !== null;
}
