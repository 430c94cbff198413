/** The built-in scenes by name. */
import { LangfieldError } from '../../errors.ts';
import { drawFrom } from '../draw.ts';
import type { Arranged, Composition } from './composition.ts';
import { donuts } from './donuts.ts';
import { handDesk } from './hand-desk.ts';
import { kitchenShelf } from './kitchen-shelf.ts';
import { ramenBowl } from './ramen-bowl.ts';
import { teaTime } from './tea-time.ts';

export const compositions: readonly Composition[] = [teaTime, donuts, kitchenShelf, ramenBowl, handDesk];

/** @throws LangfieldError when there is no scene of this name */
export function composition(name: string): Composition {
  const found = compositions.find((each) => each.name === name);
  if (!found)
    throw new LangfieldError({
      problem: `there is no built-in scene called "${name}"`,
      expected: compositions.map((each) => each.name).join(', '),
      advice: 'Give one of these names',
    });
  return found;
}

/** The same name and seed give the same scene. @throws LangfieldError when there is no scene of this name */
export function composeScene(name: string, seed: number): Arranged {
  return { name, ...composition(name).arrange(drawFrom(seed, 11)) };
}
