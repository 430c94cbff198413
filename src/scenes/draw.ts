/** Random choices of a scene: one seeded sequence, so that a seed names a scene. */
import { randomUniform, streams } from '../math/random.ts';

export interface Draw {
  /** Uniform in [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  /** A whole number, both ends included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** An independent sequence: what is drawn there changes nothing here. */
  fork(name: number): Draw;
}

export function drawFrom(seed: number, path = 0): Draw {
  let counter = 0;
  const next = () => randomUniform(seed, streams.scene, path, counter++);
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    integer,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[integer(0, choices.length - 1)],
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(0, last);
        [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
      }
      return shuffled;
    },
    fork: (name) => drawFrom(seed, Math.imul(path + 1, 7919) + name + 1),
  };
}
