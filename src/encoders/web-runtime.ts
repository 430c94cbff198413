/**
 * ONNX Runtime for the browser, with the interface of node-runtime.ts: on WebGPU where the browser has an adapter, else
 * on WebAssembly. The WebAssembly build is not even loaded when WebGPU is there, and the other way round.
 */
import { LangfieldError } from '../errors.ts';
import { loadWasmRuntime, type WasmRuntimeOptions, type WebRuntime, webRuntime } from './wasm-runtime.ts';

export interface WebRuntimeOptions extends Pick<WasmRuntimeOptions, 'threads' | 'wasmFolder'> {
  /** auto: WebGPU where there is an adapter. */
  device?: 'auto' | 'wasm' | 'webgpu';
}

export async function loadWebRuntime(options: WebRuntimeOptions = {}): Promise<WebRuntime> {
  const { device = 'auto' } = options;
  if (device === 'wasm') return loadWasmRuntime(options);
  if (await hasAdapter()) return webRuntime(import('onnxruntime-web/webgpu'), 'webgpu', options);
  if (device === 'auto') return loadWasmRuntime(options);
  throw new LangfieldError({
    problem: 'there is no WebGPU here',
    expected: 'a browser with a WebGPU adapter',
    advice: 'Leave the device out to use WebAssembly',
  });
}

async function hasAdapter(): Promise<boolean> {
  // Node before 21 has no navigator.
  const { gpu } = (globalThis.navigator ?? {}) as { gpu?: { requestAdapter(): Promise<unknown> } };
  return gpu !== undefined && (await gpu.requestAdapter().catch(() => null)) !== null;
}
