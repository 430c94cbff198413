/** What a visitor does with phrases. */
import { parsePhrases } from '../../query/phrases.ts';
import { longestPhrase, mostPhrases, type PhraseLook, phraseColours } from '../looks.ts';
import { setLooks } from './requests.ts';
import * as state from './state.ts';

/** Adds what stands in the search box; several phrases are separated by semicolons. */
export function ask(text: string): void {
  if (text.trim().replaceAll(';', '') === '') return;
  const { phrases } = state.looks.value;
  const known = phrases.map((phrase) => phrase.text);
  const typed = parsePhrases(text).phrases.map((phrase) => phrase.slice(0, longestPhrase));
  const fresh = typed.filter((phrase) => !known.includes(phrase)).slice(0, mostPhrases - phrases.length);
  const next = [...phrases];
  for (const phrase of fresh) next.push({ text: phrase, colour: freeColour(next), visible: true, opacity: 1 });
  const selected = next.findIndex((phrase) => phrase.text === typed[0]);
  const { layer } = state.looks.value;
  state.notice.value = `Looking for ${typed.join(', ')}`;
  setLooks(
    {
      phrases: next.map((phrase) => (typed.includes(phrase.text) ? { ...phrase, visible: true } : phrase)),
      selected: Math.max(0, selected),
      layer: layer === 'relevancy' ? layer : 'phrases',
    },
    true,
  );
}

function freeColour(phrases: readonly PhraseLook[]): number {
  const uses = phraseColours.map((_, colour) => phrases.filter((phrase) => phrase.colour === colour).length);
  return uses.indexOf(Math.min(...uses));
}

export function changePhrase(index: number, change: Partial<PhraseLook>): void {
  const phrases = state.looks.value.phrases.map((phrase, i) => (i === index ? { ...phrase, ...change } : phrase));
  setLooks({ phrases }, 'scale' in change);
}

export function removePhrase(index: number): void {
  const { phrases, selected } = state.looks.value;
  const left = phrases.filter((_, i) => i !== index);
  const next = selected > index || selected >= left.length ? Math.max(0, selected - 1) : selected;
  setLooks({ phrases: left, selected: next }, true);
}

export function replacePhrase(index: number, text: string): void {
  const { phrases } = state.looks.value;
  if (phrases.some((phrase) => phrase.text === text)) {
    removePhrase(index);
    return;
  }
  const changed = phrases.map((phrase, i) => (i === index ? { ...phrase, text, scale: undefined } : phrase));
  setLooks({ phrases: changed, selected: index }, true);
}
