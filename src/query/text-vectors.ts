/**
 * From phrases to the vectors that a language field is asked with. A run can only be asked through the encoder that
 * it was trained with: vectors of another one live in another space and would answer nonsense.
 */
import type { PhraseEncoder } from '../encoders/encoder.ts';
import { LangfieldError } from '../errors.ts';
import type { Run, RunConfig } from '../field/run.ts';

export interface TextVectors {
  phrases: readonly string[];
  /** [phrases, dim] unit vectors */
  positives: Float32Array;
  /** [canonical, dim] unit vectors */
  negatives: Float32Array;
}

/** The encoder that the run remembers. @throws LangfieldError when the run has no language field */
export function runEncoder(run: Pick<Run, 'folder' | 'config'>): NonNullable<RunConfig['encoder']> {
  const { encoder, scene } = run.config;
  if (encoder === undefined || scene.languages.length === 0)
    throw new LangfieldError({
      file: run.folder,
      problem: 'the run has no language field to ask',
      advice: 'Train it with an encoder, or look at it with "langfield render"',
    });
  return encoder;
}

/**
 * Vectors of the phrases and of the canonical phrases; the latter are those saved with the run.
 * @throws LangfieldError when the encoder is not the one the run was trained with
 */
export async function encodePhrases(
  run: Run,
  encoder: Pick<PhraseEncoder, 'name' | 'identity' | 'encodeTexts'>,
  phrases: readonly string[],
): Promise<TextVectors> {
  const trained = runEncoder(run);
  if (encoder.identity !== trained.identity)
    throw new LangfieldError({
      file: run.folder,
      field: 'encoder',
      problem: 'this is not the encoder that the run was trained with',
      found: `${encoder.name} (${encoder.identity.slice(0, 12)})`,
      expected: `${trained.name} (${trained.identity.slice(0, 12)}), last seen in ${trained.folder}`,
      advice: 'Give the folder of the original, unchanged encoder with --encoder, or train a new language field',
    });
  const negatives = run.canonicalEmbeddings ?? (await encoder.encodeTexts(trained.canonicalPhrases));
  return { phrases, positives: await encoder.encodeTexts(phrases), negatives };
}

/**
 * Phrases that the encoder certainly does not know: their vectors are those of a canonical phrase, as encoders with a
 * closed vocabulary give them. An encoder with an open one never does; there is no telling what it does not know.
 */
export function unknownPhrases({ phrases, positives, negatives }: TextVectors, canonical: readonly string[]): string[] {
  const dim = positives.length / phrases.length;
  const same = (phrase: number, other: number) => {
    let cosine = 0;
    for (let i = 0; i < dim; i++) cosine += positives[phrase * dim + i] * negatives[other * dim + i];
    return cosine > 1 - 1e-5;
  };
  const canonicalCount = negatives.length / dim;
  return phrases.filter(
    (phrase, index) =>
      !canonical.includes(phrase) && Array.from({ length: canonicalCount }, (_, k) => same(index, k)).includes(true),
  );
}

/**
 * Indices of the language fields that `spec` names: undefined = the first, "all", or a name.
 * @throws LangfieldError naming the fields there are
 */
export function selectFields(run: Pick<Run, 'folder' | 'config'>, spec: string | undefined): number[] {
  runEncoder(run);
  const names = run.config.scene.languages.map(({ name }) => name);
  if (spec === undefined) return [0];
  if (spec === 'all') return names.map((_, index) => index);
  const index = names.indexOf(spec);
  if (index < 0)
    throw new LangfieldError({
      file: run.folder,
      problem: 'the run has no such language field',
      found: spec,
      expected: [...names, 'all'].join(', '),
      advice: 'Choose one of these with --field',
    });
  return [index];
}
