/**
 * Training scenes of the household encoder: any things, anywhere on some table in some light. Not one of the five
 * built-in scenes is among them, nor are their seeds: the encoder must know things, not scenes. Most are a few things
 * from near, because what the encoder lacks first is having seen many mugs; some are heaps, for clutter and small things.
 */

import type { Camera } from '../../src/math/camera.ts';
import { cameraAt } from '../../src/scenes/cameras.ts';
import { boundsOf, Table, topOf } from '../../src/scenes/compositions/composition.ts';
import { type Draw, drawFrom } from '../../src/scenes/draw.ts';
import type { PlacedThing, SceneDescription, Vec3 } from '../../src/scenes/scene.ts';
import { thingKinds } from '../../src/scenes/things/index.ts';

/** Far from the seeds that anyone gives to `langfield scene`. */
const seedOffset = 500_000_000;

export interface RandomScene extends SceneDescription {
  cameras: Camera[];
}

/** Numbers of things and views; half the width and depth of the place they stand in, cm; pixels. */
interface Style {
  things: readonly [number, number];
  spread: readonly [number, number];
  views: number;
  width: number;
  height: number;
}

const styles = {
  near: { things: [2, 5], spread: [19, 15], views: 3, width: 128, height: 96 },
  heap: { things: [7, 13], spread: [40, 28], views: 3, width: 224, height: 168 },
} as const satisfies Record<string, Style>;
const shareOfHeaps = 0.2;

const thingNouns = thingKinds.filter(({ stuff }) => !stuff).map(({ noun }) => noun);

/** Things that others stand on or lie in. */
const carriers = new Set('plate,tray,cutting board,book,box,napkin,bowl,pan,pillow,laptop'.split(','));
const riders = new Set(
  (
    'donut,cookie,apple,orange,banana,lemon,muffin,bread,cake,egg,mug,tomato,carrot,soup,noodles,rubber duck,ball,' +
    'phone,toy car,candle,teapot,spoon,pencil,scissors'
  ).split(','),
);

export function randomScene(index: number): RandomScene {
  const draw = drawFrom(seedOffset + index);
  const heap = draw.chance(shareOfHeaps);
  const style: Style = heap ? styles.heap : styles.near;
  const table = new Table(draw.fork(1));
  table.put('table', { at: [0, 0], yaw: draw.chance(0.7) ? 0 : Math.PI / 2 });
  table.put('wall', { at: [0, draw.between(heap ? 32 : 18, 85)] });
  table.put('floor', { at: [0, 0], on: -74 });
  const shelved = heap && draw.chance(0.3);
  if (shelved) table.put('shelf', { at: [0, 0] });
  const count = draw.integer(...style.things) + (shelved ? 6 : 0);
  const placed: PlacedThing[] = [];
  for (const noun of draw.shuffle(thingNouns).slice(0, count)) place(noun, table, placed, style, shelved, draw);
  return {
    name: `random-${index}`,
    things: table.things,
    ...randomLight(draw),
    cameras: Array.from({ length: style.views }, () => randomCamera(placed, draw, style, shelved)),
  };
}

function randomLight(draw: Draw): Pick<SceneDescription, 'light' | 'sky'> {
  const at = draw.between(0, 2 * Math.PI);
  const warm = draw.between(-0.06, 0.06);
  const key = draw.between(0.45, 0.75);
  const sky = draw.between(0.22, 0.4);
  return {
    light: {
      centre: [90 * Math.cos(at), -30 + 70 * Math.sin(at), draw.between(110, 180)],
      radius: draw.between(8, 34),
      colour: [key * (1 + warm), key, key * (1 - warm)],
    },
    sky: [sky * (1 - warm), sky, sky * (1 + warm)],
  };
}

/** Finds a free place, on the table or on something that carries; gives up after some tries. */
function place(
  noun: string,
  table: Table,
  placed: PlacedThing[],
  { spread: [width, depth] }: Style,
  shelved: boolean,
  draw: Draw,
): void {
  const size = draw.between(0.85, 1.2);
  const yaw = draw.chance(0.5) ? draw.between(-0.6, 0.6) : draw.between(0, 2 * Math.PI);
  const carrier =
    riders.has(noun) && draw.chance(0.35) ? placed.find(({ thing }) => carriers.has(thing.noun)) : undefined;
  if (carrier) {
    const hollow = carrier.thing.noun === 'bowl' || carrier.thing.noun === 'pan';
    const on = hollow ? Math.max(1.2, topOf(carrier) * 0.55) : topOf(carrier) - 0.1;
    const at = [carrier.at[0] + draw.between(-1, 1), carrier.at[1] + draw.between(-1, 1)] as const;
    placed.push(table.put(noun, { at, on, yaw, size }));
    return;
  }
  const candidate = table.put(noun, { at: [0, 0], yaw, size });
  for (let attempt = 0; attempt < 30; attempt++) {
    candidate.at = shelved
      ? [draw.between(-45, 45), draw.between(-6, 4), draw.pick([0, 32, 64])]
      : [draw.between(-width, width), draw.between(-depth, depth), 0];
    if (placed.every((other) => apart(candidate, other))) {
      placed.push(candidate);
      return;
    }
  }
  table.things.pop();
}

function apart(a: PlacedThing, b: PlacedThing): boolean {
  const [p, q] = [boundsOf(a), boundsOf(b)];
  const gap = 0.3;
  const beside = (axis: 'x' | 'y') => p.min[axis] > q.max[axis] + gap || q.min[axis] > p.max[axis] + gap;
  return beside('x') || beside('y') || p.min.z > q.max.z || q.min.z > p.max.z;
}

/** Looks at one of the things, from near or far. */
function randomCamera(placed: readonly PlacedThing[], draw: Draw, style: Style, shelved: boolean): Camera {
  const { min, max } = boundsOf(draw.pick(placed));
  const extent = Math.max(max.x - min.x, max.y - min.y, max.z - min.z);
  const aside = style === styles.heap ? 6 : 0.2 * extent;
  const target: Vec3 = [
    (min.x + max.x) / 2 + draw.between(-aside, aside),
    (min.y + max.y) / 2 + draw.between(-aside, aside),
    (min.z + max.z) / 2,
  ];
  const distance = style === styles.heap ? draw.between(28, 85) : Math.max(12, extent * draw.between(1.1, 2.8));
  const radians = (low: number, high: number) => (draw.between(low, high) * Math.PI) / 180;
  const azimuth = radians(-70, 70);
  const elevation = shelved ? radians(0, 30) : radians(8, 62);
  const eye: Vec3 = [
    target[0] + distance * Math.cos(elevation) * Math.sin(azimuth),
    target[1] - distance * Math.cos(elevation) * Math.cos(azimuth),
    Math.max(2, target[2] + distance * Math.sin(elevation)),
  ];
  return cameraAt(eye, target, style.width, style.height, draw.between(38, 55));
}
