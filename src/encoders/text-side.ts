/** The text tower of an encoder folder: phrases to unit vectors, and which words a closed vocabulary does not have. */
import { joinPath } from '../platform/platform.ts';
import { graphFile, type TextFolder } from './encoder-folder.ts';
import {
  type CheckedGraph,
  type ExpectedPort,
  fixedBatch,
  loadCheckedGraph,
  normaliseRows,
  runForLength,
} from './graph.ts';
import type { InferenceRuntime } from './inference-runtime.ts';
import { createTokeniser } from './tokenizer.ts';

export interface TextSide {
  /** [texts, dim] unit vectors. */
  encode(texts: readonly string[]): Promise<Float32Array>;
  /** Present with a closed vocabulary. */
  unknownWords?: (phrase: string) => string[];
  close(): Promise<void>;
}

const textsAtOnce = 64;

export async function openTextSide(
  folder: TextFolder,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<TextSide> {
  const { text, dim, vocabulary } = folder.description;
  const { tokenizer, tokenizerConfig } = folder;
  const tokenise = createTokeniser({
    ...text,
    path: joinPath(folder.path, text.tokenizer),
    tokenizer,
    tokenizerConfig,
  });
  const graph = await openTextGraph(folder, runtime, threads);
  const { input, contextLength, padId, unkId } = text;
  const maskInput = text.maskInput !== undefined && graph.typeOf(text.maskInput) ? text.maskInput : undefined;
  const fixed = fixedBatch(graph, input);
  const textsPerRun = fixed ?? textsAtOnce;

  const encodePart = async (part: readonly string[]): Promise<Float32Array> => {
    const batch = fixed ?? part.length;
    const tokens = tokenise(part);
    const shape = [batch, contextLength];
    const tensor = (name: string, values: Int32Array, filler: number) => {
      const data = new Int32Array(batch * contextLength).fill(filler);
      data.set(values);
      const type = graph.typeOf(name) === 'int32' ? 'int32' : 'int64';
      return { type, data, shape } as const;
    };
    const inputs = {
      [input]: tensor(input, tokens.ids, padId),
      ...(maskInput && { [maskInput]: tensor(maskInput, tokens.mask, 0) }),
    };
    return runForLength(graph, inputs, { field: 'text.output', name: text.output }, batch * dim);
  };

  return {
    async encode(texts) {
      const embeddings = new Float32Array(texts.length * dim);
      for (let start = 0; start < texts.length; start += textsPerRun) {
        const part = texts.slice(start, start + textsPerRun);
        embeddings.set((await encodePart(part)).subarray(0, part.length * dim), start * dim);
      }
      return normaliseRows(embeddings, dim, graph.path);
    },
    ...(vocabulary !== undefined &&
      unkId !== undefined && {
        unknownWords: (phrase) => wordsOf(phrase).filter((word) => tokenise([word]).ids.includes(unkId)),
      }),
    close: () => graph.close(),
  };
}

const wordsOf = (phrase: string) => phrase.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');

function openTextGraph(
  folder: TextFolder,
  runtime: InferenceRuntime,
  threads: number | undefined,
): Promise<CheckedGraph> {
  const { text, dim } = folder.description;
  const types = ['int64', 'int32'];
  const shape = [undefined, { size: text.contextLength, field: 'text.contextLength' }];
  const inputs: ExpectedPort[] = [{ field: 'text.input', name: text.input, types, shape }];
  if (text.maskInput !== undefined)
    inputs.push({ field: 'text.maskInput', name: text.maskInput, types, shape, optional: text.maskOptional });
  const file = graphFile(folder, text.file, folder.textModel);
  return loadCheckedGraph(file, runtime, threads, inputs, [
    { field: 'text.output', name: text.output, types: ['float32'], shape: [undefined, { size: dim, field: 'dim' }] },
  ]);
}
