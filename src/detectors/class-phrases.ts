/**
 * Which classes of a closed-set detector a phrase means: those of exactly that name, and those that list the phrase
 * among their synonyms. Case, repeated spaces, hyphens and underscores do not count; nothing else is guessed.
 */

/** Returns the class indices of a phrase; empty when the detector cannot express it. */
export function classesOfPhrase(
  names: readonly string[],
  synonyms: Readonly<Record<string, readonly string[]>>,
): (phrase: string) => readonly number[] {
  const byPhrase = new Map<string, Set<number>>();
  const learn = (phrase: string, index: number) => {
    const key = plainPhrase(phrase);
    if (key === '') return;
    byPhrase.set(key, (byPhrase.get(key) ?? new Set()).add(index));
  };
  names.forEach((name, index) => {
    learn(name, index);
    for (const synonym of synonyms[name] ?? []) learn(synonym, index);
  });
  return (phrase) => [...(byPhrase.get(plainPhrase(phrase)) ?? [])];
}

function plainPhrase(phrase: string): string {
  return phrase
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}
