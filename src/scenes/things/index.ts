/** Every kind of thing, by its noun. */
import { food } from './food/index.ts';
import { furniture } from './furniture/index.ts';
import { kitchen } from './kitchen/index.ts';
import { office } from './office/index.ts';
import { ramen } from './ramen/index.ts';
import { stuff } from './stuff/index.ts';
import { tableware } from './tableware/index.ts';
import type { ThingKind } from './thing-kind.ts';
import { toys } from './toys/index.ts';

export const thingKinds: readonly ThingKind[] = [
  ...stuff,
  ...tableware,
  ...food,
  ...kitchen,
  ...ramen,
  ...office,
  ...toys,
  ...furniture,
];

const byNoun = new Map(thingKinds.map((kind) => [kind.noun, kind]));

/** @throws Error for a noun that does not exist: scenes are code, not input */
export function thingKind(noun: string): ThingKind {
  const kind = byNoun.get(noun);
  if (!kind) throw new Error(`there is no thing called "${noun}"`);
  return kind;
}
