/**
 * The text side of an encoder folder on its own, for a machine that only asks: the image graph, which is the larger
 * part of a published model, is neither there nor read. The identity covers both sides, so it cannot be computed from
 * the text side; whoever made the text folder from the whole one hands it over.
 */
import type { FileSystem } from '../platform/platform.ts';
import type { PhraseEncoder } from './encoder.ts';
import { readTextFolder } from './encoder-folder.ts';
import type { InferenceRuntime } from './inference-runtime.ts';
import { openTextSide } from './text-side.ts';

export async function openPhraseEncoder(
  path: string,
  identity: string,
  files: FileSystem,
  runtime: InferenceRuntime,
  options: { threads?: number } = {},
): Promise<PhraseEncoder> {
  const folder = await readTextFolder(path, files);
  const text = await openTextSide(folder, runtime, options.threads);
  const { name, dim, canonicalPhrases, vocabulary } = folder.description;
  return {
    name,
    dim,
    identity,
    canonicalPhrases,
    vocabulary,
    unknownWords: text.unknownWords,
    encodeTexts: text.encode,
    close: text.close,
  };
}
