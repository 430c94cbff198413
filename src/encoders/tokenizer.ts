/**
 * Texts to token ids, through Hugging Face's tokenizer on a folder's tokenizer.json; cutting and padding to the context
 * length happen here because a graph has one length.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { LangfieldError } from '../errors.ts';

export interface TokeniserSource {
  /** Path of the tokenizer.json, for faults. */
  path: string;
  tokenizer: object;
  tokenizerConfig: object;
  /** Ids are cut or padded to this length. */
  contextLength: number;
  padId: number;
  /** Written over the last id of a text that had to be cut. */
  endId?: number;
  /** What is tokenised; {} is the text. */
  prompt?: string;
}

export interface TokenisedTexts {
  /** [texts, contextLength] */
  ids: Int32Array;
  /** [texts, contextLength] 1 = token, 0 = padding. */
  mask: Int32Array;
}

export type Tokenise = (texts: readonly string[]) => TokenisedTexts;

export function createTokeniser(source: TokeniserSource): Tokenise {
  const { path, contextLength, padId, endId, prompt = '{}' } = source;
  const fault = (problem: string, cause: unknown) =>
    new LangfieldError(
      {
        file: path,
        problem,
        found: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        expected: 'a tokenizer.json of the Hugging Face tokenizers library',
        advice: 'Copy the whole folder again',
      },
      { cause },
    );
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(source.tokenizer, source.tokenizerConfig);
  } catch (cause) {
    throw fault('the tokenizer cannot be read', cause);
  }
  return (texts) => {
    const ids = new Int32Array(texts.length * contextLength).fill(padId);
    const mask = new Int32Array(texts.length * contextLength);
    texts.forEach((text, row) => {
      let encoded: number[];
      try {
        encoded = tokenizer.encode(prompt.replace('{}', () => text)).ids;
      } catch (cause) {
        throw fault(`the phrase "${text}" cannot be tokenised`, cause);
      }
      const kept = encoded.slice(0, contextLength);
      if (encoded.length > contextLength && endId !== undefined) kept[contextLength - 1] = endId;
      ids.set(kept, row * contextLength);
      mask.fill(1, row * contextLength, row * contextLength + kept.length);
    });
    return { ids, mask };
  };
}
