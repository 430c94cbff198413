/**
 * The phrases that name something in a scene, with the parts they mean: every noun, every named part ("mug handle", and
 * plain "spout" where only one kind of thing has one), and colour + noun where things of one noun have different
 * colours. Truth comes from how the scene was made.
 */
import type { SceneDescription } from './scene.ts';
import type { ScenePart } from './scene-parts.ts';
import { thingKinds } from './things/index.ts';

export interface ScenePhrase {
  phrase: string;
  kind: 'thing' | 'part' | 'stuff';
  /** Ids in part maps. */
  parts: ReadonlySet<number>;
}

/** "pot" is a thing of its own, whatever a plant stands in. */
const nouns = new Set(thingKinds.flatMap(({ noun, synonyms }) => [noun, ...synonyms]));

export function scenePhrases({ things }: Pick<SceneDescription, 'things'>, parts: readonly ScenePart[]): ScenePhrase[] {
  const found = new Map<string, { kind: ScenePhrase['kind']; parts: Set<number> }>();
  const add = (phrase: string, kind: ScenePhrase['kind'], id: number) => {
    const entry = found.get(phrase) ?? { kind, parts: new Set<number>() };
    entry.parts.add(id);
    found.set(phrase, entry);
  };
  for (const { id, instance, name, noun } of parts) {
    const { thing } = things[instance - 1];
    const kind = thing.stuff ? 'stuff' : 'thing';
    add(noun, kind, id);
    if (name !== undefined) {
      add(`${noun} ${name}`, 'part', id);
      if (ownersOf(name, parts).size === 1 && !nouns.has(name)) add(name, 'part', id);
    }
    const coloursOfNoun = new Set(
      things.filter((other) => other.thing.noun === noun).map((other) => other.thing.colours[0]),
    );
    if (coloursOfNoun.size > 1) add(`${thing.colours[0]} ${noun}`, kind, id);
  }
  return [...found].map(([phrase, entry]) => ({ phrase, ...entry }));
}

const ownersOf = (name: string, parts: readonly ScenePart[]): ReadonlySet<string> =>
  new Set(parts.filter((part) => part.name === name).map(({ noun }) => noun));

/** Which pixels show the phrase: 0/1 per pixel of the part map. */
export function phraseMask({ parts }: ScenePhrase, partMap: Uint16Array): Uint8Array {
  const shows = new Uint8Array(2 ** 16);
  for (const id of parts) shows[id] = 1;
  const mask = new Uint8Array(partMap.length);
  for (let pixel = 0; pixel < mask.length; pixel++) mask[pixel] = shows[partMap[pixel]];
  return mask;
}
