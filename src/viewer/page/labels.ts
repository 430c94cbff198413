/** Labels of the page: the polygon that is being drawn, and the finished ones of every view that was labelled. */
import { computed, effect, signal } from '@preact/signals';
import { fieldOfView } from '../../math/views.ts';
import { type Corner, clampCorner, type DrawnPolygon, labelledName, labelViewOf, leastCorners } from '../labelling.ts';
import * as state from './state.ts';

/** Corners of the polygon that is being drawn; undefined when none is. */
export const draft = signal<readonly Corner[] | undefined>(undefined);
/** Where the next corner would go: under the pointer, or where the arrow keys have moved it. */
export const cursor = signal<Corner | undefined>(undefined);
const labelled = signal<ReadonlyMap<string, readonly DrawnPolygon[]>>(new Map());

/** The view that labels belong to; they are there again when the camera is back. */
const viewKey = computed(() => {
  if (state.photo.value !== undefined) return `photo ${state.photo.value}`;
  const { point } = state;
  return point.value ? [point.value.fov, ...point.value.pose].join() : '';
});

/** Of the present view, all phrases. */
export const polygons = computed(() => labelled.value.get(viewKey.value) ?? []);

export const selectedPhrase = computed(() => state.looks.value.phrases[state.looks.value.selected]?.text);

// A polygon belongs to one view and one phrase.
effect(() => {
  viewKey.value;
  selectedPhrase.value;
  draft.value = undefined;
  cursor.value = undefined;
});

/** The photo's own name and size, or those of the picture. */
export const labelView = computed(() => {
  const { scene, photo, frame } = state;
  const through = photo.value === undefined ? undefined : scene.value?.photos[photo.value];
  if (!through) return frame.value && labelViewOf('view.png', polygons.value, sizeOf(frame.value.camera));
  const names = scene.value!.photos.map(({ name }) => name);
  return labelViewOf(labelledName(through.name, names), polygons.value, sizeOf(through.camera));
});

/** The picture is of the view that is labelled, not still of the one before. */
export const pictureIsOfView = computed(() => {
  const camera = state.frame.value?.camera;
  const point = state.point.value;
  if (!camera || !point?.pose.every((value, i) => value === camera.cameraToWorld[i])) return false;
  return state.photo.value !== undefined || Math.abs(fieldOfView(camera).vertical - point.fov) < 1e-6;
});

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

export function startPolygon(): void {
  draft.value = [];
  cursor.value = undefined;
}

export function cancelPolygon(): void {
  draft.value = undefined;
  cursor.value = undefined;
}

export function undoCorner(): void {
  if (draft.value) draft.value = draft.value.slice(0, -1);
}

export function moveCursor(corner: Corner): void {
  const camera = state.frame.value?.camera;
  if (camera) cursor.value = clampCorner(corner, camera);
}

/** Puts a corner where the cursor is. */
export function addCorner(): void {
  if (draft.value && cursor.value) draft.value = [...draft.value, cursor.value];
}

export function closePolygon(): void {
  const phrase = selectedPhrase.value;
  if (!draft.value || phrase === undefined) return;
  if (draft.value.length < leastCorners) {
    state.notice.value = `A polygon has at least ${leastCorners} corners`;
    return;
  }
  setPolygons([...polygons.value, { phrase, corners: draft.value }]);
  state.notice.value = `Labelled ${phrase}`;
  cancelPolygon();
}

export function removePolygon(polygon: DrawnPolygon): void {
  setPolygons(polygons.value.filter((each) => each !== polygon));
}

function setPolygons(next: readonly DrawnPolygon[]): void {
  labelled.value = new Map(labelled.value).set(viewKey.value, next);
}
