/** The parts of a scene, numbered: what the values of instance and part maps mean. */
import type { PlacedThing } from './scene.ts';

/** A part of a placed thing. Parts of one name in one thing are one part; those without a name are the body. */
export interface ScenePart {
  /** ≥ 1; the value in part maps. */
  id: number;
  /** ≥ 1; the value in instance maps. */
  instance: number;
  /** The word, absent for the body. */
  name?: string;
  noun: string;
}

/** All parts in the order of their ids. */
export function sceneParts(things: readonly PlacedThing[]): ScenePart[] {
  const parts: ScenePart[] = [];
  for (const [index, { thing }] of things.entries())
    for (const name of new Set(thing.parts.map((part) => part.name)))
      parts.push({ id: parts.length + 1, instance: index + 1, name, noun: thing.noun });
  return parts;
}
