/** Everything the page shows, as signals. What a visitor does and what the session says changes them; components read them. */
import { computed, signal } from '@preact/signals';
import type { UnknownWords } from '../../query/known-words.ts';
import { findPlaces, type Place } from '../../query/peaks.ts';
import { type FeatureKind, type Looks, plainLooks } from '../looks.ts';
import type { Frame, SceneSummary } from '../session/protocol.ts';
import type { ViewPoint } from '../view-point.ts';

export const scene = signal<SceneSummary | undefined>(undefined);
export const looks = signal<Looks>(plainLooks);
export const point = signal<ViewPoint | undefined>(undefined);
/** Index of the photo whose camera is looked through, until the visitor moves. */
export const photo = signal<number | undefined>(undefined);
export const frame = signal<Frame | undefined>(undefined);
/** Phrases of the question that the frame answers. */
export const asked = signal<readonly string[]>([]);
/** The request whose finest picture is waited for; none: what is shown is what was asked for. */
export const awaited = signal<number | undefined>(0);
export const unknownWords = signal<readonly UnknownWords[]>([]);
export const meaningless = signal<readonly string[]>([]);
export const fatal = signal<string | undefined>(undefined);
/** Why the phrases are not answered, or the last picture was not made. */
export const trouble = signal<string | undefined>(undefined);
export const busy = signal<{ what: string; done: number; total: number } | undefined>({
  what: 'loading the scene',
  done: 0,
  total: 0,
});
/** A film is being rendered, picture by picture: the camera belongs to it. */
export const recording = signal(false);
/** Said to screen readers, and shown for a moment. */
export const notice = signal('');
/** CSS pixels of the place for the picture. */
export const stageSize = signal({ width: 0, height: 0 });
/** The pixel under the pointer. */
export const hovered = signal<{ row: number; col: number } | undefined>(undefined);

/** Index of the language field that is asked. */
export const field = computed(() => indexOfField(looks.value.field) ?? 0);

/** What the layer of features shows: CLIP embeddings where the field has no DINO features. */
export const featureKind = computed<FeatureKind>(() =>
  scene.value?.hasFeatures[field.value] ? looks.value.features : 'clip',
);

/** Index of the field on the other side of the divider. */
export const otherField = computed(() => {
  const count = scene.value?.fields.length ?? 0;
  const other = indexOfField(looks.value.otherField);
  return other !== undefined && other !== field.value ? other : (field.value + 1) % Math.max(1, count);
});

const severalFields = computed(() => (scene.value?.fields.length ?? 0) > 1);

/** Two fields behind a divider. */
export const comparesFields = computed(() => looks.value.comparison === 'field' && severalFields.value);

/** One field minus the other, for the selected phrase. */
export const showsDifference = computed(() => looks.value.comparison === 'difference' && severalFields.value);

/** Both fields have to be asked. */
export const asksBoth = computed(() => comparesFields.value || showsDifference.value);

export const comparesPhoto = computed(
  () =>
    looks.value.comparison === 'photo' &&
    photo.value !== undefined &&
    scene.value?.photos[photo.value]?.available === true,
);

function indexOfField(name: string | undefined): number | undefined {
  const index = scene.value?.fields.indexOf(name ?? '') ?? -1;
  return index < 0 ? undefined : index;
}

/** The answer to a phrase in the frame that is shown. */
export function answerTo(text: string) {
  return frame.value?.fields[0]?.phrases[asked.value.indexOf(text)];
}

/** Places of the selected phrase in the frame that is shown. */
export const places = computed<Place[]>(() => {
  const selected = looks.value.phrases[looks.value.selected];
  const shown = frame.value;
  const answer = selected && answerTo(selected.text);
  if (!shown || !answer?.found || !selected.visible) return [];
  return findPlaces(shown.camera, answer.relevancy, shown.appearance.depth, { threshold: looks.value.threshold });
});
