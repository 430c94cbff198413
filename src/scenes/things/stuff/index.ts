/** What things stand on and in front of. Not things: they have no outline of their own in a photo. */
import type { ThingKind } from '../thing-kind.ts';
import { floor, wall } from './room.ts';
import { table } from './table.ts';

export const stuff: readonly ThingKind[] = [table, wall, floor];
