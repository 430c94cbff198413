/**
 * Phrases to token ids, through Hugging Face's tokenizer on the folder's tokenizer.json; cutting and padding to the
 * context length happen here because a graph has one length.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { LangfieldError } from '../errors.ts';
import type { EncoderFolder } from './encoder-folder.ts';

export interface TokenisedTexts {
  /** [texts, contextLength] */
  ids: Int32Array;
  /** [texts, contextLength] 1 = token, 0 = padding. */
  mask: Int32Array;
}

export type Tokenise = (texts: readonly string[]) => TokenisedTexts;

type TokeniserFolder = Pick<EncoderFolder, 'path' | 'description' | 'tokenizer' | 'tokenizerConfig'>;

export function createTokeniser(folder: TokeniserFolder): Tokenise {
  const { contextLength, padId, endId, tokenizer: file } = folder.description.text;
  const fault = (problem: string, cause: unknown) =>
    new LangfieldError(
      {
        file: `${folder.path}/${file}`,
        problem,
        found: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        expected: 'a tokenizer.json of the Hugging Face tokenizers library',
        advice: 'Copy the whole encoder folder again',
      },
      { cause },
    );
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(folder.tokenizer, folder.tokenizerConfig);
  } catch (cause) {
    throw fault('the tokenizer cannot be read', cause);
  }
  return (texts) => {
    const ids = new Int32Array(texts.length * contextLength).fill(padId);
    const mask = new Int32Array(texts.length * contextLength);
    texts.forEach((text, row) => {
      let encoded: number[];
      try {
        encoded = tokenizer.encode(text).ids;
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
