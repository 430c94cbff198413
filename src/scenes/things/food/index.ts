/** What is eaten and drunk. */
import type { ThingKind } from '../thing-kind.ts';
import { apple } from './apple.ts';
import { banana } from './banana.ts';
import { bread } from './bread.ts';
import { cake } from './cake.ts';
import { lemon, orange } from './citrus.ts';
import { cookie } from './cookie.ts';
import { donut } from './donut.ts';
import { milkCarton } from './milk-carton.ts';
import { muffin } from './muffin.ts';

export const food: readonly ThingKind[] = [
  cake,
  bread,
  donut,
  cookie,
  muffin,
  apple,
  orange,
  banana,
  lemon,
  milkCarton,
];
