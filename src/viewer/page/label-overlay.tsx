/**
 * Polygons over the picture. While one is drawn, the overlay takes pointer and keys: a press puts a corner where it is
 * released, on the first corner it closes the polygon; the arrow keys move a cursor and the space bar puts the corner.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { Corner } from '../labelling.ts';
import { leastCorners } from '../labelling.ts';
import { phraseColours } from '../looks.ts';
import {
  addCorner,
  cancelPolygon,
  closePolygon,
  cursor,
  draft,
  moveCursor,
  polygons,
  selectedPhrase,
  undoCorner,
} from './labels.ts';
import * as state from './state.ts';

/** CSS pixels around the first corner that close the polygon. */
const closingReach = { mouse: 12, touch: 24 };
/** Heights of the picture. */
const keyStep = { fine: 0.005, coarse: 0.04 };

export function LabelOverlay() {
  const camera = state.frame.value?.camera;
  if (!camera || (polygons.value.length === 0 && draft.value === undefined)) return null;
  return (
    <>
      <Outlines aspect={camera.width / camera.height} />
      {draft.value !== undefined && <DrawingSurface />}
    </>
  );
}

/** What fingers have no keys for, at the foot of the stage. */
export function DrawingBar() {
  if (draft.value === undefined) return null;
  const corners = draft.value.length;
  return (
    <div class="drawing-bar">
      <button type="button" class="primary" disabled={corners < leastCorners} onClick={closePolygon}>
        Close
      </button>
      <button type="button" disabled={corners === 0} onClick={undoCorner}>
        Undo corner
      </button>
      <button type="button" onClick={cancelPolygon}>
        Cancel
      </button>
    </div>
  );
}

/** The picture is 100 high. */
function Outlines({ aspect }: { aspect: number }) {
  const place = ([x, y]: Corner) => `${100 * (x + aspect / 2)},${100 * (y + 0.5)}`;
  const line = (corners: readonly Corner[]) => corners.map(place).join(' ');
  const drawn = draft.value ?? [];
  const trail = cursor.value && draft.value ? [...drawn, cursor.value] : drawn;
  return (
    <svg class="over labels" viewBox={`0 0 ${100 * aspect} 100`} preserveAspectRatio="none" aria-hidden="true">
      {polygons.value.map(({ phrase, corners }, index) => (
        <g key={`${index}`} style={{ color: colourOf(phrase) }} opacity={phrase === selectedPhrase.value ? 1 : 0.45}>
          <polygon points={line(corners)} />
        </g>
      ))}
      <g style={{ color: colourOf(selectedPhrase.value) }}>
        <polyline points={line(trail)} />
        {drawn.map((corner, index) => (
          // A line of no length is a dot whose size does not depend on the picture's.
          <path
            key={place(corner)}
            class={index === 0 && drawn.length >= leastCorners ? 'corner closing' : 'corner'}
            d={`M${place(corner)}h0`}
          />
        ))}
        {cursor.value && <path class="cursor" d={`M${place(cursor.value)}h0`} />}
      </g>
    </svg>
  );
}

function colourOf(phrase: string | undefined): string {
  const look = state.looks.value.phrases.find(({ text }) => text === phrase);
  return `rgb(${phraseColours[look?.colour ?? 0].join(' ')})`;
}

function DrawingSurface() {
  const surface = useRef<HTMLDivElement>(null);
  useEffect(() => {
    surface.current?.closest('.stage')?.scrollIntoView({ block: 'nearest' });
    surface.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div
      ref={surface}
      class="over drawing"
      role="application"
      aria-label={`Drawing around ${selectedPhrase.value}. Arrow keys move the cursor, space puts a corner, Backspace takes it back, Enter closes, Escape cancels.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys draw
      tabIndex={0}
      onPointerDown={(event) => {
        event.stopPropagation();
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        moveCursor(cornerUnder(event));
      }}
      onPointerMove={(event) => moveCursor(cornerUnder(event))}
      onPointerUp={(event) => {
        if (event.button !== 0) return;
        moveCursor(cornerUnder(event));
        if (isOnFirst(event)) closePolygon();
        else addCorner();
        // A finger hovers nowhere.
        if (event.pointerType === 'touch') cursor.value = undefined;
      }}
      onWheel={(event) => event.stopPropagation()}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={pressKey}
    />
  );
}

function cornerUnder(event: PointerEvent): Corner {
  const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
  const { camera } = state.frame.value!;
  const x = ((event.clientX - left) / width - 0.5) * (camera.width / camera.height);
  return [x, (event.clientY - top) / height - 0.5];
}

function isOnFirst(event: PointerEvent): boolean {
  const [first] = draft.value ?? [];
  if (first === undefined || draft.value!.length < leastCorners) return false;
  const { height } = (event.currentTarget as Element).getBoundingClientRect();
  const [x, y] = cornerUnder(event);
  const reach = event.pointerType === 'touch' ? closingReach.touch : closingReach.mouse;
  return Math.hypot(x - first[0], y - first[1]) * height <= reach;
}

const directions: Record<string, Corner> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function pressKey(event: KeyboardEvent): void {
  const { key } = event;
  const direction = directions[key];
  if (direction) {
    const step = event.shiftKey ? keyStep.coarse : keyStep.fine;
    const [x, y] = cursor.value ?? [0, 0];
    moveCursor([x + step * direction[0], y + step * direction[1]]);
  } else if (key === ' ') addCorner();
  else if (key === 'Enter') closePolygon();
  else if (key === 'Backspace' || (key === 'z' && (event.ctrlKey || event.metaKey))) undoCorner();
  else if (key === 'Escape') cancelPolygon();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
