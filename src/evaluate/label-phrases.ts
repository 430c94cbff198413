/** Which phrases an evaluation asks: the labelled categories, or those of them that the user names. */
import { LangfieldError } from '../errors.ts';
import type { LabelView } from './labels/labels.ts';

/** Categories of all views in the order in which they first appear. */
export function labelledPhrases(views: readonly LabelView[]): string[] {
  return [...new Set(views.flatMap(({ categories }) => [...categories.keys()]))];
}

/** @throws LangfieldError naming the phrases that are not labelled, and those that are */
export function choosePhrases(views: readonly LabelView[], wanted: readonly string[] | undefined): string[] {
  const labelled = labelledPhrases(views);
  if (wanted === undefined) return labelled;
  const missing = wanted.filter((phrase) => !labelled.includes(phrase));
  if (missing.length === 0) return [...wanted];
  throw new LangfieldError({
    problem: 'there are no labels for some of the phrases',
    field: '--phrases',
    found: missing.join('; '),
    expected: labelled.join('; '),
    advice: 'Ask for labelled phrases; "langfield query" shows any other',
  });
}
