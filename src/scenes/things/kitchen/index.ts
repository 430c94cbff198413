/** What stands about in a kitchen. */
import type { ThingKind } from '../thing-kind.ts';
import { basket } from './basket.ts';
import { bottle } from './bottle.ts';
import { cuttingBoard } from './cutting-board.ts';
import { jar } from './jar.ts';
import { kettle } from './kettle.ts';
import { knife } from './knife.ts';
import { pan } from './pan.ts';
import { pot } from './pot.ts';
import { shelf } from './shelf.ts';
import { tissueBox } from './tissue-box.ts';
import { toaster } from './toaster.ts';
import { tray } from './tray.ts';

export const kitchen: readonly ThingKind[] = [
  pot,
  pan,
  kettle,
  cuttingBoard,
  knife,
  bottle,
  jar,
  toaster,
  basket,
  tissueBox,
  tray,
  shelf,
];
