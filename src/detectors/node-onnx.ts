/** ONNX Runtime for Node as detectors use it; in a file of its own for the reasons of encoders/node-runtime.ts. */
import type { OnnxRuntimeModule } from '../encoders/inference-runtime.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';

export async function loadNodeOnnx(): Promise<OnnxRuntimeModule> {
  // It fails with the line a user should see when the package cannot be loaded.
  await loadNodeRuntime();
  return import('onnxruntime-node');
}
