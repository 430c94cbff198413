/** Toys. */
import type { ThingKind } from '../thing-kind.ts';
import { ball } from './ball.ts';
import { blocks } from './blocks.ts';
import { rubberDuck } from './rubber-duck.ts';
import { teddyBear } from './teddy-bear.ts';
import { toyCar } from './toy-car.ts';
import { toyElephant } from './toy-elephant.ts';
import { toyRobot } from './toy-robot.ts';
import { toySheep } from './toy-sheep.ts';

export const toys: readonly ThingKind[] = [
  teddyBear,
  toyElephant,
  toySheep,
  toyCar,
  ball,
  rubberDuck,
  toyRobot,
  blocks,
];
