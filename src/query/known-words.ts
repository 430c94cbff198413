/**
 * What an encoder of a closed vocabulary does not know in a phrase, and what it does know that is spelled like it. Only
 * spelling is compared: whoever types "teapots" is helped, whoever asks for a zebra is told that there is none.
 */
import type { ImageTextEncoder } from '../encoders/encoder.ts';

export interface UnknownWords {
  phrase: string;
  words: string[];
  /** Known phrases, the most alike first. */
  nearest: string[];
}

const suggestions = 4;
const leastLikeness = 0.45;

/** One entry per phrase with unknown words; none for an encoder that takes any word. */
export function unknownWordsOf(
  encoder: Pick<ImageTextEncoder, 'unknownWords' | 'vocabulary'>,
  phrases: readonly string[],
): UnknownWords[] {
  return phrases.flatMap((phrase) => {
    const words = encoder.unknownWords?.(phrase) ?? [];
    if (words.length === 0) return [];
    return [{ phrase, words, nearest: nearestWords(words, encoder.vocabulary ?? []) }];
  });
}

/** Known phrases with a word that is spelled like one of the words, the most alike first. */
export function nearestWords(words: readonly string[], vocabulary: readonly string[]): string[] {
  const likenessTo = (known: string) =>
    Math.max(...known.split(' ').flatMap((part) => words.map((word) => likeness(word, part))));
  return vocabulary
    .map((known) => ({ known, likeness: likenessTo(known) }))
    .filter((each) => each.likeness >= leastLikeness)
    .sort((a, b) => b.likeness - a.likeness || a.known.length - b.known.length)
    .slice(0, suggestions)
    .map(({ known }) => known);
}

/** Dice's coefficient of letter pairs, ends marked; 1 = the same word. */
function likeness(a: string, b: string): number {
  const [pairsA, pairsB] = [letterPairs(a), letterPairs(b)];
  let shared = 0;
  for (const pair of pairsA) {
    const at = pairsB.indexOf(pair);
    if (at < 0) continue;
    pairsB[at] = '';
    shared++;
  }
  return (2 * shared) / (pairsA.length + pairsB.length);
}

function letterPairs(word: string): string[] {
  const marked = ` ${word.toLowerCase()} `;
  return Array.from({ length: marked.length - 1 }, (_, index) => marked.slice(index, index + 2));
}

/** The lines that a user reads. */
export function describeUnknownWords({ phrase, words, nearest }: UnknownWords): string {
  const unknown = words.map((word) => `"${word}"`).join(', ');
  const known = nearest.length > 0 ? `; it knows ${nearest.map((each) => `"${each}"`).join(', ')}` : '';
  return `the encoder does not know ${unknown} in "${phrase}" and answers without${known}`;
}
