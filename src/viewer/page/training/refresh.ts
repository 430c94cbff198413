/**
 * How the picture follows a training. Rendering takes cores that training needs, where both are on one machine: while
 * steps are being taken pictures are small, and a new one is begun only after a rest of three times what the last took.
 */
import { effect } from '@preact/signals';
import { isTraining } from './state.ts';

/** Longest side of pictures that follow a training, pixels. */
const smallSide = 256;
const restFactor = 3;

let begun: number | undefined;
let restUntil = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The scene has changed: `show` is called when the next picture is due, with its longest side. */
export function followScene(show: (longestSide: number) => void): void {
  clearTimeout(timer);
  const run = () => {
    begun = performance.now();
    show(isTraining.value ? smallSide : Number.POSITIVE_INFINITY);
  };
  const rest = isTraining.value ? restUntil - performance.now() : 0;
  if (rest > 0) timer = setTimeout(run, rest);
  else run();
}

/** The picture that was begun last is as fine as it gets. */
export function pictureIsDone(): void {
  if (begun === undefined) return;
  const now = performance.now();
  restUntil = now + restFactor * (now - begun);
  begun = undefined;
}

/** Calls `show` whenever training pauses or ends: then there is time for the finest picture. */
export function sharpenWhenHalted(show: () => void): void {
  let before = false;
  effect(() => {
    const now = isTraining.value;
    if (before && !now) setTimeout(show, 0);
    before = now;
  });
}
