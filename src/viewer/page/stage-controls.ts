/**
 * Mouse, touch and keys on the stage. Drag orbits, shift or the right button pans, the wheel and a pinch come closer,
 * two fingers pan; keys do all of it as well.
 */
import { dolly, fly, look, orbit, pan, type ViewPoint } from '../view-point.ts';
import { goToPhoto, home, moveTo, pivotOnMiddle, stepPhoto } from './moves.ts';
import { photo, point } from './state.ts';

/** Radians per stage height of dragging. */
const orbitSpeed = 2.6;
const wheelSpeed = 0.0012;
const keyTurn = 0.06;
const keyStep = 0.05;

interface Finger {
  x: number;
  y: number;
}

function change(make: (from: ViewPoint) => ViewPoint): void {
  if (point.value) moveTo(make(point.value));
}

/** Attaches to the stage; returns a function that detaches. */
export function controlStage(stage: HTMLElement): () => void {
  const fingers = new Map<number, Finger>();
  const listening = new AbortController();
  const listen = <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => stage.addEventListener(type, listener, { ...options, signal: listening.signal });

  listen('pointerdown', (event) => {
    if ((event.target as Element).closest('button, [role=slider]')) return;
    if (fingers.size === 0) pivotOnMiddle();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    stage.setPointerCapture(event.pointerId);
    stage.focus({ preventScroll: true });
  });
  listen('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (fingers.size === 2) pinch(fingers, event.pointerId, now, stage.clientHeight);
    else drag(before, now, event, stage.clientHeight);
    fingers.set(event.pointerId, now);
  });
  for (const type of ['pointerup', 'pointercancel'] as const)
    listen(type, (event) => void fingers.delete(event.pointerId));
  listen(
    'wheel',
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      change((from) => dolly(from, Math.exp(event.deltaY * lines * wheelSpeed)));
    },
    { passive: false },
  );
  listen('contextmenu', (event) => event.preventDefault());
  listen('keydown', pressKey);
  return () => listening.abort();
}

function drag(before: Finger, now: Finger, event: PointerEvent, height: number): void {
  const [dx, dy] = [(now.x - before.x) / height, (now.y - before.y) / height];
  if (dx === 0 && dy === 0) return;
  if (event.shiftKey || (event.buttons & 6) !== 0) change((from) => pan(from, -dx, dy));
  else if (event.altKey) change((from) => look(from, -dx * 1.2, dy * 1.2));
  else change((from) => orbit(from, -dx * orbitSpeed, dy * orbitSpeed));
}

/** Two fingers: their distance brings closer, their middle pans. */
function pinch(fingers: ReadonlyMap<number, Finger>, moved: number, now: Finger, height: number): void {
  const [other] = [...fingers].filter(([id]) => id !== moved).map(([, finger]) => finger);
  const before = fingers.get(moved)!;
  const apart = (a: Finger, b: Finger) => Math.max(8, Math.hypot(a.x - b.x, a.y - b.y));
  const [dx, dy] = [(now.x - before.x) / 2 / height, (now.y - before.y) / 2 / height];
  change((from) => pan(dolly(from, apart(before, other) / apart(now, other)), -dx, dy));
}

const step = (by: Partial<Record<'right' | 'up' | 'forward', number>>) =>
  change((from) => {
    const size = keyStep * Math.max(0.2, from.pivot);
    const { right = 0, up = 0, forward = 0 } = by;
    return fly(from, { right: right * size, up: up * size, forward: forward * size });
  });

/** By what the keyboard says, so that layouts other than QWERTY find their letters. */
const keys: Record<string, () => void> = {
  ArrowLeft: () => change((from) => orbit(from, -keyTurn, 0)),
  ArrowRight: () => change((from) => orbit(from, keyTurn, 0)),
  ArrowUp: () => change((from) => orbit(from, 0, keyTurn)),
  ArrowDown: () => change((from) => orbit(from, 0, -keyTurn)),
  'shift+ArrowLeft': () => change((from) => pan(from, -0.05, 0)),
  'shift+ArrowRight': () => change((from) => pan(from, 0.05, 0)),
  'shift+ArrowUp': () => change((from) => pan(from, 0, 0.05)),
  'shift+ArrowDown': () => change((from) => pan(from, 0, -0.05)),
  '+': () => change((from) => dolly(from, 0.9)),
  '=': () => change((from) => dolly(from, 0.9)),
  '-': () => change((from) => dolly(from, 1 / 0.9)),
  w: () => step({ forward: 1 }),
  s: () => step({ forward: -1 }),
  a: () => step({ right: -1 }),
  d: () => step({ right: 1 }),
  e: () => step({ up: 1 }),
  q: () => step({ up: -1 }),
  h: () => home(),
  '[': () => stepPhoto(-1),
  ']': () => stepPhoto(1),
  p: () => goToPhoto(photo.value ?? 0),
};

function pressKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
  const arrow = event.key.startsWith('Arrow');
  const action = keys[arrow && event.shiftKey ? `shift+${event.key}` : arrow ? event.key : event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  if (arrow && !event.shiftKey && !event.repeat) pivotOnMiddle();
  action();
}
