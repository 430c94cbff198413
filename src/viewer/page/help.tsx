/** Keys and gestures, and what renders. */
import type { RefObject } from 'preact';
import { AboutEngine } from './engine.tsx';

const rows: readonly [string, string][] = [
  ['Drag, arrow keys', 'orbit around what is in the middle'],
  ['Shift-drag, right button, two fingers', 'pan'],
  ['Wheel, pinch, + and −', 'come closer, go back'],
  ['Alt-drag', 'look around'],
  ['W A S D, E and Q', 'fly; up and down'],
  ['H', 'home'],
  ['[ and ]', 'photo before and after'],
  ['/', 'search'],
];

export function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} class="card help" aria-labelledby="help-title">
      <h2 id="help-title">Keys and gestures</h2>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <AboutEngine />
      <button type="button" class="primary" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
