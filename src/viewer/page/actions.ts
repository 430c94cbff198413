/** What a visitor can do, and what messages of the session do to the page. */
import { batch } from '@preact/signals';
import type { Camera } from '../../math/camera.ts';
import { fieldOfView, resizeCamera, viewCamera } from '../../math/views.ts';
import { parsePhrases } from '../../query/phrases.ts';
import { type Looks, longestPhrase, mostPhrases, type PhraseLook, phraseColours } from '../looks.ts';
import type { EngineChoice } from '../session/engine-status.ts';
import type { Frame, FromSession, Question, ViewRequest } from '../session/protocol.ts';
import { readFragment, writeFragment } from '../share-link.ts';
import { between, distanceTo, lookAt, type ViewPoint } from '../view-point.ts';
import { engineChoice, engineStatus } from './engine.tsx';
import { sceneBase } from './scene-base.ts';
import { openSession, type SessionClient } from './session-client.ts';
import * as state from './state.ts';
import { followScene, pictureIsDone, sharpenWhenHalted } from './training/refresh.ts';
import { followTraining } from './training/state.ts';

let session: SessionClient | undefined;
let requests = 0;
/** Phrases of the questions that are under way, by request. */
const questions = new Map<number, readonly string[]>();
let restTimer: ReturnType<typeof setTimeout> | undefined;
let animation = 0;

/** Time without a movement after which the camera counts as resting. */
const restMs = 140;

sharpenWhenHalted(() => request(false));
/** The still picture that is waited for. */
let still: { id: number; resolve(frame: Frame): void; reject(reason: Error): void } | undefined;

export function start(base = sceneBase): void {
  session?.close();
  still?.reject(new Error('The scene was opened anew.'));
  batch(() => {
    state.fatal.value = undefined;
    state.trouble.value = undefined;
    engineStatus.value = undefined;
    state.busy.value = { what: 'loading the scene', done: 0, total: 0 };
  });
  session = openSession(base, engineChoice.value, receive);
}

function receive(message: FromSession): void {
  batch(() => {
    // An encoder that is fetched ahead of a question is nothing to wait for.
    if (message.kind === 'loading' && state.scene.value && state.looks.value.phrases.length === 0) return;
    if (message.kind === 'loading' || message.kind === 'progress') {
      const { what, done, total } = message;
      state.busy.value = { what: message.kind === 'loading' ? `loading ${what}` : what, done, total };
    } else if (message.kind === 'opened') opened(message);
    else if (message.kind === 'training') followTraining(message.waiting);
    else if (message.kind === 'engine') {
      engineStatus.value = message.status;
      if (message.status.note !== undefined) state.notice.value = message.status.note;
    } else if (message.kind === 'refreshed') refreshed();
    else if (message.kind === 'replaced') start();
    else if (message.kind === 'words') {
      state.unknownWords.value = message.unknown;
      state.meaningless.value = message.meaningless;
    } else if (message.kind === 'frame') showFrame(message);
    else failed(message);
  });
}

function refreshed(): void {
  state.notice.value = 'The scene was trained further';
  followScene((longestSide) => request(false, { longestSide }));
}

function opened({ scene }: Extract<FromSession, { kind: 'opened' }>): void {
  state.scene.value = scene;
  state.busy.value = undefined;
  document.title = `${scene.name} – langfield`;
  if (state.point.value === undefined) applyFragment(location.hash);
  else request(false);
}

function showFrame({ frame }: Extract<FromSession, { kind: 'frame' }>): void {
  state.frame.value = frame;
  state.asked.value = questions.get(frame.id) ?? [];
  if (frame.id === still?.id) still.resolve(frame);
  for (const id of questions.keys()) if (id < frame.id) questions.delete(id);
  if (!frame.final) return;
  pictureIsDone();
  state.busy.value = undefined;
  announce();
}

function announce(): void {
  const { phrases, selected } = state.looks.value;
  const phrase = phrases[selected];
  const answer = phrase && state.answerTo(phrase.text);
  if (!answer) return;
  const count = state.places.value.length;
  const found = `${phrase.text}: found at ${count} ${count === 1 ? 'place' : 'places'}`;
  state.notice.value = answer.found ? found : `${phrase.text}: not found in this view`;
}

function failed({ id, scope, message }: Extract<FromSession, { kind: 'failed' }>): void {
  if (scope === 'fatal' || id === still?.id) still?.reject(new Error(message));
  state.busy.value = undefined;
  if (scope === 'fatal') state.fatal.value = message;
  else state.trouble.value = message;
}

