/** A handle between two pictures: drag it, or move it with the arrow keys. */

export interface DividerProps {
  /** Of the left and the right picture. */
  labels: readonly [string, string];
  onMove(position: number): void;
}

import { looks } from './state.ts';

const keyStep = 0.02;

export function Divider({ labels, onMove }: DividerProps) {
  const position = looks.value.divider;
  const move = (to: number) => onMove(Math.min(1, Math.max(0, to)));
  const drag = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = handle.parentElement!.getBoundingClientRect();
    move((event.clientX - box.left) / box.width);
  };
  const press = (event: KeyboardEvent) => {
    const to = { ArrowLeft: position - keyStep, ArrowRight: position + keyStep, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(to);
  };
  return (
    <>
      <span class="side left">{labels[0]}</span>
      <span class="side right">{labels[1]}</span>
      <div
        class="divider"
        role="slider"
        tabIndex={0}
        aria-label={`Divider between ${labels[0]} and ${labels[1]}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * position)}
        style={{ left: `${100 * position}%` }}
        onPointerDown={(event) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={press}
      />
    </>
  );
}
