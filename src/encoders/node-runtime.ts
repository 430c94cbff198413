/**
 * ONNX Runtime for Node. In a file of its own, so that a browser bundle which never imports it never sees the native
 * package.
 */
import { LangfieldError } from '../errors.ts';
import { type InferenceRuntime, inferenceRuntime } from './inference-runtime.ts';

export async function loadNodeRuntime(): Promise<InferenceRuntime> {
  try {
    return inferenceRuntime(await import('onnxruntime-node'));
  } catch (cause) {
    throw new LangfieldError(
      {
        problem: 'the package onnxruntime-node cannot be loaded on this machine',
        found: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        advice: 'Install langfield again; encoders need this package',
      },
      { cause },
    );
  }
}
