/** Vectors of the phrases that a session was asked, each encoded once; the encoder is opened for the first of them. */
import type { PhraseEncoder } from '../../encoders/encoder.ts';
import type { Run } from '../../field/run.ts';
import { type UnknownWords, unknownWordsOf } from '../../query/known-words.ts';
import { encodePhrases, runEncoder, type TextVectors, unknownPhrases } from '../../query/text-vectors.ts';

export interface BookEntry {
  texts: TextVectors;
  unknown: UnknownWords[];
  /** Phrases whose vector is that of a canonical phrase. */
  meaningless: string[];
}

export class PhraseBook {
  private readonly run: Run;
  private readonly open: () => Promise<PhraseEncoder>;
  private encoder: Promise<PhraseEncoder> | undefined;
  private readonly vectors = new Map<string, Float32Array>();

  constructor(run: Run, open: () => Promise<PhraseEncoder>) {
    this.run = run;
    this.open = open;
  }

  /** Opened once; a failure is tried again the next time. */
  openEncoder(): Promise<PhraseEncoder> {
    this.encoder ??= this.open().catch((error) => {
      this.encoder = undefined;
      throw error;
    });
    return this.encoder;
  }

  /** @param negatives canonical phrases instead of the run's own */
  async lookUp(phrases: readonly string[], negatives?: readonly string[]): Promise<BookEntry> {
    const encoder = await this.openEncoder();
    const trained = runEncoder(this.run);
    const canonical = negatives ?? trained.canonicalPhrases;
    const ofRun = await encodePhrases(this.run, this.cached(encoder), phrases);
    const texts = negatives ? { ...ofRun, negatives: await this.cached(encoder).encodeTexts(negatives) } : ofRun;
    return {
      texts,
      unknown: unknownWordsOf(encoder, phrases),
      meaningless: unknownPhrases(texts, canonical),
    };
  }

  private cached(encoder: PhraseEncoder): Pick<PhraseEncoder, 'name' | 'identity' | 'encodeTexts'> {
    const { name, identity, dim } = encoder;
    const encodeTexts = async (texts: readonly string[]) => {
      const missing = [...new Set(texts)].filter((text) => !this.vectors.has(text));
      const fresh = missing.length > 0 ? await encoder.encodeTexts(missing) : new Float32Array();
      missing.forEach((text, i) => {
        this.vectors.set(text, fresh.slice(i * dim, (i + 1) * dim));
      });
      const result = new Float32Array(texts.length * dim);
      texts.forEach((text, i) => {
        result.set(this.vectors.get(text)!, i * dim);
      });
      return result;
    };
    return { name, identity, encodeTexts };
  }
}
