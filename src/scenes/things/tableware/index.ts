/** What stands on a table to eat and drink from. */
import type { ThingKind } from '../thing-kind.ts';
import { bowl } from './bowl.ts';
import { fork, spoon } from './cutlery.ts';
import { jug } from './jug.ts';
import { mug } from './mug.ts';
import { plate } from './plate.ts';
import { teapot } from './teapot.ts';

export const tableware: readonly ThingKind[] = [mug, plate, bowl, teapot, jug, spoon, fork];
