/** What the page asks the session for: pictures of the present state, stills for films, engines, an encoder at hand. */
import type { Camera } from '../../math/camera.ts';
import { resizeCamera, viewCamera } from '../../math/views.ts';
import type { Looks } from '../looks.ts';
import { sharedPoint } from '../share-link.ts';
import type { EngineChoice } from '../session/engine-status.ts';
import type { Frame, Question, ViewRequest } from '../session/protocol.ts';
import { saveFragment } from './address.ts';
import type { SessionClient } from './session-client.ts';
import * as state from './state.ts';
import { sharpenWhenHalted } from './training/refresh.ts';

let session: SessionClient | undefined;
let requests = 0;
/** Phrases of the questions that are under way, by request. */
const questions = new Map<number, readonly string[]>();
let restTimer: ReturnType<typeof setTimeout> | undefined;
/** The still picture that is waited for. */
let still: { id: number; resolve(frame: Frame): void; reject(reason: Error): void } | undefined;

/** Time without a movement after which the camera counts as resting. */
const restMs = 140;

sharpenWhenHalted(() => request(false));

/** Pictures come from this session from now on; the one before is closed. */
export function connect(open: () => SessionClient): void {
  session?.close();
  still?.reject(new Error('The scene was opened anew.'));
  session = open();
}

/**
 * Asks for a picture of the present state, as fine as the visitor wants it or no larger than `longestSide`; `anew`:
 * features in the colours of this view.
 */
export function request(
  moving: boolean,
  { longestSide, anew = false }: { longestSide?: number; anew?: boolean } = {},
): void {
  // What is seen at rest is what the address brings back, to the last digit; a photo's camera has its number there.
  if (!moving && state.point.value && state.photo.value === undefined)
    state.point.value = sharedPoint(state.point.value);
  const camera = fullCamera(longestSide);
  if (!session || !camera || state.recording.value) return;
  const question = currentQuestion();
  const id = ++requests;
  questions.set(id, question?.phrases.map(({ text }) => text) ?? []);
  state.awaited.value = id;
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

function currentQuestion(): Question | undefined {
  const { phrases, negatives } = state.looks.value;
  if (phrases.length === 0 || state.scene.value?.cannotAsk !== undefined) return undefined;
  const fields = state.asksBoth.value ? [state.field.value, state.otherField.value] : [state.field.value];
  return { phrases: phrases.map(({ text, scale }) => ({ text, scale })), negatives, fields };
}

/** The camera of the finest picture: the photo's own, or a pinhole that fills the stage. */
function fullCamera(longestSide = Number.POSITIVE_INFINITY): Camera | undefined {
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

/** The phrases that the picture of a request answers; older requests are over. */
export function phrasesOf(id: number): readonly string[] {
  const phrases = questions.get(id) ?? [];
  for (const older of questions.keys()) if (older < id) questions.delete(older);
  return phrases;
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

/** Hands a picture to who waits for it as a still. */
export function takeStill(frame: Frame): void {
  if (frame.id === still?.id) still.resolve(frame);
}

/** Gives up the still picture, if one is waited for; with a request: if it is that of this request. */
export function cancelStill(reason: string, id = still?.id): void {
  if (id === still?.id) still?.reject(new Error(reason));
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