/** Takes over the state of a shared address. */
export function applyFragment(fragment: string): void {
  const shared = readFragment(fragment);
  batch(() => {
    state.looks.value = shared.looks;
    if (shared.photo !== undefined && state.scene.value?.photos[shared.photo]) goToPhoto(shared.photo, false);
    else if (shared.point) setPoint(shared.point, false);
    else home(false);
  });
  request(false);
}

/** A picture of the present phrases from another camera, in full; while one is waited for, nothing else is shown. */
export function renderStill(camera: Camera): Promise<Frame> {
  const id = ++requests;
  const question = currentQuestion();
  questions.set(id, question?.phrases.map(({ text }) => text) ?? []);
  const waiting = new Promise<Frame>((resolve, reject) => {
    still = { id, resolve, reject };
  });
  session?.show({ id, camera, moving: false, still: true, question, features: wantedFeatures() });
  return waiting.finally(() => {
    still = undefined;
  });
}

/** Gives up the still picture, if one is waited for. */
export const cancelStill = (reason: string): void => still?.reject(new Error(reason));

/**
 * Asks for a picture of the present state, as fine as the visitor wants it or no larger than `longestSide`; `anew`:
 * features in the colours of this view.
 */
export function request(
  moving: boolean,
  { longestSide, anew = false }: { longestSide?: number; anew?: boolean } = {},
): void {
  const camera = fullCamera(longestSide);
  if (!session || !camera || state.recording.value) return;
  const question = currentQuestion();
  const id = ++requests;
  questions.set(id, question?.phrases.map(({ text }) => text) ?? []);
  state.trouble.value = undefined;
  const message: ViewRequest = { id, camera, moving, question, features: wantedFeatures(anew) };
  session.show(message);
  clearTimeout(restTimer);
  if (moving) restTimer = setTimeout(() => request(false), restMs);
  else saveFragment();
}

function wantedFeatures(anew = false): ViewRequest['features'] {
  const { layer, featureScale } = state.looks.value;
  if (layer !== 'features' || !state.scene.value?.fields.length) return undefined;
  return { kind: state.featureKind.value, field: state.field.value, scale: featureScale, anew };
}

function saveFragment(): void {
  const fragment = shareFragment();
  if (`#${fragment}` !== location.hash) history.replaceState(null, '', fragment === '' ? '#' : `#${fragment}`);
}

export const shareFragment = (): string =>
  writeFragment({ looks: state.looks.value, point: state.point.value, photo: state.photo.value });

function currentQuestion(): Question | undefined {
  const { phrases, negatives } = state.looks.value;
  if (phrases.length === 0 || state.scene.value?.cannotAsk !== undefined) return undefined;
  const fields = state.asksBoth.value ? [state.field.value, state.otherField.value] : [state.field.value];
  return { phrases: phrases.map(({ text, scale }) => ({ text, scale })), negatives, fields };
}

/** The camera of the finest picture: the photo's own, or a pinhole that fills the stage. */
export function fullCamera(longestSide = Number.POSITIVE_INFINITY): Camera | undefined {
  const { width, height } = state.stageSize.value;
  const point = state.point.value;
  if (!point || width < 2 || height < 2) return undefined;
  const longSide = Math.min(longestSide, state.looks.value.longSide, Math.max(width, height) * devicePixelRatio);
  const through = state.photo.value === undefined ? undefined : state.scene.value?.photos[state.photo.value]?.camera;
  if (through) {
    const enlarge = longSide / Math.max(through.width, through.height);
    return resizeCamera(through, Math.round(through.width * enlarge), Math.round(through.height * enlarge));
  }
  const shrink = longSide / Math.max(width, height);
  const side = (length: number) => Math.max(1, Math.round(length * shrink));
  return viewCamera(point.pose, side(width), side(height), point.fov);
}

/** The camera was moved by the visitor: it is no longer a photo's. */
export function moveTo(point: ViewPoint): void {
  if (state.recording.value) return;
  cancelAnimationFrame(animation);
  setPoint(point, true);
}

function setPoint(point: ViewPoint, moving: boolean): void {
  batch(() => {
    state.point.value = point;
    state.photo.value = undefined;
  });
  if (moving) request(true);
}

/** Distance of what is seen in the middle, so that orbiting turns around it. */
export function pivotOnMiddle(): void {
  const frame = state.frame.value;
  const point = state.point.value;
  if (!frame || !point) return;
  const { width, height, depth, accumulation } = frame.appearance;
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  if (accumulation[middle] > 0.5 && depth[middle] > 0.01) state.point.value = { ...point, pivot: depth[middle] };
}

export function home(animate = true): void {
  const photos = state.scene.value?.photos ?? [];
  if (photos.length === 0) return;
  const held = photos.findIndex(({ split }) => split === 'test');
  const { camera } = photos[Math.max(0, held)];
  goTo(pointOf(camera), animate);
}

