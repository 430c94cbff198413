/** What a bowl of ramen is made of and eaten with. */
import type { ThingKind } from '../thing-kind.ts';
import { carrot } from './carrot.ts';
import { chopsticks } from './chopsticks.ts';
import { egg } from './egg.ts';
import { noodles } from './noodles.ts';
import { seaweed } from './seaweed.ts';
import { soup } from './soup.ts';
import { tomato } from './tomato.ts';

export const ramen: readonly ThingKind[] = [noodles, egg, seaweed, chopsticks, tomato, carrot, soup];
