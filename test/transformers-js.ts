/**
 * Transformers.js as an independent reader of the hub's ONNX layout: what it loads and computes from a folder is what
 * tests hold our own reading of the same folder against. Nothing is fetched.
 */
import { env } from '@huggingface/transformers';

export * from '@huggingface/transformers';

/** Model names are folders below `root` from now on. */
export function useLocalModels(root: string): void {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = root;
  env.useFSCache = false;
}

export const quiet = { local_files_only: true, dtype: 'fp32', device: 'cpu' } as const;