export function goToPhoto(index: number, animate = true): void {
  const camera = state.scene.value?.photos[index]?.camera;
  if (!camera) return;
  goTo(pointOf(camera), animate, index);
}

const pointOf = (camera: Camera): ViewPoint => ({
  pose: camera.cameraToWorld,
  pivot: state.point.value?.pivot ?? 1,
  fov: Math.min(110, Math.max(10, fieldOfView(camera).vertical)),
});

/** The photo before or after; the first or last one from anywhere else. */
export function stepPhoto(step: 1 | -1): void {
  const count = state.scene.value?.photos.length ?? 0;
  if (count === 0) return;
  const from = state.photo.value ?? (step > 0 ? -1 : 0);
  goToPhoto((from + step + count) % count);
}

export function flyTo(target: readonly [number, number, number]): void {
  const point = state.point.value;
  if (!point) return;
  goTo(lookAt(point, target, Math.max(0.15, 0.55 * distanceTo(point, target))));
}

export function goTo(target: ViewPoint, animate = true, photo?: number): void {
  if (state.recording.value) return;
  cancelAnimationFrame(animation);
  const from = state.point.value;
  const arrive = () => {
    batch(() => {
      state.point.value = target;
      state.photo.value = photo;
    });
    request(false);
  };
  if (!animate || !from || matchMedia('(prefers-reduced-motion: reduce)').matches) {
    arrive();
    return;
  }
  const began = performance.now();
  const step = () => {
    const share = Math.min(1, (performance.now() - began) / 450);
    if (share >= 1) {
      arrive();
      return;
    }
    setPoint(between(from, target, share * share * (3 - 2 * share)), true);
    animation = requestAnimationFrame(step);
  };
  step();
}

export function setFov(fov: number): void {
  const point = state.point.value;
  if (point) moveTo({ ...point, fov });
}

/** Changes what is shown; `anew`: the picture itself has to be rendered again. */
export function setLooks(change: Partial<Looks>, anew = false): void {
  state.looks.value = { ...state.looks.value, ...change };
  if (anew) request(false);
  else saveFragment();
}

export const chooseEngine = (choice: EngineChoice): void => session?.chooseEngine(choice);

/** The visitor turns to the search box. */
export function prepareToAsk(): void {
  if (state.scene.value?.cannotAsk === undefined) session?.prepare();
}

/** Adds what stands in the search box; several phrases are separated by semicolons. */
export function ask(text: string): void {
  if (text.trim().replaceAll(';', '') === '') return;
  const { phrases } = state.looks.value;
  const known = phrases.map((phrase) => phrase.text);
  const typed = parsePhrases(text).phrases.map((phrase) => phrase.slice(0, longestPhrase));
  const fresh = typed.filter((phrase) => !known.includes(phrase)).slice(0, mostPhrases - phrases.length);
  const next = [...phrases];
  for (const phrase of fresh) next.push({ text: phrase, colour: freeColour(next), visible: true, opacity: 1 });
  const selected = next.findIndex((phrase) => phrase.text === typed[0]);
  const { layer } = state.looks.value;
  state.notice.value = `Looking for ${typed.join(', ')}`;
  setLooks(
    {
      phrases: next.map((phrase) => (typed.includes(phrase.text) ? { ...phrase, visible: true } : phrase)),
      selected: Math.max(0, selected),
      layer: layer === 'relevancy' ? layer : 'phrases',
    },
    true,
  );
}

function freeColour(phrases: readonly PhraseLook[]): number {
  const uses = phraseColours.map((_, colour) => phrases.filter((phrase) => phrase.colour === colour).length);
  return uses.indexOf(Math.min(...uses));
}

export function changePhrase(index: number, change: Partial<PhraseLook>): void {
  const phrases = state.looks.value.phrases.map((phrase, i) => (i === index ? { ...phrase, ...change } : phrase));
  setLooks({ phrases }, 'scale' in change);
}

export function removePhrase(index: number): void {
  const { phrases, selected } = state.looks.value;
  const left = phrases.filter((_, i) => i !== index);
  const next = selected > index || selected >= left.length ? Math.max(0, selected - 1) : selected;
  setLooks({ phrases: left, selected: next }, true);
}

export function replacePhrase(index: number, text: string): void {
  const { phrases } = state.looks.value;
  if (phrases.some((phrase) => phrase.text === text)) {
    removePhrase(index);
    return;
  }
  const changed = phrases.map((phrase, i) => (i === index ? { ...phrase, text, scale: undefined } : phrase));
  setLooks({ phrases: changed, selected: index }, true);
}
