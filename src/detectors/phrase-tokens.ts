/** Phrases to the token ids of a zero-shot detector, through Hugging Face's tokenizer on the folder's tokenizer.json. */
import { Tokenizer } from '@huggingface/tokenizers';
import { LangfieldError } from '../errors.ts';
import type { DetectorFolder } from './detector-folder.ts';

export interface PhraseTokens {
  /** [phrases, contextLength] */
  ids: Int32Array;
  /** [phrases, contextLength] 1 = token, 0 = padding. */
  mask: Int32Array;
}

export function createPhraseTokeniser(
  text: NonNullable<DetectorFolder['text']>,
): (phrases: readonly string[]) => PhraseTokens {
  const { contextLength, padId, endId, prompt } = text.description;
  const fault = (problem: string, cause: unknown) =>
    new LangfieldError(
      {
        file: text.path,
        problem,
        found: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        expected: 'a tokenizer.json of the Hugging Face tokenizers library',
        advice: 'Copy the whole detector folder again',
      },
      { cause },
    );
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(text.tokenizer, text.tokenizerConfig);
  } catch (cause) {
    throw fault('the tokenizer cannot be read', cause);
  }
  return (phrases) => {
    const ids = new Int32Array(phrases.length * contextLength).fill(padId);
    const mask = new Int32Array(phrases.length * contextLength);
    phrases.forEach((phrase, row) => {
      let encoded: number[];
      try {
        encoded = tokenizer.encode(prompt.replace('{}', () => phrase)).ids;
      } catch (cause) {
        throw fault(`the phrase "${phrase}" cannot be tokenised`, cause);
      }
      const kept = encoded.slice(0, contextLength);
      if (encoded.length > contextLength && endId !== undefined) kept[contextLength - 1] = endId;
      ids.set(kept, row * contextLength);
      mask.fill(1, row * contextLength, row * contextLength + kept.length);
    });
    return { ids, mask };
  };
}
