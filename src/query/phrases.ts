/** Phrases as the user types them: "red fox; picture frame", split on ";", and the folder names they get. */
import { LangfieldError } from '../errors.ts';

export interface ParsedPhrases {
  phrases: string[];
  /** What was changed and the user should hear of. */
  notes: string[];
}

/** Engines hold so many phrases at once, with room for the canonical ones. */
const mostPhrases = 200;

/** Trims, drops empty phrases, and drops repetitions with a note. */
export function parsePhrases(text: string): ParsedPhrases {
  const phrases: string[] = [];
  const notes: string[] = [];
  for (const part of text.split(';')) {
    const phrase = part.trim().replace(/\s+/g, ' ');
    if (phrase === '') continue;
    if (phrases.includes(phrase)) notes.push(`"${phrase}" is asked twice; it is answered once`);
    else phrases.push(phrase);
  }
  if (phrases.length === 0)
    throw new LangfieldError({
      problem: 'there is no phrase to look for',
      found: JSON.stringify(text),
      advice: 'Give phrases separated by semicolons, such as "red fox; picture frame"',
    });
  if (phrases.length > mostPhrases)
    throw new LangfieldError({
      problem: 'these are too many phrases for one query',
      found: `${phrases.length}`,
      expected: `at most ${mostPhrases}`,
      advice: 'Ask them in several queries',
    });
  return { phrases, notes };
}

const longestSlug = 60;

/** A name that is safe as a folder on every system: letters and digits of any script, joined by "-". */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return [...slug].slice(0, longestSlug).join('').replace(/-+$/, '') || 'unnamed';
}

/** One slug per text, in order; texts that would share a folder get "-2", "-3", … */
export function distinctSlugs(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    const slug = slugOf(text);
    let name = slug;
    for (let count = 2; taken.has(name); count++) name = `${slug}-${count}`;
    taken.add(name);
    return name;
  });
}
