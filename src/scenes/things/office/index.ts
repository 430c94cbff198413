/** What is read, typed on, written with or kept on a desk. */
import type { ThingKind } from '../thing-kind.ts';
import { book } from './book.ts';
import { clock } from './clock.ts';
import { hand } from './hand.ts';
import { keyboard } from './keyboard.ts';
import { lamp } from './lamp.ts';
import { laptop } from './laptop.ts';
import { monitor } from './monitor.ts';
import { mouse } from './mouse.ts';
import { pencil } from './pencil.ts';
import { pencilHolder } from './pencil-holder.ts';
import { phone } from './phone.ts';
import { plant } from './plant.ts';
import { ruler } from './ruler.ts';
import { scissors } from './scissors.ts';

export const office: readonly ThingKind[] = [
  hand,
  lamp,
  scissors,
  clock,
  plant,
  book,
  keyboard,
  mouse,
  monitor,
  laptop,
  phone,
  pencil,
  pencilHolder,
  ruler,
];
