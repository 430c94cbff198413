import { Box3 } from 'three';
import { describe, expect, it } from 'vitest';
import { drawFrom } from '../draw.ts';
import type { Thing } from '../scene.ts';
import { thingKinds } from './index.ts';
import { makeThing, type ThingKind } from './thing-kind.ts';

/** A kind is drawn until all of its parts were seen, within these numbers of seeds. */
const [fewest, most] = [3, 12];

function expectSoundParts({ noun, parts }: Thing, seed: number): Box3 {
  const bounds = new Box3();
  for (const { geometry, finish } of parts) {
    for (const attribute of ['position', 'normal']) {
      const values = geometry.attributes[attribute].array;
      expect(values.every(Number.isFinite), `${attribute}s of ${noun}, seed ${seed}`).toBe(true);
    }
    expect(Math.min(...finish.paint.rgb)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...finish.paint.rgb)).toBeLessThanOrEqual(1);
    geometry.computeBoundingBox();
    bounds.union(geometry.boundingBox!);
  }
  return bounds;
}

/** It stands on the table, neither in it nor above it, and fits on it. */
function expectOnTable({ noun }: Thing, { min, max }: Box3, seed: number): void {
  expect(Math.abs(min.z), `foot of ${noun}, seed ${seed}`).toBeLessThan(0.6);
  expect(Math.max(...max.toArray(), ...min.clone().negate().toArray())).toBeLessThan(60);
}

function expectSound(kind: ThingKind): void {
  const seen = new Set<string>();
  const complete = () => kind.parts.every((name) => seen.has(name));
  for (let seed = 0; seed < most && (seed < fewest || !complete()); seed++) {
    const thing = makeThing(kind, drawFrom(seed));
    expect(thing.colours.length).toBeGreaterThan(0);
    const bounds = expectSoundParts(thing, seed);
    if (!kind.stuff) expectOnTable(thing, bounds, seed);
    for (const { name } of thing.parts) if (name !== undefined) seen.add(name);
  }
  expect([...seen].sort()).toEqual([...kind.parts].sort());
}

describe('kinds of things', () => {
  it('have nouns and synonyms of their own', () => {
    const words = thingKinds.flatMap(({ noun, synonyms }) => [noun, ...synonyms]);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  it.each(thingKinds.map((kind) => [kind.noun, kind] as const))(
    '%s: sound meshes, its parts and no others',
    (_, kind) => expectSound(kind),
  );

  it('are drawn from the seed alone, in the colour asked for', () => {
    for (const kind of thingKinds) {
      const numbers = (seed: number) =>
        makeThing(kind, drawFrom(seed)).parts.map(({ finish, geometry }) => [
          finish.paint.rgb,
          geometry.attributes.position.count,
        ]);
      const once = numbers(4);
      expect(numbers(4)).toEqual(once);
      expect(numbers(5)).not.toEqual(once);
    }
    const mug = thingKinds.find(({ noun }) => noun === 'mug')!;
    expect(makeThing(mug, drawFrom(1), { colour: 'purple' }).colours[0]).toBe('purple');
  });
});
